import {
  DatasetTypeInvalid,
  FilesystemExists,
  NameTooLong,
  ParentNotFound,
  PropertyInvalid,
  PropertyNotSupported,
  WrongParent,
} from '../../errors.ts'
import { checkName, parentOf } from '../../names.ts'
import type { LzcCalls } from '../../zfs.ts'
import type { DatasetRecord, State, Values } from '../state.ts'
import type { Steps } from '../steps.ts'
import { newGuid, type Store } from '../store.ts'
import { checkedValues } from '../values.ts'

const TYPES = { zfs: 'filesystem', zvol: 'volume' } as const

export function* create(
  store: Store,
  name: string,
  { type = 'zfs', props, key }: NonNullable<Parameters<LzcCalls['create']>[1]> = {},
): Steps<void> {
  const asked = `create the ${type === 'zvol' ? 'volume' : 'filesystem'} "${name}"`
  checkName(name, 'filesystem', asked)
  if (!Object.hasOwn(TYPES, type)) throw new DatasetTypeInvalid({ name: String(type), asked })
  if (key !== undefined) throw new PropertyNotSupported({ name: 'encryption', asked })
  const target = { name, type: TYPES[type] }
  yield* store.transact(({ draft, log }) => {
    checkNew(draft, name, asked)
    const values = checkedValues(target, props, asked, true)
    if (type === 'zvol' && !(Number(values.volsize) > 0)) {
      throw new PropertyInvalid({ name, asked, property: 'volsize', reason: 'a volume needs one' })
    }
    const record = newRecord(target, draft.txg, values)
    log.mkdir(store.data(record.guid))
    draft.put(record)
  })
}

/** Throws FilesystemExists, NameTooLong, ParentNotFound or WrongParent. */
export function checkNew(state: State, name: string, asked: string): void {
  if (state.dataset(name)) throw new FilesystemExists({ name, asked })
  const parentName = parentOf(name)
  const parent = parentName === undefined ? undefined : state.dataset(parentName)
  if (!parent) throw new ParentNotFound({ name, asked })
  if (isTooDeep(name)) throw new NameTooLong({ name, asked })
  if (parent.type !== 'filesystem') throw new WrongParent({ name, asked })
}

/** Whether a dataset is below more others than the kernel allows (zfs_max_dataset_nesting). */
export function isTooDeep(name: string): boolean {
  return name.split('/').length > 50
}

export function newRecord(
  { name, type }: Pick<DatasetRecord, 'name' | 'type'>,
  txg: number,
  values: Values,
  origin?: string,
): DatasetRecord {
  return {
    name,
    type,
    guid: newGuid(),
    createtxg: txg,
    creation: Math.floor(Date.now() / 1000),
    ...(origin === undefined ? {} : { origin }),
    values,
    snapshots: [],
    placed: txg,
  }
}
