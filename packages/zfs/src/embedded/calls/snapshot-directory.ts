import { SnapshotNotFound } from '../../errors.ts'
import { checkName } from '../../names.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'

/** The directory with the files of a snapshot. Throws SnapshotNotFound. */
export function* snapshotDirectory(store: Store, name: string): Steps<string> {
  const asked = `find the files of "${name}"`
  checkName(name, 'snapshot', asked)
  const found = (yield* store.read()).snapshot(name)
  if (!found) throw new SnapshotNotFound({ name, asked })
  return store.snapshot(found.snapshot.guid)
}
