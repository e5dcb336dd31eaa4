import { FilesystemNotFound, SnapshotNotFound, SnapshotNotLatest } from '../../errors.ts'
import { rollbackCalls } from '../../lzc/table-rollback.ts'
import { copyTree } from '../copy.ts'
import { bytePath } from '../files.ts'
import { removeTree } from '../remove.ts'
import { replaceFiles } from '../replace.ts'
import type { DatasetRecord, Found, State } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'

export function* rollback(store: Store, name: string): Steps<string> {
  rollbackCalls.rollback.input(name)
  return yield* back(store, name, undefined, `roll "${name}" back`)
}

export function* rollbackTo(store: Store, name: string, snapshot: string): Steps<void> {
  rollbackCalls.rollbackTo.input(name, snapshot)
  yield* back(store, name, snapshot, `roll "${name}" back to "${snapshot}"`)
}

function* back(store: Store, name: string, wanted: string | undefined, asked: string): Steps<string> {
  const { snapshot } = check(yield* store.read(), name, wanted, asked)
  const copy = yield* store.stage()
  try {
    // A snapshot does not change, so it is copied without the lock.
    yield* copyTree(bytePath(store.snapshot(snapshot.guid)), copy)
    return yield* store.transact((transaction) => {
      const found = check(transaction.draft, name, wanted, asked)
      // Another one was made or destroyed meanwhile: the call came before that.
      if (found.snapshot.guid !== snapshot.guid) throw new SnapshotNotLatest({ name: nameOf(found), asked })
      replaceFiles(store, transaction, name, copy, asked)
      return nameOf(found)
    })
  } finally {
    yield* removeTree(copy)
  }
}

/** The latest snapshot, if one may go back to it: a bookmark of a later one would become a lie. */
function check(state: State, name: string, wanted: string | undefined, asked: string): Found {
  const dataset = state.dataset(name)
  if (!dataset) throw new FilesystemNotFound({ name, asked })
  const found = latestOf(state, dataset)
  if (wanted !== undefined && (!found || nameOf(found) !== wanted)) {
    throw new (state.snapshot(wanted) ? SnapshotNotLatest : SnapshotNotFound)({ name: wanted, asked })
  }
  if (!found) throw new SnapshotNotFound({ name: `${name}@`, asked })
  const later = dataset.bookmarks?.some(({ createtxg }) => createtxg > found.snapshot.createtxg)
  if (later) throw new SnapshotNotLatest({ name: wanted ?? name, asked })
  return found
}

function latestOf(state: State, dataset: DatasetRecord): Found | undefined {
  const snapshot = dataset.snapshots.at(-1)
  if (snapshot) return { dataset, snapshot }
  return dataset.origin === undefined ? undefined : state.snapshotOf(dataset.origin)
}

const nameOf = ({ dataset, snapshot }: Found): string => `${dataset.name}@${snapshot.name}`
