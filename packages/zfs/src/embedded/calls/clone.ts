import { PoolsDiffer, SnapshotNotFound } from '../../errors.ts'
import { checkName, poolOf } from '../../names.ts'
import type { NvInput } from '../../zfs.ts'
import { copyTree } from '../copy.ts'
import { isFileError } from '../errors.ts'
import { bytePath, textPath } from '../files.ts'
import { removeTree } from '../remove.ts'
import type { Found, State, Values } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { checkedValues } from '../values.ts'
import { checkNew, newRecord } from './create.ts'

/** The files are copied before the clone appears, without the lock: a snapshot does not change. */
export function* clone(store: Store, name: string, origin: string, { props }: { props?: NvInput } = {}): Steps<void> {
  const asked = `clone "${origin}" to "${name}"`
  checkName(name, 'filesystem', asked)
  checkName(origin, 'snapshot', asked)
  if (poolOf(name) !== poolOf(origin)) throw new PoolsDiffer({ name: origin, asked })
  const check = (state: State): { source: Found; values: Values } => {
    const source = checkClone(state, name, origin, asked)
    return { source, values: checkedValues({ name, type: source.dataset.type }, props, asked, true) }
  }
  const { guid } = check(yield* store.read()).source.snapshot
  const copy = yield* store.stage()
  try {
    yield* copyTree(bytePath(store.snapshot(guid)), copy)
    yield* store.transact(({ draft, log }) => {
      const { source, values } = check(draft)
      // Destroyed and made again while it was copied: the call came before that.
      if (source.snapshot.guid !== guid) throw new SnapshotNotFound({ name: origin, asked })
      const record = newRecord({ name, type: source.dataset.type }, draft.txg, values, guid)
      log.move(textPath(copy), store.data(record.guid))
      draft.put(record)
    })
  } catch (error) {
    // A file that is missing means that the snapshot was destroyed meanwhile: then this says so.
    if (isFileError(error, 'ENOENT')) check(yield* store.read())
    throw error
  } finally {
    yield* removeTree(copy)
  }
}

function checkClone(state: State, name: string, origin: string, asked: string): Found {
  const source = state.snapshot(origin)
  // Of a name that is taken the kernel says that first.
  if (!source && !state.dataset(name)) throw new SnapshotNotFound({ name: origin, asked })
  checkNew(state, name, asked)
  return source as Found
}
