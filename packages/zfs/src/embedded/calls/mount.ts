import { isAbsolute } from 'node:path'
import { DatasetTypeInvalid, PropertyInvalid } from '../../errors.ts'
import { checkName } from '../../names.ts'
import { mountAt, mountpointOf, unmount as takeDown } from '../mounts.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { missing } from './missing.ts'

/** Refuses, as `zfs mount` does, a volume, canmount=off, and a mountpoint that is no path. */
export function* mount(store: Store, name: string): Steps<void> {
  const asked = `mount "${name}"`
  checkName(name, 'filesystem', asked)
  yield* store.transact((transaction) => {
    const record = transaction.draft.dataset(name)
    if (!record) throw missing(name, asked)
    if (record.type === 'volume')
      throw new DatasetTypeInvalid({ name, asked, type: 'volume', reason: 'it is a volume' })
    if (record.mounted !== undefined) return
    const refuse = (property: string, reason: string) => new PropertyInvalid({ name, property, asked, reason })
    if (record.values.canmount === 'off') throw refuse('canmount', 'it is off; set it to on or noauto')
    const { value } = mountpointOf(store, transaction.draft, name)
    if (!isAbsolute(value)) throw refuse('mountpoint', `it is ${value}; set it to a path`)
    mountAt(store, transaction, name, value)
  })
}

/** Children that are mounted inside by inheritance go first; anything else mounted inside needs `force`. */
export function* unmount(store: Store, name: string, { force = false }: { force?: boolean } = {}): Steps<void> {
  const asked = `unmount ${name}`
  checkName(name, 'filesystem', asked)
  yield* store.transact((transaction) => {
    const record = transaction.draft.dataset(name)
    if (!record) throw missing(name, asked)
    if (record.type === 'volume')
      throw new DatasetTypeInvalid({ name, asked, type: 'volume', reason: 'it is a volume' })
    takeDown(store, transaction, name, { asked, force })
  })
}
