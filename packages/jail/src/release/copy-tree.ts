import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { Pace } from './pace.ts'

/**
 * Makes the directory `to` like `from`, with modes, owners where the process is root, times, symbolic and hard links;
 * BSD file flags and ACLs are not copied, and devices and sockets left out, as when a release is unpacked. A file of the
 * same size, time, owner and mode is taken for the same. Nobody else may change either meanwhile; no link is followed.
 * Throws file system errors, the signal's reason.
 */
export async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
  const tree = { from, to, pace: new Pace(signal), links: new Map<bigint | number, string>() }
  await copyDirectory(tree, '')
}

interface TreeCopy {
  readonly from: string
  readonly to: string
  readonly pace: Pace
  /** The first copy of each file that has several names, by its number. */
  readonly links: Map<bigint | number, string>
}

const owns = process.geteuid?.() === 0

async function copyDirectory(tree: TreeCopy, path: string): Promise<void> {
  const from = join(tree.from, path)
  const to = join(tree.to, path)
  const wanted = lstatSync(from)
  const names = namesIn(from)
  const keep = new Set(names)
  // Writable until it is full; its own mode comes last.
  chmodSync(to, 0o700)
  for (const name of namesIn(to)) if (!keep.has(name)) rmSync(join(to, name), { recursive: true })
  for (const name of names) {
    const entry = join(path, name)
    const found = lstatSync(join(tree.from, entry))
    if (found.isDirectory()) {
      replaceUnless(
        join(tree.to, entry),
        (there) => there.isDirectory(),
        () => mkdirSync(join(tree.to, entry), 0o700),
      )
      await copyDirectory(tree, entry)
    } else copyEntry(tree, entry, found)
    const pause = tree.pace.spend(1, found.isFile() ? found.size : 0)
    if (pause) await pause
  }
  describe(to, wanted)
}

function copyEntry(tree: TreeCopy, path: string, found: Stats): void {
  const from = join(tree.from, path)
  const to = join(tree.to, path)
  if (found.isSymbolicLink()) {
    const target = readlinkSync(from)
    replaceUnless(
      to,
      (there) => there.isSymbolicLink() && readlinkSync(to) === target,
      () => symlinkSync(target, to),
    )
    if (owns) lchownSync(to, found.uid, found.gid)
    lutimesSync(to, found.atime, found.mtime)
    return
  }
  if (!found.isFile()) {
    rmSync(to, { recursive: true, force: true })
    return
  }
  const first = found.nlink > 1 ? tree.links.get(found.ino) : undefined
  if (first !== undefined) {
    const { ino } = lstatSync(first)
    replaceUnless(
      to,
      (there) => there.ino === ino,
      () => linkSync(first, to),
    )
    return
  }
  replaceUnless(
    to,
    (there) => isSame(there, found),
    () => {
      copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      describe(to, found)
    },
  )
  if (found.nlink > 1) tree.links.set(found.ino, to)
}

/** Makes what is not there as it should be, in place of what is. */
function replaceUnless(path: string, fits: (there: Stats) => boolean, make: () => void): void {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there && fits(there)) return
  if (there) rmSync(path, { recursive: true })
  make()
}

function isSame(there: Stats, wanted: Stats): boolean {
  return (
    there.isFile() &&
    there.size === wanted.size &&
    Math.abs(there.mtimeMs - wanted.mtimeMs) < 1 &&
    there.mode === wanted.mode &&
    (!owns || (there.uid === wanted.uid && there.gid === wanted.gid)) &&
    // Hard links are made anew, so that no two names stay one file that should be two.
    there.nlink === wanted.nlink
  )
}

/** ZFS shows its snapshots there where they are made visible. */
function namesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name !== '.zfs')
}

function describe(path: string, { uid, gid, mode, atime, mtime }: Stats): void {
  // Before the mode: changing the owner clears setuid.
  if (owns) lchownSync(path, uid, gid)
  chmodSync(path, mode & 0o7777)
  utimesSync(path, atime, mtime)
}
