import type { Stats } from 'node:fs'
import { type BytePath, bytePath, textPath } from './files.ts'
import { filesOf, hiddenIn, mountAt, mountedBelow, unmount } from './mounts.ts'
import type { DatasetRecord, State } from './state.ts'
import { file, type Steps } from './steps.ts'
import type { Store, Transaction } from './store.ts'

/** Times are kept in seconds with a fraction: what differs by less than this is the same, in milliseconds. */
const SAME_TIME = 1

/** Gives a dataset the files of a staged copy, wherever it is mounted; what was there is thrown away. */
export function replaceFiles(
  store: Store,
  transaction: Transaction,
  name: string,
  copy: BytePath,
  asked: string,
): void {
  const { draft, log, discard } = transaction
  const { mounted, guid } = draft.dataset(name) as DatasetRecord
  const inner = mounted === undefined ? [] : mountedBelow(draft, mounted)
  unmount(store, transaction, name, { asked, force: true })
  discard(store.data(guid))
  log.move(textPath(copy), store.data(guid))
  // Readers see from it that the files were moved.
  draft.put({ ...(draft.dataset(name) as DatasetRecord), placed: draft.txg })
  if (mounted === undefined) return
  mountAt(store, transaction, name, mounted)
  for (const each of inner.reverse()) mountAt(store, transaction, each.name, each.mounted)
}

/** Whether the files of a dataset are no longer those of a snapshot: by their names, modes, sizes, times and links. */
export function* isModified(store: Store, state: State, dataset: DatasetRecord, snapshotGuid: string): Steps<boolean> {
  const hidden = hiddenIn(store, state, dataset)
  const root = bytePath(filesOf(store, state, dataset))
  const queue: [BytePath, BytePath][] = [[root, bytePath(store.snapshot(snapshotGuid))]]
  for (let pair = queue.pop(); pair; pair = queue.pop()) {
    const [now, then] = pair
    const [is, was] = [yield* file('lstat', now), yield* file('lstat', then)]
    if (differ(is, was)) return true
    if (is.isSymbolicLink() && (yield* file('readlink', now)) !== (yield* file('readlink', then))) return true
    if (!is.isDirectory()) continue
    const [names, old] = [(yield* file('list', now)).sort(), (yield* file('list', then)).sort()]
    // What cannot be copied is not in a snapshot.
    const kept: BytePath[] = []
    for (const name of names) {
      const path = hidden.get(`${now}/${name}`) ?? `${now}/${name}`
      const stat = yield* file('lstat', path)
      if (!(stat.isDirectory() || stat.isFile() || stat.isSymbolicLink())) continue
      kept.push(name)
      queue.push([path, `${then}/${name}`])
    }
    if (kept.join('/') !== old.join('/')) return true
  }
  return false
}

function differ(is: Stats, was: Stats): boolean {
  if (is.mode !== was.mode || (!is.isDirectory() && is.size !== was.size)) return true
  return Math.abs(is.mtimeMs - was.mtimeMs) >= SAME_TIME
}
