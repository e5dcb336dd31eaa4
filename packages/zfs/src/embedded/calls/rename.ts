import {
  FilesystemExists,
  FilesystemNotFound,
  NameTooLong,
  ParentNotFound,
  PoolsDiffer,
  SnapshotExists,
  SnapshotMismatch,
  SnapshotNotFound,
  WrongParent,
} from '../../errors.ts'
import { checkName, filesystemOf, MAX_NAME_LENGTH, parentOf, poolOf } from '../../names.ts'
import type { Draft } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { isTooDeep } from './create.ts'

/**
 * Renames a dataset with all below it, or a snapshot. As with libzfs_core, what is mounted stays mounted where it is:
 * the caller unmounts before and mounts after.
 */
export function* rename(store: Store, from: string, to: string): Steps<void> {
  const asked = `rename "${from}" to "${to}"`
  const kind = typeof from === 'string' && from.includes('@') ? 'snapshot' : 'filesystem'
  checkName(from, kind, asked)
  checkName(to, kind, asked)
  if (poolOf(from) !== poolOf(to)) throw new PoolsDiffer({ name: to, asked })
  yield* store.transact(({ draft }) => {
    if (kind === 'snapshot') renameSnapshot(draft, from, to, asked)
    else renameDataset(draft, from, to, asked)
  })
}

function renameDataset(draft: Draft, from: string, to: string, asked: string): void {
  const record = draft.dataset(from)
  const parent = draft.dataset(parentOf(to) ?? '')
  if (draft.dataset(to)) throw new FilesystemExists({ name: to, asked })
  if (!record) throw new FilesystemNotFound({ name: from, asked })
  if (!parent) throw new ParentNotFound({ name: to, asked })
  if (parent.type !== 'filesystem' || to.startsWith(`${from}/`)) throw new WrongParent({ name: to, asked })
  for (const moved of [record, ...draft.descendants(from)]) {
    const name = `${to}${moved.name.slice(from.length)}`
    if (name.length > MAX_NAME_LENGTH || isTooDeep(name)) throw new NameTooLong({ name: to, asked })
    draft.remove(moved.name)
    draft.put({ ...moved, name })
  }
}

function renameSnapshot(draft: Draft, from: string, to: string, asked: string): void {
  const found = draft.snapshot(from)
  if (filesystemOf(from) !== filesystemOf(to)) throw new SnapshotMismatch({ name: to, asked })
  if (!found) throw new SnapshotNotFound({ name: from, asked })
  if (draft.snapshot(to)) throw new SnapshotExists({ name: to, asked })
  draft.putSnapshot(found, { ...found.snapshot, name: to.slice(to.indexOf('@') + 1) })
}
