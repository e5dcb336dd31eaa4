import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { DatasetBusy } from '../errors.ts'
import { parentOf } from '../names.ts'
import { isFileError, MountpointUnusable } from './errors.ts'
import type { DatasetRecord, State } from './state.ts'
import type { Store, Transaction } from './store.ts'

/** Where a dataset is to be mounted, and from which dataset that comes (undefined: the default). */
export interface Mountpoint {
  readonly value: string
  readonly from: string | undefined
}

/** The mountpoint that a dataset has by its properties: a path, `legacy` or `none`. */
export function mountpointOf(store: Store, state: State, name: string): Mountpoint {
  for (let at: string | undefined = name; at !== undefined; at = parentOf(at)) {
    const value = state.dataset(at)?.values.mountpoint
    const isRoot = parentOf(at) === undefined
    if (value === undefined && !isRoot) continue
    const base = value ?? store.path('mnt', at)
    const path = isAbsolute(base) ? resolve(base, `.${name.slice(at.length)}`) : base
    return { value: path, from: value === undefined ? undefined : at }
  }
  throw new TypeError(`the pool of ${name} is not known`)
}

/** Whether `path` is below `above`, or the same. */
export function isWithin(path: string, above: string): boolean {
  const way = relative(above, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** What is mounted below `path`, the innermost first. */
export function mountedBelow(state: State, path: string): (DatasetRecord & { mounted: string })[] {
  return state
    .all()
    .filter((record): record is DatasetRecord & { mounted: string } => {
      return record.mounted !== undefined && record.mounted !== path && isWithin(record.mounted, path)
    })
    .sort((a, b) => b.mounted.length - a.mounted.length)
}

/**
 * Puts the directory of a dataset where it is mounted. What was there is kept aside until it is unmounted; what is
 * mounted below is put back on top of it. Throws MountpointUnusable, DatasetBusy.
 */
export function mountAt(store: Store, transaction: Transaction, name: string, path: string): void {
  const { draft } = transaction
  const record = draft.dataset(name) as DatasetRecord
  if (draft.all().some((other) => other.mounted === path))
    throw unusable(name, path, 'another dataset is mounted there')
  checkPlace(store, name, path)
  const inner = mountedBelow(draft, path)
  for (const { name } of inner) takeDown(store, transaction, name)
  try {
    putUp(store, transaction, record, path)
  } catch (error) {
    if (!isFileError(error)) throw error
    throw unusable(name, path, reasonOf(error), error)
  }
  for (const { name, mounted } of inner.reverse())
    putUp(store, transaction, draft.dataset(name) as DatasetRecord, mounted)
}

/**
 * Takes a dataset from where it is mounted, after the descendants that are mounted below by inheritance.
 * Throws DatasetBusy when anything else is mounted below, unless `force`.
 */
export function unmount(
  store: Store,
  transaction: Transaction,
  name: string,
  { asked, force = false }: { asked: string; force?: boolean },
): void {
  const { draft } = transaction
  const record = draft.dataset(name)
  if (record?.mounted === undefined) return
  const inner = mountedBelow(draft, record.mounted)
  const strange = inner.find((other) => !other.name.startsWith(`${name}/`) || other.values.mountpoint !== undefined)
  if (strange && !force) throw new DatasetBusy({ name, asked, reason: `"${strange.name}" is mounted inside` })
  for (const other of inner) takeDown(store, transaction, other.name)
  takeDown(store, transaction, name)
}

function putUp(store: Store, { draft, log }: Transaction, record: DatasetRecord, path: string): void {
  makePath(draft, record.name, path, (missing) => log.mkdir(missing))
  log.move(path, store.covered(record.guid))
  log.move(store.data(record.guid), path)
  draft.put({ ...record, mounted: path, placed: draft.txg })
}

function takeDown(store: Store, { draft, log }: Transaction, name: string): void {
  const { mounted: path, ...record } = draft.dataset(name) as DatasetRecord & { mounted: string }
  // Somebody may have removed the directory, as nobody could remove a real mount point.
  if (existsSync(path)) log.move(path, store.data(record.guid))
  else log.mkdir(store.data(record.guid))
  draft.put({ ...record, placed: draft.txg })
  makePath(draft, name, dirname(path), (missing) => log.mkdir(missing))
  log.move(store.covered(record.guid), path)
}

/** Makes the directories that are missing on the way. Inside a mounted dataset the way must not lead through a link. */
function makePath(state: State, name: string, path: string, make: (path: string) => void): void {
  const around = state.all().flatMap(({ mounted }) => (mounted !== undefined && isWithin(path, mounted) ? mounted : []))
  const home = around.sort((a, b) => b.length - a.length)[0]
  const missing: string[] = []
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const stat = lstatSync(at, { throwIfNoEntry: false })
    if (!stat) {
      missing.push(at)
      continue
    }
    if (at === home) break
    if (stat.isSymbolicLink() && (home !== undefined || at === path)) {
      throw unusable(name, path, `${at} is a symbolic link`)
    }
    if (!stat.isDirectory() && !stat.isSymbolicLink()) throw unusable(name, path, `${at} is not a directory`)
    // Outside of all datasets the way is the user's own, links and all.
    if (home === undefined) break
  }
  for (const directory of missing.reverse()) make(directory)
}

/** The directories of the embedded ZFS itself must not be moved away. */
function checkPlace(store: Store, name: string, path: string): void {
  const real = realPath(path)
  const home = realPath(store.directory)
  if (isWithin(home, real)) throw unusable(name, path, 'the embedded ZFS itself is kept there')
  const free = join(home, 'mnt')
  if (isWithin(real, home) && (real === free || !isWithin(real, free))) {
    throw unusable(name, path, `of ${home} only what is below its folder "mnt" may be mounted at`)
  }
}

function realPath(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at) || at === dirname(at)) return join(realpathSync(at), relative(at, path))
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'EXDEV') return 'it is on another file system than the embedded ZFS; open that on the same one'
  if (error.code === 'EBUSY') return 'the directory is in use as a mount point of the system'
  return `the file system refused ${error.syscall} (${error.code})`
}

export function unusable(name: string, mountpoint: string, reason: string, cause?: unknown): MountpointUnusable {
  return new MountpointUnusable({ name, mountpoint, reason }, cause === undefined ? {} : { cause })
}
