import { isAbsolute } from 'node:path'
import { DatasetNotFound, PropertyInvalid } from '../../errors.ts'
import { checkName } from '../../names.ts'
import { mountAt, mountpointOf, unmount } from '../mounts.ts'
import { canonical, isUserProperty } from '../property-table.ts'
import type { DatasetRecord, Values } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store, Transaction } from '../store.ts'
import { checkInheritable, fromText } from '../values.ts'

export function* set(store: Store, name: string, properties: Readonly<Record<string, string>>): Steps<void> {
  const asked = `set ${Object.keys(properties).join(', ') || 'nothing'} of ${name}`
  if (String(name).includes('@')) return yield* setOfSnapshot(store, name, properties, asked)
  checkName(name, 'filesystem', asked)
  yield* store.transact((transaction) => {
    const record = transaction.draft.dataset(name)
    if (!record) throw new DatasetNotFound({ name, asked })
    const values = fromText(record, properties, asked)
    change(store, transaction, { ...record, values: { ...record.values, ...values } }, Object.keys(values), asked)
  })
}

/** Clears the local value; nothing happens when there is none. */
export function* inherit(store: Store, name: string, property: string): Steps<void> {
  const asked = `inherit ${property} of ${name}`
  if (String(name).includes('@')) return yield* setOfSnapshot(store, name, { [property]: undefined }, asked)
  checkName(name, 'filesystem', asked)
  yield* store.transact((transaction) => {
    const record = transaction.draft.dataset(name)
    if (!record) throw new DatasetNotFound({ name, asked })
    checkInheritable(record, property, asked)
    const key = canonical(property)
    if (!Object.hasOwn(record.values, key)) return
    const { [key]: _, ...values } = record.values
    change(store, transaction, { ...record, values }, [key], asked)
  })
}

/** Puts the record, and mounts and unmounts what the change asks for, as `zfs set` does. */
function change(
  store: Store,
  transaction: Transaction,
  record: DatasetRecord,
  properties: readonly string[],
  asked: string,
): void {
  const { draft } = transaction
  const moves = properties.includes('mountpoint')
  const heirs = [record.name, ...draft.descendants(record.name).map((child) => child.name)].filter((name) => {
    return moves && mountpointSource(store, transaction, name) === mountpointSource(store, transaction, record.name)
  })
  const before = new Map(heirs.map((name) => [name, mountpointOf(store, draft, name).value]))
  const mounted = new Set(heirs.filter((name) => draft.dataset(name)?.mounted !== undefined))
  // The innermost first.
  if (moves) for (const name of heirs.toReversed()) unmount(store, transaction, name, { asked })
  draft.put({ ...(draft.dataset(record.name) as DatasetRecord), values: record.values })
  if (properties.includes('canmount') && record.values.canmount === 'off')
    unmount(store, transaction, record.name, { asked })
  for (const name of heirs) {
    // What could not be mounted before is now, as in zfsprops(7).
    const wanted = mounted.has(name) || (!isAbsolute(before.get(name) ?? '') && canMount(draft.dataset(name)))
    const path = mountpointOf(store, draft, name).value
    if (wanted && isAbsolute(path)) mountAt(store, transaction, name, path)
  }
  if (properties.includes('canmount') && canMount(record)) {
    const path = mountpointOf(store, draft, record.name).value
    if (draft.dataset(record.name)?.mounted === undefined && isAbsolute(path))
      mountAt(store, transaction, record.name, path)
  }
}

function mountpointSource(store: Store, { draft }: Transaction, name: string): string | undefined {
  return mountpointOf(store, draft, name).from
}

function canMount(record: DatasetRecord | undefined): boolean {
  return record?.type === 'filesystem' && (record.values.canmount ?? 'on') === 'on'
}

/** A snapshot takes user properties only; undefined clears one. */
function* setOfSnapshot(
  store: Store,
  name: string,
  properties: Readonly<Record<string, string | undefined>>,
  asked: string,
): Steps<void> {
  checkName(name, 'snapshot', asked)
  yield* store.transact(({ draft }) => {
    const found = draft.snapshot(name)
    if (!found) throw new DatasetNotFound({ name, asked })
    for (const property of Object.keys(properties)) {
      if (!isUserProperty(property)) {
        throw new PropertyInvalid({
          name,
          asked,
          property,
          reason: `${property}: a snapshot takes user properties only`,
        })
      }
    }
    const merged = Object.entries({ ...found.snapshot.values, ...properties })
    const values: Values = Object.fromEntries(
      merged.filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    draft.putSnapshot(found, { ...found.snapshot, values })
  })
}
