import { fstatSync, mkdirSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InsecureJailPath } from '../../errors.ts'
import type { OciMount } from './oci-config.ts'
import { close, openBelow, resolve } from './syscalls.ts'

/** Takes away what was made, if it is still empty. */
export type Undo = () => void

/**
 * Makes the directories and files that are missing below the jail's root and that something will be mounted at.
 *
 * A root belongs to the jail, which may have put symbolic links where a mount point is expected. They are refused:
 * crun follows a /dev that is a link out into the host (until 1.17 it even wrote there), and wherever a link leads, it
 * is not what the configuration says. Mount points below other mounts are left to the runtime, which looks for them in
 * what is mounted there. Throws InsecureJailPath; then nothing was made.
 *
 * `tree` is a descriptor of the root, `root` its path on the host.
 */
export function makeMountpoints(tree: number, root: string, mounts: readonly OciMount[]): Undo {
  const undos: Undo[] = []
  const undo = (): void => {
    for (const step of undos.splice(0).reverse()) step()
  }
  const covered = ({ destination }: OciMount): boolean => {
    return mounts.some((other) => destination.startsWith(`${other.destination}/`))
  }
  try {
    for (const mount of mounts) {
      if (!covered(mount) && !isThere(tree, root, mount)) undos.push(make(join(root, mount.destination), isFile(mount)))
    }
    return undo
  } catch (error) {
    undo()
    throw error
  }
}

function isThere(tree: number, root: string, mount: OciMount): boolean {
  const refuse = (reason: string): never => {
    throw new InsecureJailPath({ path: join(root, mount.destination), reason })
  }
  let descriptor: number
  try {
    descriptor = openBelow(tree, mount.destination, resolve.inRoot | resolve.noSymlinks)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return false
    if (code === 'ELOOP') refuse('a symbolic link is on the way: name the place that it leads to')
    if (code === 'ENOTDIR') refuse('a file stands where a directory must be')
    throw error
  }
  const directory = fstatSync(descriptor).isDirectory()
  close(descriptor)
  if (directory && isFile(mount)) refuse('it is a directory, and a file is to be mounted there')
  if (!directory && !isFile(mount)) refuse('it is a file, and a directory is to be mounted there')
  return true
}

/** No link is on the way, as `isThere` has seen, and nobody runs in the jail who could put one there. */
function make(path: string, file: boolean): Undo {
  const directory = file ? dirname(path) : path
  const first = mkdirSync(directory, { recursive: true, mode: 0o755 })
  if (file) writeFileSync(path, '', { flag: 'wx', mode: 0o644 })
  return () => {
    try {
      if (file) unlinkSync(path)
      for (let made = directory; first !== undefined; made = dirname(made)) {
        rmdirSync(made)
        if (made === first) break
      }
    } catch {
      // Somebody uses it by now.
    }
  }
}

function isFile(mount: OciMount): boolean {
  return mount.type === 'bind' && !statSync(mount.source).isDirectory()
}
