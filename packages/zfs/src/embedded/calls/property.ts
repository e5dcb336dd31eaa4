import { isAbsolute } from 'node:path'
import { PropertyInvalid } from '../../errors.ts'
import { checkName } from '../../names.ts'
import { isUserProperty } from '../../properties/names.ts'
import type { PropertyInput } from '../../properties/types.ts'
import { mountAt, mountpointOf, unmount } from '../mounts.ts'
import { canonical } from '../property-table.ts'
import type { DatasetRecord, State, Values } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store, Transaction } from '../store.ts'
import { checkedValues, checkInheritable } from '../values.ts'
import { missing } from './missing.ts'

export function* set(store: Store, name: string, properties: Readonly<Record<string, PropertyInput>>): Steps<void> {
  const asked = `set properties of "${name}"`
  if (String(name).includes('@')) return yield* setOfSnapshot(store, name, properties, asked)
  checkName(name, 'filesystem', asked)
  yield* store.transact((transaction) => {
    const record = transaction.draft.dataset(name)
    if (!record) throw missing(name, asked)
    const values = checkedValues(record, properties, asked)
    change(store, transaction, { ...record, values: { ...record.values, ...values } }, Object.keys(values), asked)
  })
}

/** Clears the local value; nothing happens when there is none. */
export function* inherit(store: Store, name: string, property: string): Steps<void> {
  const asked = `inherit the property "${property}" of "${name}"`
  if (String(name).includes('@')) return yield* setOfSnapshot(store, name, { [property]: undefined }, asked)
  checkName(name, 'filesystem', asked)
  yield* store.transact((transaction) => {
    const record = transaction.draft.dataset(name)
    if (!record) throw missing(name, asked)
    checkInheritable(record, property, asked)
    const key = canonical(property)
    if (!Object.hasOwn(record.values, key)) return
    const { [key]: _, ...values } = record.values
    change(store, transaction, { ...record, values }, [key], asked)
  })
}

/** Sets the values, and mounts and unmounts what that asks for, as `zfs set` does. */
function change(
  store: Store,
  transaction: Transaction,
  { name, values }: DatasetRecord,
  properties: readonly string[],
  asked: string,
): void {
  const { draft } = transaction
  const mountAll = (names: readonly string[]): void => {
    for (const one of names) {
      const path = mountpointOf(store, draft, one).value
      if (isAbsolute(path) && draft.dataset(one)?.mounted === undefined) mountAt(store, transaction, one, path)
    }
  }
  const put = (): void => draft.put({ ...(draft.dataset(name) as DatasetRecord), values })
  if (properties.includes('mountpoint')) {
    const heirs = heirsOf(store, draft, name)
    const wanted = heirs.filter((one) => isWanted(store, draft, one))
    for (const one of heirs.toReversed()) unmount(store, transaction, one, { asked })
    put()
    mountAll(wanted)
  } else {
    put()
  }
  const { canmount } = values
  if (properties.includes('canmount') && canmount === 'off') {
    const inside = draft.descendants(name).filter(({ mounted }) => mounted !== undefined)
    unmount(store, transaction, name, { asked })
    mountAll(inside.map((child) => child.name))
  } else if (properties.includes('canmount') && canMount(draft.dataset(name))) {
    mountAll([name])
  }
}

/** The dataset and all below it that have their mountpoint from where it has its own, the outermost first. */
function heirsOf(store: Store, state: State, name: string): string[] {
  const { from } = mountpointOf(store, state, name)
  return [name, ...state.descendants(name).map((child) => child.name)].filter((one) => {
    return mountpointOf(store, state, one).from === from
  })
}

/** Mounted again at its new mountpoint is what was mounted, and what could not be before (zfsprops(7)). */
function isWanted(store: Store, state: State, name: string): boolean {
  const record = state.dataset(name)
  return record?.mounted !== undefined || (canMount(record) && !isAbsolute(mountpointOf(store, state, name).value))
}

function canMount(record: DatasetRecord | undefined): boolean {
  return record?.type === 'filesystem' && (record.values.canmount ?? 'on') === 'on'
}

/** A snapshot takes user properties only; undefined clears one. */
function* setOfSnapshot(
  store: Store,
  name: string,
  properties: Readonly<Record<string, PropertyInput | undefined>>,
  asked: string,
): Steps<void> {
  checkName(name, 'snapshot', asked)
  yield* store.transact(({ draft }) => {
    const found = draft.snapshot(name)
    if (!found) throw missing(name, asked)
    for (const property of Object.keys(properties)) {
      if (!isUserProperty(property)) {
        throw new PropertyInvalid({ name, asked, property, reason: 'a snapshot takes user properties only' })
      }
    }
    const given = Object.entries(properties).filter(([, value]) => value !== undefined)
    const set = checkedValues({ name, type: 'filesystem' }, Object.fromEntries(given), asked)
    const kept = Object.entries(found.snapshot.values).filter(([property]) => !Object.hasOwn(properties, property))
    const values: Values = { ...Object.fromEntries(kept), ...set }
    draft.putSnapshot(found, { ...found.snapshot, values })
  })
}
