import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../errno.ts'
import { InsecureJailPath } from '../../errors.ts'
import { change, ifThere, lookAt } from './files.ts'
import type { JailRecord } from './jail-table.ts'
import { inspectTarget } from './target.ts'

interface Owned {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** One thing that a mount makes in a jail's root. It is recorded before it is made, and recognised by what it is. */
export type MountPart =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  /** A link in place of an empty directory, which comes back when the link goes. */
  | ({ readonly kind: 'replacement'; readonly path: string; readonly to: string } & Owned)
  /** A link in place of a directory that is set aside, and comes back when the link goes. */
  | { readonly kind: 'cover'; readonly path: string; readonly to: string; readonly aside: string }
  /** A directory that was empty, and is emptied at the end. */
  | { readonly kind: 'scratch'; readonly path: string }

/** What `make` needs to bring an empty directory back. */
export function ownedOf(path: string): Owned {
  const { mode, uid, gid } = lstatSync(path)
  return { mode: mode & 0o7777, uid, gid }
}

export function isEmpty(path: string): boolean {
  return readdirSync(path).length === 0
}

export function make(part: MountPart): void {
  const { kind, path } = part
  if (kind === 'directory') change('mkdir', path, () => mkdirSync(path, { mode: 0o755 }))
  if (kind === 'replacement') change('rmdir', path, () => rmdirSync(path))
  if (kind === 'cover') change('rename', path, () => renameSync(path, part.aside))
  if (kind === 'link' || kind === 'replacement' || kind === 'cover') {
    change('symlink', path, () => symlinkSync(part.to, path))
  }
}

/**
 * Takes a part away, whether it was made or not. What is no longer as it was made is somebody else's and stays, and
 * nothing is reached through a link that was put in the way.
 */
export function takeAway(jail: JailRecord, part: MountPart): void {
  if (!isStillBelow(jail, part.path)) return
  const { kind, path } = part
  const found = lookAt(path)
  if (kind === 'directory') {
    if (found?.isDirectory()) removeEmpty(path)
  } else if (kind === 'scratch') {
    if (!found?.isDirectory()) return
    for (const name of ifThere(() => readdirSync(path)) ?? []) {
      // It unlinks links and does not follow them.
      change('rm', join(path, name), () => rmSync(join(path, name), { recursive: true, force: true }))
    }
  } else {
    const ours = found?.isSymbolicLink() && readlinkSync(path) === part.to
    if (ours) change('unlink', path, () => ifThere(() => unlinkSync(path)))
    if (kind === 'replacement' && (ours || found === null)) bringBack(path, part)
    // Where somebody has put something else meanwhile, both stay: what was set aside is not lost.
    if (kind === 'cover' && (ours || found === null))
      change('rename', path, () => ifThere(() => renameSync(part.aside, path)))
  }
}

function isStillBelow(jail: JailRecord, path: string): boolean {
  try {
    return inspectTarget(jail, path).missing.length === 0
  } catch (error) {
    if (error instanceof InsecureJailPath) return false
    throw error
  }
}

function removeEmpty(path: string): void {
  try {
    change('rmdir', path, () => rmdirSync(path))
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error
  }
}

function bringBack(path: string, { mode, uid, gid }: Owned): void {
  try {
    change('mkdir', path, () => mkdirSync(path, { mode }))
  } catch (error) {
    // Somebody else was faster, or the whole root is gone.
    if (!isErrno(error, 'EEXIST', 'ENOENT')) throw error
    return
  }
  try {
    chownSync(path, uid, gid)
  } catch (error) {
    // Only root can give files away.
    if (!isErrno(error, 'EPERM')) throw error
  }
  chmodSync(path, mode)
}
