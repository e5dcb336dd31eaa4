import { constants, fchmodSync, fstatSync, fsyncSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { isErrno } from '../errno.ts'
import { InsecureJailPath } from '../errors.ts'
import {
  close,
  makeDirectoryAt,
  openAt,
  openBeneath,
  openTop,
  removeDirectoryAt,
  renameAt,
  unlinkAt,
} from './beneath-calls.ts'

/**
 * Files below a directory that somebody else may change at any moment: a jail's root, while the jail runs. Every name is
 * looked up in the descriptor of the directory before it, and a link is never followed, so that nothing can be put
 * into the way between a look and the deed. Linux does the walk in one call (openat2, RESOLVE_BENEATH).
 * All throw InsecureJailPath where a link, or no directory, is on the way; `path` is absolute and below `root`.
 */

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY

/** The text of a file; null when there is none. */
export function readTextBeneath(root: string, path: string): string | null {
  return beneath(root, path, null, (directory, name) => {
    const file = ifThere(() => openAt(directory, name, constants.O_RDONLY | constants.O_NONBLOCK))
    if (file === null) return null
    return closing(file, () => {
      // A pipe or a device would be read for ever.
      if (!fstatSync(file).isFile()) throw new InsecureJailPath({ path, reason: 'it is no plain file' })
      return readFileSync(file, 'utf8')
    })
  })
}

/**
 * Atomic: readers see the old content or the new one. A link at the path itself is refused, and stays. `mode` is for a file
 * that is new; `temporary` is what it is called while it is written.
 */
export function writeTextBeneath(
  root: string,
  path: string,
  content: string,
  { mode, temporary = `.${process.pid}-${Date.now()}.new` }: { mode: number; temporary?: string },
): void {
  beneath(root, path, undefined, (directory, name) => {
    const there = ifThere(() => openAt(directory, name, constants.O_RDONLY | constants.O_NONBLOCK))
    const kept = there === null ? mode : closing(there, () => fstatSync(there).mode & 0o7777)
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
    const file = openAt(directory, temporary, flags, kept)
    try {
      closing(file, () => {
        // The mode was cut by this process's umask.
        fchmodSync(file, kept)
        writeFileSync(file, content)
        fsyncSync(file)
      })
      renameAt(directory, temporary, name)
    } catch (error) {
      ifThere(() => unlinkAt(directory, temporary))
      throw error
    }
  })
}

/** Nothing happens when it is not there; a link is removed and not what it leads to. */
export function removeBeneath(root: string, path: string): void {
  beneath(root, path, null, (directory, name) => ifThere(() => unlinkAt(directory, name)))
}

/** Takes an empty directory away; nothing happens when it is not there, or is not empty. */
export function removeDirectoryBeneath(root: string, path: string): void {
  try {
    beneath(root, path, null, (directory, name) => ifThere(() => removeDirectoryAt(directory, name)))
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST', 'EBUSY')) throw error
  }
}

/** The directories that are missing on the way to `path`, itself included, outermost first. */
export function missingBeneath(root: string, path: string): string[] {
  const missing: string[] = []
  for (let at = path; at !== root; at = dirname(at)) {
    const kind = kindBeneath(root, at)
    if (kind === 'file') throw new InsecureJailPath({ path, reason: `${at} is no directory` })
    if (kind === 'directory') break
    missing.unshift(at)
  }
  return missing
}

/** Makes one directory; EEXIST when something is there. */
export function makeDirectoryBeneath(root: string, path: string, mode: number): void {
  beneath(root, path, undefined, (directory, name) => makeDirectoryAt(directory, name, mode))
}

/** What is at the path: `null` when nothing is; a link is refused like everywhere here. */
export function kindBeneath(root: string, path: string): 'directory' | 'file' | null {
  return beneath(root, path, null, (directory, name) => {
    const found = ifThere(() => openAt(directory, name, constants.O_RDONLY | constants.O_NONBLOCK))
    if (found === null) return null
    return closing(found, () => (fstatSync(found).isDirectory() ? 'directory' : 'file'))
  })
}

/** Runs `use` with the directory that holds `path`; `missing` is the answer when that directory is not there. */
function beneath<T>(
  root: string,
  path: string,
  missing: T | undefined,
  use: (directory: number, name: string) => T,
): T {
  const parts = partsOf(root, path)
  const name = parts.pop() as string
  try {
    return closing(openDirectory(root, parts), (directory) => use(directory, name))
  } catch (error) {
    if (missing !== undefined && isErrno(error, 'ENOENT')) return missing
    throw explained(error, path)
  }
}

function openDirectory(root: string, parts: readonly string[]): number {
  if (process.platform !== 'linux' || parts.length === 0) return openByName(root, parts)
  const top = openTop(root)
  try {
    return openBeneath(top, parts.join('/'), DIRECTORY)
  } catch (error) {
    // An old kernel, or a sandbox that does not know the call.
    if (!isErrno(error, 'ENOSYS', 'EPERM')) throw error
    return openByName(root, parts)
  } finally {
    close(top)
  }
}

/** The walk where there is no openat2: each name in the directory before it. The root itself may be reached over links. */
export function openByName(root: string, parts: readonly string[]): number {
  let at = openTop(root)
  for (const part of parts) at = closing(at, (directory) => openAt(directory, part, DIRECTORY))
  return at
}

function partsOf(root: string, path: string): string[] {
  const parts = relative(root, path).split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new InsecureJailPath({ path, reason: `it is not below ${root}` })
  }
  return parts
}

/** What the kernel answers when a link or a file is where a directory must be. */
function explained(error: unknown, path: string): unknown {
  if (!isErrno(error, 'ELOOP', 'EMLINK', 'ENOTDIR', 'EXDEV')) return error
  const reason = 'a symbolic link is on the way, or what is no directory'
  return new InsecureJailPath({ path, reason }, { cause: error })
}

function closing<T>(descriptor: number, use: (descriptor: number) => T): T {
  try {
    return use(descriptor)
  } finally {
    close(descriptor)
  }
}

function ifThere<T>(call: () => T): T | null {
  try {
    return call()
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null
    throw error
  }
}
