import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isErrno } from '../../errno.ts'
import { lookAt, lookBehind } from './files.ts'

/** A link that stands for a mount: what is found there is the host's. */
export interface Passage {
  /** Absolute path on the host. */
  readonly to: string
  /** A directory whose contents are looked up like the jail's own; anything else leads to devices. */
  readonly directory: boolean
}

/** A jail's root with the mounts in it, by their paths inside the jail. */
export interface JailView {
  readonly root: string
  readonly passages: ReadonlyMap<string, Passage>
}

/** Where a path of the jail is on the host. */
export interface HostPath {
  readonly path: string
  /** Null when there is nothing. */
  readonly is: 'file' | 'directory' | null
  /** Whether the directory that it is in, or would be in, is there. */
  readonly parent: boolean
}

/** As many as Linux follows. */
const MAX_LINKS = 40

/**
 * Looks up a path as a process whose root is the jail's would: links that are absolute begin at the jail's root, `..`
 * ends there, and links that lead in a circle lead nowhere.
 */
export function lookUp(view: JailView, path: string): HostPath {
  const pending = path.split('/').reverse()
  const at: string[] = []
  for (let links = 0; pending.length > 0; ) {
    const part = pending.pop() as string
    if (part === '' || part === '.') continue
    if (part === '..') {
      at.pop()
      continue
    }
    at.push(part)
    const passage = view.passages.get(`/${at.join('/')}`)
    if (passage && !passage.directory) return device(passage, pending.reverse())
    const here = hostPath(view, at)
    const found = passage ? lookBehind(here) : lookAt(here)
    if (found?.isSymbolicLink()) {
      links++
      if (links > MAX_LINKS) return { path: here, is: null, parent: false }
      const target = readlinkSync(here)
      at.pop()
      if (target.startsWith('/')) at.length = 0
      pending.push(...target.split('/').reverse())
    } else if (!found?.isDirectory()) {
      if (found) return { path: here, is: pending.length > 0 ? null : 'file', parent: pending.length === 0 }
      // A slash may follow the name of a directory that is to be made.
      return { path: here, is: null, parent: pending.every((name) => name === '') }
    }
  }
  return { path: hostPath(view, at), is: 'directory', parent: true }
}

/**
 * The word to give to a program of the host that shall find what `path` is in the jail: below the root as it was
 * written where the host finds the same there (a link stays a link), else with all links followed.
 */
export function hostWord(view: JailView, path: string, found: HostPath): string {
  const plain = view.root + (path.startsWith('/') ? path : `/${path}`)
  if (!path.split('/').includes('..') && samePlace(plain, found)) return plain
  return path.endsWith('/') && !found.path.endsWith('/') ? `${found.path}/` : found.path
}

function samePlace(plain: string, found: HostPath): boolean {
  if (found.is !== null) return leadsTo(plain) === leadsTo(found.path)
  // Of another name: a link that leads nowhere in the jail, and may lead somewhere on the host.
  if (basename(plain) !== basename(found.path)) return false
  const directory = leadsTo(dirname(plain))
  return directory !== null && directory === leadsTo(dirname(found.path))
}

/**
 * What the host finds at `path`, null when that is nothing. Asked of the host itself: Node's own `realpathSync` takes
 * the `..` of a link's target off its text, so that with `c -> .` the target `c/..` seems to stay where it leads out.
 */
function leadsTo(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG')) return null
    throw error
  }
}

function device({ to }: Passage, below: readonly string[]): HostPath {
  const path = join(to, ...below)
  const escapes = below.includes('..')
  const found = escapes ? null : lookBehind(path)
  return {
    path,
    is: found ? (found.isDirectory() ? 'directory' : 'file') : null,
    parent: !escapes && below.length <= 1,
  }
}

function hostPath(view: JailView, at: readonly string[]): string {
  for (let length = at.length; length > 0; length--) {
    const passage = view.passages.get(`/${at.slice(0, length).join('/')}`)
    if (passage) return join(passage.to, ...at.slice(length))
  }
  return join(view.root, ...at)
}
