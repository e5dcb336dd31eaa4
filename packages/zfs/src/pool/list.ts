import { checkProperty } from '../command/check.ts'
import type { CommandResult, Program } from '../command/run.ts'
import { PoolNotFound } from '../errors.ts'
import { checkPool } from '../lzc/checks.ts'
import { isUserProperty } from '../properties/names.ts'
import type { PropertyInput } from '../properties/types.ts'
import { assignments } from './check.ts'
import { succeed } from './failure.ts'
import { type Ability, knowsJson } from './json.ts'
import { type PoolProperty, poolProperty, wholeName } from './properties.ts'
import { restoreBeyondBmp } from './restore.ts'

/** How a pool or a vdev is, in the words of zpoolconcepts(7); spares are AVAIL or INUSE. */
export type PoolState =
  | 'ONLINE'
  | 'DEGRADED'
  | 'FAULTED'
  | 'OFFLINE'
  | 'REMOVED'
  | 'UNAVAIL'
  | 'SUSPENDED'
  | 'AVAIL'
  | 'INUSE'

export interface Pool {
  readonly name: string
  readonly guid: bigint
  readonly state: PoolState
  readonly properties: Readonly<Record<string, PoolProperty>>
}

export interface ListPoolsOptions {
  /** Names of the properties to read, or `all`; default none. */
  readonly properties?: readonly string[]
  readonly signal?: AbortSignal
}

type Exists = (pool: string) => boolean

/** `zpool get` of all pools. */
export function* list({ properties = [] }: ListPoolsOptions, ability: Ability): Program<Pool[]> {
  return yield* read([], properties, { name: 'pools', asked: 'list pools' }, ability)
}

/** `zpool get` of one. */
export function* get(name: string, properties: readonly string[], exists: Exists, ability: Ability): Program<Pool> {
  const asked = `read "${name}"`
  checkPool(name, asked)
  const [found] = yield* read([name], properties, { name, asked, exists }, ability)
  if (!found) throw new PoolNotFound({ name, asked })
  return found
}

/** `zpool set`, one command for each property: it takes one at a time. */
export function* set(name: string, properties: Readonly<Record<string, PropertyInput>>, exists: Exists): Program<void> {
  const asked = `set properties of "${name}"`
  checkPool(name, asked)
  const words = assignments(properties, name, asked)
  // Nothing to do, and yet a missing pool is to be noticed.
  if (words.length === 0 && !exists(name)) throw new PoolNotFound({ name, asked })
  const names = Object.keys(properties)
  for (const [n, word] of words.entries()) {
    yield* succeed(['set', word, name], { name, asked, exists, properties: [names[n] as string] })
  }
}

function* read(
  names: readonly string[],
  wanted: readonly string[],
  request: { readonly name: string; readonly asked: string; readonly exists?: Exists },
  ability: Ability,
): Program<Pool[]> {
  const properties = [...new Set(wanted.map(wholeName))]
  for (const property of properties) checkProperty(property, request.name, request.asked)
  const columns = properties.includes('all') ? ['all'] : [...new Set(['health', 'guid', ...properties])]
  const json = yield* knowsJson(ability)
  const ask = (form: readonly string[]): Program<CommandResult> =>
    succeed(['get', ...form, columns.join(','), ...names], { ...request, properties })
  const sure = json ? (yield* ask(['-j', '-p'])).stdout : ''
  // Texts of users may have what JSON loses.
  const table = !json || columns.some((each) => each === 'all' || isUserProperty(each))
  const rows = table ? (yield* ask(['-H', '-p', '-o', 'name,property,source,value'])).stdout : ''
  return [...(json ? fromJson(sure, rows) : fromTable(rows))].map(([name, all]) => {
    const { health, guid } = all
    const chosen: Record<string, PoolProperty> = Object.assign(Object.create(null), properties.includes('all') && all)
    for (const property of properties) {
      if (property !== 'all') chosen[property] = all[property] ?? poolProperty(property, '-', 'none')
    }
    return { name, guid: (guid?.value ?? 0n) as bigint, state: health?.text as PoolState, properties: chosen }
  })
}

type Read = Map<string, Record<string, PoolProperty>>

interface JsonPool {
  readonly name: string
  readonly properties: Record<string, { value: string; readonly source: { readonly type: string } }>
}

/** Reads `zpool get -j -p` (OpenZFS 2.3). Without -p numbers would be rounded for people. */
function fromJson(stdout: string, table: string): Read {
  // Without any pool there is nothing in it, or nothing at all.
  const { pools = {} } = (stdout.trim() === '' ? {} : JSON.parse(stdout)) as { pools?: Record<string, JsonPool> }
  restoreBeyondBmp(
    table,
    Object.values(pools).flatMap(({ name, properties }) =>
      Object.entries(properties).map(([property, { value, source }]) => {
        const from = source.type === 'NONE' ? '-' : source.type.toLowerCase()
        const restore = (whole: string): void => {
          properties[property] = { value: whole, source }
        }
        return { head: `${name}\t${property}\t${from}\t`, value, restore }
      }),
    ),
  )
  return new Map(
    Object.values(pools).map(({ name, properties }) => {
      const read = Object.entries(properties).map(([property, { value, source }]) => {
        return [property, poolProperty(property, value, source.type.toLowerCase())] as const
      })
      return [name, Object.fromEntries(read)]
    }),
  )
}

/** Reads `zpool get -Hp -o name,property,source,value`; no value of a native property has a line break. */
function fromTable(stdout: string): Read {
  const pools: Read = new Map()
  for (const line of stdout.split('\n')) {
    const [name, property, source, ...value] = line.split('\t')
    if (!name || !property || source === undefined || value.length === 0) continue
    const read = pools.get(name) ?? Object.create(null)
    read[property] = poolProperty(property, value.join('\t'), source)
    pools.set(name, read)
  }
  return pools
}
