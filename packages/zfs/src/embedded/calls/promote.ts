import { FilesystemNotFound, NotClone, SnapshotExists } from '../../errors.ts'
import { checkName } from '../../names.ts'
import type { DatasetRecord } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'

/** Swaps a clone with its origin's dataset: the snapshots up to the origin become the clone's. No file is moved. */
export function* promote(store: Store, name: string): Steps<void> {
  const asked = `promote "${name}"`
  checkName(name, 'filesystem', asked)
  yield* store.transact(({ draft }) => {
    const clone = draft.dataset(name)
    if (!clone) throw new FilesystemNotFound({ name, asked })
    const found = clone.origin === undefined ? undefined : draft.snapshotOf(clone.origin)
    if (!found) throw new NotClone({ name, asked })
    const { dataset: old, snapshot } = found
    const split = old.snapshots.indexOf(snapshot) + 1
    const moved = old.snapshots.slice(0, split)
    const clash = moved.find((one) => clone.snapshots.some((other) => other.name === one.name))
    if (clash) throw new SnapshotExists({ name: `${name}@${clash.name}`, asked })
    draft.put(withOrigin({ ...clone, snapshots: [...moved, ...clone.snapshots] }, old.origin))
    draft.put(withOrigin({ ...old, snapshots: old.snapshots.slice(split) }, snapshot.guid))
  })
}

function withOrigin({ origin: _, ...record }: DatasetRecord, origin: string | undefined): DatasetRecord {
  return origin === undefined ? record : { ...record, origin }
}
