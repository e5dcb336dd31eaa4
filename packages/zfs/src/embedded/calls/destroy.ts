import { existsSync } from 'node:fs'
import {
  DatasetBusy,
  FilesystemNotFound,
  PoolNotFound,
  SnapshotDestructionFailure,
  SnapshotIsCloned,
  SnapshotIsHeld,
  type ZFSError,
} from '../../errors.ts'
import { snapshotErrors } from '../../lzc/checks.ts'
import { checkName, parentOf, poolOf } from '../../names.ts'
import type { DatasetRecord, Found, State } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store, Transaction } from '../store.ts'
import { several } from './several.ts'

/** Refuses, as the kernel does, what is mounted or has snapshots or children. */
export function* destroy(store: Store, name: string): Steps<void> {
  const asked = `destroy "${name}"`
  checkName(name, 'filesystem', asked)
  yield* store.transact((transaction) => {
    const { draft } = transaction
    const record = draft.dataset(name)
    if (!record) throw new FilesystemNotFound({ name, asked })
    const reason = useOf(draft, record)
    if (reason) throw new DatasetBusy({ name, asked, reason })
    discardDataset(store, transaction, record)
  })
}

function useOf(state: State, { name, mounted, snapshots }: DatasetRecord): string | undefined {
  if (mounted !== undefined) return `it is mounted at ${mounted}`
  if (snapshots.length > 0) return 'it has snapshots'
  if (state.descendants(name).length > 0) return 'it has children'
  return parentOf(name) === undefined ? 'it is the pool itself' : undefined
}

/** Removes a dataset without snapshots, and its origin if that waited for it. */
export function discardDataset(store: Store, transaction: Transaction, record: DatasetRecord): void {
  const { draft, discard } = transaction
  if (existsSync(store.data(record.guid))) discard(store.data(record.guid))
  draft.remove(record.name)
  const origin = record.origin === undefined ? undefined : draft.snapshotOf(record.origin)
  if (origin) discardIfDeferred(store, transaction, origin)
}

/** Removes a snapshot that is marked and that nothing needs any more. */
export function discardIfDeferred(store: Store, transaction: Transaction, found: Found): void {
  const { snapshot } = found
  if (snapshot.deferred && isFree(transaction.draft, found)) discardSnapshot(store, transaction, found)
}

export function* destroySnaps(
  store: Store,
  names: readonly string[],
  { defer = false }: { defer?: boolean } = {},
): Steps<void> {
  if (names.length === 0) return
  const asked = several('destroy the snapshot', names)
  const refused = snapshotErrors(names)
  if (refused.length > 0) throw new SnapshotDestructionFailure({ asked, errors: refused })
  yield* store.transact((transaction) => {
    const { draft } = transaction
    const pool = poolOf(names[0] as string)
    if (!draft.hasPool(pool)) {
      throw new SnapshotDestructionFailure({ asked, errors: [new PoolNotFound({ name: pool })] })
    }
    const present = [...new Set(names)].flatMap((name) => draft.snapshot(name) ?? [])
    const errors = defer ? [] : present.flatMap((found) => reasonToKeep(draft, found) ?? [])
    if (errors.length > 0) throw new SnapshotDestructionFailure({ asked, errors })
    for (const found of present) {
      if (isFree(draft, found)) discardSnapshot(store, transaction, found)
      else draft.putSnapshot(found, { ...found.snapshot, deferred: true })
    }
  })
}

/** The error for a snapshot that is held or has clones. */
export function reasonToKeep(state: State, { dataset, snapshot }: Found): ZFSError | undefined {
  const name = `${dataset.name}@${snapshot.name}`
  if (snapshot.holds.length > 0) return new SnapshotIsHeld({ name })
  return state.clonesOf(snapshot.guid).length > 0 ? new SnapshotIsCloned({ name }) : undefined
}

function isFree(state: State, { snapshot }: Found): boolean {
  return snapshot.holds.length === 0 && state.clonesOf(snapshot.guid).length === 0
}

/** Removes a snapshot that nothing needs. */
export function discardSnapshot(store: Store, { draft, discard }: Transaction, found: Found): void {
  const path = store.snapshot(found.snapshot.guid)
  if (existsSync(path)) discard(path)
  draft.putSnapshot(found, undefined)
}
