import { existsSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { DatasetBusy } from '../errors.ts'
import { parentOf } from '../names.ts'
import { isFileError } from './errors.ts'
import { type BytePath, bytePath } from './files.ts'
import { checkPlace, isWithin, unusable, wayTo } from './place.ts'
import type { DatasetRecord, State } from './state.ts'
import type { Store, Transaction } from './store.ts'
import type { UndoLog } from './undo-log.ts'

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

/** What is mounted below `path`, the innermost first. */
export function mountedBelow(state: State, path: string): (DatasetRecord & { mounted: string })[] {
  return [...state.entries()]
    .map(([, record]) => record)
    .filter((record): record is DatasetRecord & { mounted: string } => {
      return record.mounted !== undefined && record.mounted !== path && isWithin(record.mounted, path)
    })
    .sort((a, b) => b.mounted.length - a.mounted.length)
}

/** What the files of a mounted dataset are hidden by: where the hidden ones are, by path. */
export function hiddenIn(store: Store, state: State, { mounted }: DatasetRecord): Map<BytePath, BytePath> {
  const inner = mounted === undefined ? [] : mountedBelow(state, mounted)
  return new Map(inner.map((each) => [bytePath(each.mounted), bytePath(store.covered(each.guid))]))
}

/**
 * Puts the directory of a dataset where it is mounted. What was there is kept aside until it is unmounted; what is
 * mounted below is put back on top of it. Throws MountpointUnusable, DatasetBusy.
 */
export function mountAt(store: Store, transaction: Transaction, name: string, mountpoint: string): void {
  const { draft } = transaction
  const record = draft.dataset(name) as DatasetRecord
  const path = wayTo(draft, name, mountpoint)
  if ([...draft.entries()].some(([, other]) => other.mounted === path)) {
    throw unusable(name, path, 'another dataset is mounted there')
  }
  checkPlace(store.directory, name, path)
  const inner = mountedBelow(draft, path)
  for (const { name } of inner) takeDown(store, transaction, name)
  try {
    putUp(store, transaction, record, path)
  } catch (error) {
    if (!isFileError(error)) throw error
    throw unusable(name, path, reasonOf(error), error)
  }
  for (const { name, mounted } of inner.reverse()) {
    putUp(store, transaction, draft.dataset(name) as DatasetRecord, mounted)
  }
}

/** Where the files of a dataset are. Throws MountpointUnusable when the way to them leads through a link meanwhile. */
export function filesOf(store: Store, state: State, { name, guid, mounted }: DatasetRecord): string {
  return mounted === undefined ? store.data(guid) : wayTo(state, name, mounted)
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
  makePath(log, wayTo(draft, record.name, path))
  log.move(path, store.covered(record.guid))
  log.move(store.data(record.guid), path)
  draft.put({ ...record, mounted: path, placed: draft.txg })
}

function takeDown(store: Store, { draft, log }: Transaction, name: string): void {
  const { mounted: path, ...record } = draft.dataset(name) as DatasetRecord & { mounted: string }
  wayTo(draft, name, path)
  // Somebody may have removed the directory, as nobody could remove a real mount point.
  if (existsSync(path)) log.move(path, store.data(record.guid))
  else log.mkdir(store.data(record.guid))
  draft.put({ ...record, placed: draft.txg })
  makePath(log, dirname(path))
  log.move(store.covered(record.guid), path)
}

function makePath(log: UndoLog, path: string): void {
  const missing: string[] = []
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at)
  for (const directory of missing) log.mkdir(directory)
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'EXDEV') return 'it is on another file system than the embedded ZFS; open that on the same one'
  if (error.code === 'EBUSY') return 'the directory is in use as a mount point of the system'
  return `the file system refused ${error.syscall} (${error.code})`
}
