import { E } from '../../errno.ts'
import { FilesystemNotFound, SnapshotMismatch, SnapshotNotFound, SnapshotNotLatest } from '../../errors.ts'
import { checkName, filesystemOf } from '../../names.ts'
import { copyTree } from '../copy.ts'
import { bytePath, textPath } from '../files.ts'
import { mountAt, mountedBelow, unmount } from '../mounts.ts'
import { removeTree } from '../remove.ts'
import type { Found, State } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store, Transaction } from '../store.ts'

/** Back to the latest snapshot; its name is returned. */
export function* rollback(store: Store, name: string): Steps<string> {
  const asked = `roll "${name}" back`
  checkName(name, 'filesystem', asked)
  const record = (yield* store.read()).dataset(name)
  if (!record) throw new FilesystemNotFound({ name, asked })
  const latest = record.snapshots.at(-1)
  if (!latest) throw new SnapshotNotFound({ name: `${name}@`, asked })
  const snapshot = `${name}@${latest.name}`
  yield* rollbackTo(store, name, snapshot)
  return snapshot
}

/** Back to this snapshot, which must be the latest. The files are copied first, without the lock. */
export function* rollbackTo(store: Store, name: string, snapshot: string): Steps<void> {
  const asked = `roll "${name}" back to "${snapshot}"`
  checkName(name, 'filesystem', asked)
  checkName(snapshot, 'snapshot', asked)
  if (filesystemOf(snapshot) !== name) throw new SnapshotMismatch({ name: snapshot, errno: E.EXDEV, asked })
  const check = (state: State): Found => {
    if (!state.dataset(name)) throw new FilesystemNotFound({ name, asked })
    const found = state.snapshot(snapshot)
    if (!found) throw new SnapshotNotFound({ name: snapshot, asked })
    if (found.dataset.snapshots.at(-1) !== found.snapshot) throw new SnapshotNotLatest({ name: snapshot, asked })
    return found
  }
  const { guid } = check(yield* store.read()).snapshot
  const copy = yield* store.stage()
  try {
    yield* copyTree(bytePath(store.snapshot(guid)), copy)
    yield* store.transact((transaction) => {
      // Destroyed and made again while it was copied: the call came before that.
      if (check(transaction.draft).snapshot.guid !== guid) throw new SnapshotNotFound({ name: snapshot, asked })
      replaceFiles(store, transaction, name, textPath(copy), asked)
    })
  } finally {
    yield* removeTree(copy)
  }
}

/** What is mounted is taken down meanwhile, with all that is mounted inside, and put up again where it was. */
function replaceFiles(store: Store, transaction: Transaction, name: string, copy: string, asked: string): void {
  const { draft, log, discard } = transaction
  const before = draft.dataset(name)
  const mounted = before?.mounted
  const inner = mounted === undefined ? [] : mountedBelow(draft, mounted).reverse()
  unmount(store, transaction, name, { asked, force: true })
  const { guid } = draft.dataset(name) ?? { guid: '' }
  discard(store.data(guid))
  log.move(copy, store.data(guid))
  // A state that has changed is written: readers see from it that the files were moved.
  draft.put({ ...(draft.dataset(name) as NonNullable<typeof before>), placed: draft.txg })
  if (mounted === undefined) return
  mountAt(store, transaction, name, mounted)
  for (const other of inner) mountAt(store, transaction, other.name, other.mounted)
}
