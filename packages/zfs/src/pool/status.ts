import type { Program } from '../command/run.ts'
import { CallNotSupported, PoolNotFound } from '../errors.ts'
import { checkPool } from '../lzc/checks.ts'
import { succeed } from './failure.ts'
import { type Ability, knowsJson } from './json.ts'
import type { PoolState } from './list.ts'

/** Work on a vdev: trimming or initialising. */
export interface VdevWork {
  readonly state: 'none' | 'active' | 'canceled' | 'suspended' | 'complete'
  /** Bytes. */
  readonly done: bigint
  readonly total: bigint
  readonly errors: bigint
  /** When it began, was suspended or ended. */
  readonly at: Date | null
}

export interface Vdev {
  /** As `zpool status -P` shows it: the path of a device, or `mirror-0`. */
  readonly name: string
  /** `disk`, `file`, `mirror`, `raidz`, `draid`, `replacing`, `spare`, `indirect` …; embedded: `directory`. */
  readonly type: string
  /** 0n where OpenZFS does not tell it: of a draid, in 2.3. */
  readonly guid: bigint
  readonly path: string | null
  readonly state: PoolState
  readonly readErrors: bigint
  readonly writeErrors: bigint
  readonly checksumErrors: bigint
  /** Requests that took more than 30 seconds (zio_slow_io_ms). */
  readonly slowIos: bigint
  /** Bytes; null where they are not counted, as in the parts of a mirror. */
  readonly allocated: bigint | null
  readonly size: bigint | null
  readonly trim: VdevWork | null
  readonly initialize: VdevWork | null
  readonly vdevs: readonly Vdev[]
}

/** The last scrub or resilver. Bytes; `errors` were met and could not be repaired. */
export interface PoolScan {
  readonly kind: 'scrub' | 'resilver' | 'errorscrub'
  readonly state: 'running' | 'paused' | 'finished' | 'canceled'
  readonly examined: bigint
  readonly issued: bigint
  readonly total: bigint
  readonly repaired: bigint
  readonly errors: bigint
  readonly start: Date
  readonly end: Date | null
}

/** The last evacuation of a device. Bytes. */
export interface PoolRemoval {
  readonly state: 'running' | 'finished' | 'canceled'
  readonly copied: bigint
  readonly total: bigint
  readonly start: Date
  readonly end: Date | null
}

export type VdevClass = 'data' | 'log' | 'special' | 'dedup' | 'cache' | 'spares'

export interface PoolStatus {
  readonly name: string
  readonly guid: bigint
  readonly state: PoolState
  /** The number of the last transaction group. */
  readonly txg: bigint
  /** What is the matter, what to do about it, and where to read more: English text of OpenZFS. */
  readonly status: string | null
  readonly action: string | null
  readonly msgid: string | null
  /** Errors of data that are known and not repaired. */
  readonly errors: bigint
  readonly scan: PoolScan | null
  readonly removal: PoolRemoval | null
  readonly vdevs: Readonly<Record<VdevClass, readonly Vdev[]>>
}

/** `zpool status -j` (OpenZFS 2.3). Older versions print it for people only: CallNotSupported. */
export function* status(name: string, exists: (pool: string) => boolean, ability: Ability): Program<PoolStatus> {
  const asked = `read the status of "${name}"`
  checkPool(name, asked)
  if (!(yield* knowsJson(ability))) throw new CallNotSupported({ name: 'zpool status -j', asked, since: '2.3' })
  const args = ['status', '-j', '-p', '-P', '-s', '-t', '-i', name]
  const { stdout } = yield* succeed(args, { name, asked, exists })
  const found = Object.values((JSON.parse(stdout) as { pools?: Record<string, Json> }).pools ?? {})[0]
  if (!found) throw new PoolNotFound({ name, asked })
  return parseStatus(found)
}

/** An object of the JSON: with -p all numbers are decimal strings, which keeps those of 64 bits whole. */
interface Json {
  readonly [key: string]: string | Json | undefined
}

/** The JSON's names of the classes; `vdevs` has the pool itself, and the data below it. */
const keys: Readonly<Record<Exclude<VdevClass, 'data'>, string>> = {
  log: 'logs',
  special: 'special',
  dedup: 'dedup',
  cache: 'l2cache',
  spares: 'spares',
}

/** Reads one pool of the JSON. */
export function parseStatus(json: Json): PoolStatus {
  const root = vdevsOf(json.vdevs)[0]
  const others = Object.entries(keys).map(([name, key]) => [name, vdevsOf(json[key])])
  return {
    name: text(json.name),
    guid: integer(json.pool_guid),
    state: text(json.state) as PoolState,
    txg: integer(json.txg),
    status: prose(json.status),
    action: prose(json.action),
    msgid: prose(json.msgid),
    errors: integer(json.error_count),
    scan: scanOf(json.scan_stats),
    removal: removalOf(json.removal_stats),
    vdevs: { data: root?.vdevs ?? [], ...Object.fromEntries(others) },
  }
}

function vdevsOf(json: string | Json | undefined): Vdev[] {
  if (typeof json !== 'object') return []
  return Object.values(json).flatMap((vdev) => {
    if (typeof vdev !== 'object') return []
    return {
      name: text(vdev.name),
      // Of a draid OpenZFS 2.3 tells neither this, nor its guid, nor its state.
      type: text(vdev.vdev_type) || (text(vdev.name).startsWith('draid') ? 'draid' : ''),
      guid: integer(vdev.guid),
      path: typeof vdev.path === 'string' ? vdev.path : null,
      state: vdev.state === undefined ? stateOf(vdev) : (text(vdev.state) as PoolState),
      readErrors: integer(vdev.read_errors),
      writeErrors: integer(vdev.write_errors),
      checksumErrors: integer(vdev.checksum_errors),
      slowIos: integer(vdev.slow_ios),
      allocated: vdev.alloc_space === undefined ? null : integer(vdev.alloc_space),
      size: vdev.total_space === undefined ? null : integer(vdev.total_space),
      trim: workOf(vdev, 'trim', 'trimmed', 'to_trim'),
      initialize: workOf(vdev, 'init', 'initialized', 'to_initialize'),
      vdevs: vdevsOf(vdev.vdevs),
    }
  })
}

/** By what is below and the parity in its name, as vdev_raidz_state_change of module/zfs/vdev_raidz.c has it. */
function stateOf(vdev: Json): PoolState {
  const states = Object.values(typeof vdev.vdevs === 'object' ? vdev.vdevs : {}).map((each) => (each as Json).state)
  const lost = states.filter((state) => state !== 'ONLINE' && state !== 'DEGRADED').length
  if (lost > Number(/\d/.exec(text(vdev.name))?.[0] ?? 0)) return 'UNAVAIL'
  return states.every((state) => state === 'ONLINE') ? 'ONLINE' : 'DEGRADED'
}

const workStates: Readonly<Record<string, VdevWork['state']>> = {
  ACTIVE: 'active',
  CANCELED: 'canceled',
  SUSPENDED: 'suspended',
  COMPLETE: 'complete',
}

function workOf(vdev: Json, kind: 'trim' | 'init', done: string, total: string): VdevWork | null {
  const state = vdev[`${kind}_state`]
  if (typeof state !== 'string') return null
  return {
    state: workStates[state] ?? 'none',
    done: integer(vdev[done]),
    total: integer(vdev[total]),
    errors: integer(vdev[`${kind}_errors`]),
    at: date(vdev[`${kind}_time`]),
  }
}

function scanOf(json: string | Json | undefined): PoolScan | null {
  if (typeof json !== 'object') return null
  const state = text(json.state)
  const paused = integer(json.scrub_pause) > 0n
  return {
    kind: text(json.function).toLowerCase().replace('_', '') as PoolScan['kind'],
    state: state === 'SCANNING' ? (paused ? 'paused' : 'running') : state === 'FINISHED' ? 'finished' : 'canceled',
    examined: integer(json.examined),
    issued: integer(json.issued),
    total: integer(json.to_examine),
    repaired: integer(json.processed),
    errors: integer(json.errors),
    start: date(json.start_time) ?? new Date(0),
    end: state === 'SCANNING' ? null : date(json.end_time),
  }
}

function removalOf(json: string | Json | undefined): PoolRemoval | null {
  if (typeof json !== 'object') return null
  const state = text(json.state)
  return {
    state: state === 'FINISHED' ? 'finished' : state === 'CANCELED' ? 'canceled' : 'running',
    copied: integer(json.copied),
    total: integer(json.to_copy),
    start: date(json.start_time) ?? new Date(0),
    end: state === 'FINISHED' || state === 'CANCELED' ? date(json.end_time) : null,
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const integer = (value: unknown): bigint => (typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : 0n)

/** Seconds since 1970. */
function date(value: unknown): Date | null {
  const seconds = integer(value)
  return seconds === 0n ? null : new Date(Number(seconds) * 1000)
}

/** Text that is broken into lines for a terminal. */
function prose(value: unknown): string | null {
  return typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : null
}
