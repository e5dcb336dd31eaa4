import { statfsSync } from 'node:fs'
import { PoolNotFound, PropertyInvalid } from '../../errors.ts'
import { checkPool } from '../../lzc/checks.ts'
import type { ListPoolsOptions, Pool, PoolStatus } from '../../pool/pools.ts'
import { type PoolProperty, poolProperty, wholeName } from '../../pool/properties.ts'
import { inputText } from '../../properties/native.ts'
import type { PropertyInput } from '../../properties/types.ts'
import { sizeOf } from '../space.ts'
import type { DatasetRecord, State, Values } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'

const flag = /^(?:on|off)$/
/** What can be set, which is recorded only: the default, and what it may be. */
const settable: Readonly<Record<string, readonly [initial: string, valid: RegExp]>> = {
  autoexpand: ['off', flag],
  autoreplace: ['off', flag],
  autotrim: ['off', flag],
  comment: ['-', /^[\x20-\x7e]{0,32}$/],
  delegation: ['on', flag],
  failmode: ['wait', /^(?:wait|continue|panic)$/],
  listsnapshots: ['off', flag],
  multihost: ['off', flag],
}
const sizes: readonly string[] = ['allocated', 'free', 'size', 'capacity']
const fixed: Readonly<Record<string, string>> = {
  altroot: '-',
  dedupratio: '1.00',
  fragmentation: '0',
  freeing: '0',
  health: 'ONLINE',
  leaked: '0',
  readonly: 'off',
}

/** Throws PropertyInvalid for what cannot be set, or not to that. */
export function checkPoolValues(
  properties: Readonly<Record<string, PropertyInput>>,
  name: string,
  asked: string,
): Values {
  const values = Object.entries(properties).map(([property, given]) => {
    const text = inputText(given)
    const rule = Object.hasOwn(settable, property) ? settable[property] : undefined
    if (rule?.[1].test(text)) return [property, text] as const
    const reason = rule ? `${JSON.stringify(text)} is no value of it` : 'no property of a pool, or read-only'
    throw new PropertyInvalid({ name, asked, property, reason })
  })
  return Object.fromEntries(values)
}

export function* setPool(store: Store, name: string, properties: Readonly<Record<string, PropertyInput>>): Steps<void> {
  const asked = `set properties of "${name}"`
  checkPool(name, asked)
  const values = checkPoolValues(properties, name, asked)
  yield* store.transact(({ draft }) => {
    const record = poolOf(draft, name, asked)
    draft.put({ ...record, pool: { ...record.pool, ...values } })
  })
}

export function* listPools(store: Store, { properties = [] }: ListPoolsOptions = {}): Steps<Pool[]> {
  const state = yield* store.read()
  const result: Pool[] = []
  for (const record of state.all()) {
    if (!record.name.includes('/')) result.push(yield* describe(store, state, record, properties, 'list pools'))
  }
  return result
}

export function* getPool(store: Store, name: string, properties: readonly string[]): Steps<Pool> {
  const asked = `read "${name}"`
  checkPool(name, asked)
  const state = yield* store.read()
  return yield* describe(store, state, poolOf(state, name, asked), properties, asked)
}

/** One healthy vdev: the directory. */
export function* poolStatus(store: Store, name: string): Steps<PoolStatus> {
  const asked = `read the status of "${name}"`
  checkPool(name, asked)
  const state = yield* store.read()
  const record = poolOf(state, name, asked)
  const { allocated, size } = yield* spaceOf(store, state, record)
  const guid = BigInt(record.guid)
  const directory = {
    name: store.directory,
    type: 'directory',
    guid,
    path: store.directory,
    state: 'ONLINE',
    readErrors: 0n,
    writeErrors: 0n,
    checksumErrors: 0n,
    slowIos: 0n,
    allocated,
    size,
    trim: null,
    initialize: null,
    vdevs: [],
  } as const
  return {
    name,
    guid,
    state: 'ONLINE',
    txg: BigInt(state.txg),
    status: null,
    action: null,
    msgid: null,
    errors: 0n,
    scan: null,
    removal: null,
    vdevs: { data: [directory], log: [], special: [], dedup: [], cache: [], spares: [] },
  }
}

function poolOf(state: State, name: string, asked: string): DatasetRecord {
  const record = state.dataset(name)
  if (record) return record
  throw new PoolNotFound({ name, asked })
}

function* spaceOf(
  store: Store,
  state: State,
  dataset: DatasetRecord,
): Steps<Record<'allocated' | 'free' | 'size', bigint>> {
  const used = (yield* sizeOf(store, state, { dataset }, 'used', new Map())) ?? 0
  const { bavail, bsize } = statfsSync(store.directory)
  const free = bavail * bsize
  return { allocated: BigInt(used), free: BigInt(free), size: BigInt(used + free) }
}

function* describe(
  store: Store,
  state: State,
  record: DatasetRecord,
  wanted: readonly string[],
  asked: string,
): Steps<Pool> {
  const { name, guid, pool = {} } = record
  const all = ['guid', ...Object.keys(fixed), ...Object.keys(settable), ...sizes]
  const names = wanted.includes('all') ? [...all, ...wanted.filter((each) => each !== 'all')] : wanted.map(wholeName)
  const space = names.some((each) => sizes.includes(each)) ? yield* spaceOf(store, state, record) : undefined
  const read = names.map((property): [string, PoolProperty] => {
    if (!all.includes(property)) {
      throw new PropertyInvalid({ name, asked, property, reason: 'there is no such property of a pool' })
    }
    if (Object.hasOwn(pool, property)) return [property, poolProperty(property, pool[property] as string, 'local')]
    const initial = Object.hasOwn(settable, property) ? settable[property]?.[0] : undefined
    if (initial !== undefined) return [property, poolProperty(property, initial, 'default')]
    const text = property === 'guid' ? guid : (fixed[property] ?? sizeText(property, space))
    return [property, poolProperty(property, text, 'none')]
  })
  return { name, guid: BigInt(guid), state: 'ONLINE', properties: Object.fromEntries(read) }
}

function sizeText(property: string, space: Record<'allocated' | 'free' | 'size', bigint> | undefined): string {
  if (!space) return '-'
  if (property === 'capacity') return String(space.size === 0n ? 0n : (space.allocated * 100n) / space.size)
  return String(space[property as keyof typeof space])
}
