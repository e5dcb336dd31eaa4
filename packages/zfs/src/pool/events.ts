import { setTimeout as sleep } from 'node:timers/promises'
import { ArgumentInvalid } from '../errors.ts'
import type { NvList } from '../nvlist/types.ts'
import { leavable } from './leavable.ts'
import { EventQueue } from './libzfs.ts'

export interface PoolEventsOptions {
  /** Where to begin: with the oldest that the kernel keeps, with the next new one (default), or behind this number. */
  readonly from?: 'oldest' | 'now' | bigint
  /** Go on when there is no more; default true. */
  readonly follow?: boolean
  /** Of this pool only. */
  readonly pool?: string
  readonly signal?: AbortSignal
}

/** Something that happened to a pool, as the kernel tells it (zpool-events(8)). */
export interface PoolEvent {
  /** Counts from the loading of the module. */
  readonly id: bigint
  readonly at: Date
  /** `sysevent.fs.zfs.scrub_start`, `ereport.fs.zfs.checksum` … */
  readonly class: string
  readonly pool: string | null
  readonly poolGuid: bigint | null
  readonly vdevPath: string | null
  readonly vdevGuid: bigint | null
  /** How many were lost before this one, because nobody read them in time. */
  readonly dropped: number
  /** All that the kernel told, by its names. */
  readonly details: NvList
}

/** How often to look, in milliseconds. Looking takes some microseconds; waiting in the kernel could not be ended. */
const INTERVAL = 100

/** Events as they happen; it ends when the consumer leaves or `signal` fires. Throws ArgumentInvalid, PermissionDenied. */
export function events(options: PoolEventsOptions = {}): AsyncGenerator<PoolEvent, void, void> {
  return leavable(options.signal, (signal) => follow(options, signal))
}

async function* follow(options: PoolEventsOptions, signal: AbortSignal): AsyncGenerator<PoolEvent, void, void> {
  using queue = openQueue(options)
  for (;;) {
    for (const event of waiting(queue, options)) {
      if (signal.aborted) return
      yield event
    }
    if (options.follow === false || signal.aborted) return
    try {
      await sleep(INTERVAL, undefined, { signal })
    } catch {
      return
    }
  }
}

/** The same, blocking. */
export function* eventsSync(options: Omit<PoolEventsOptions, 'signal'> = {}): Generator<PoolEvent, void, void> {
  using queue = openQueue(options)
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    yield* waiting(queue, options)
    if (options.follow === false) return
    Atomics.wait(never, 0, 0, INTERVAL)
  }
}

function openQueue({ from = 'now' }: PoolEventsOptions): EventQueue {
  if (from === 'oldest' || from === 'now' || (typeof from === 'bigint' && from >= 0n)) return new EventQueue(from)
  throw new ArgumentInvalid({ argument: 'from', asked: 'read events', reason: 'must be "oldest", "now" or a number' })
}

function* waiting(queue: EventQueue, { pool }: PoolEventsOptions): Generator<PoolEvent> {
  for (let read = queue.next(); read; read = queue.next()) {
    const event = eventOf(read.list, read.dropped)
    if (pool === undefined || event.pool === pool) yield event
  }
}

/** Reads the list of one event. */
function eventOf(list: NvList, dropped: number): PoolEvent {
  const text = (name: string): string | null => {
    const value = list.get(name)
    return typeof value === 'string' ? value : null
  }
  const integer = (name: string): bigint | null => {
    const value = list.get(name)
    return typeof value === 'bigint' ? value : null
  }
  // Seconds and nanoseconds.
  const time = list.get('time') as ArrayLike<bigint> | undefined
  return {
    id: integer('eid') ?? 0n,
    at: new Date(Number(time?.[0] ?? 0n) * 1000 + Math.floor(Number(time?.[1] ?? 0n) / 1_000_000)),
    class: text('class') ?? '',
    pool: text('pool'),
    poolGuid: integer('pool_guid'),
    vdevPath: text('vdev_path'),
    vdevGuid: integer('vdev_guid'),
    dropped,
    details: list,
  }
}
