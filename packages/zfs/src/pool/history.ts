import { checkPool } from '../lzc/checks.ts'
import type { NvList } from '../nvlist/types.ts'
import { readHistory } from './libzfs.ts'

export interface PoolHistoryOptions {
  /** Also what the kernel did, such as each change of a property; default false. */
  readonly internal?: boolean
}

/** A line of a pool's history. */
export interface PoolHistoryEntry {
  readonly at: Date
  /** `command`: as it was typed. `ioctl`: a call, with its lists. `internal`: what the kernel noted. */
  readonly kind: 'command' | 'ioctl' | 'internal'
  /** The command, the name of the call, or what the kernel noted (`create`, `set` …). */
  readonly text: string
  /** What was noted beside it. */
  readonly detail: string | null
  readonly uid: bigint | null
  readonly host: string | null
  /** `global`, or the zone or jail. */
  readonly zone: string | null
  readonly txg: bigint | null
  readonly dataset: string | null
  /** What a call was given, and what it answered. */
  readonly input: NvList | null
  readonly output: NvList | null
}

type Entries = Generator<undefined, PoolHistoryEntry[], undefined>

/** Reads a pool's history from the oldest on; it pauses between parts, so that a long one does not hold up the rest. */
export function* history(pool: string, { internal = false }: PoolHistoryOptions = {}): Entries {
  const asked = `read the history of "${pool}"`
  checkPool(pool, asked)
  const entries: PoolHistoryEntry[] = []
  for (const records of readHistory(pool, asked)) {
    for (const record of records) {
      const entry = entryOf(record)
      if (internal || entry.kind === 'command') entries.push(entry)
    }
    yield
  }
  return entries
}

/** Reads the list of one record (ZPOOL_HIST_* of sys/fs/zfs.h). */
function entryOf(record: NvList): PoolHistoryEntry {
  const text = (name: string): string | null => {
    const value = record.get(name)
    return typeof value === 'string' ? value : null
  }
  const integer = (name: string): bigint | null => {
    const value = record.get(name)
    return typeof value === 'bigint' ? value : null
  }
  const list = (name: string): NvList | null => {
    const value = record.get(name)
    return value instanceof Map ? (value as NvList) : null
  }
  const command = text('history command')
  const ioctl = text('ioctl')
  return {
    at: new Date(Number(integer('history time') ?? 0n) * 1000),
    kind: command !== null ? 'command' : ioctl !== null ? 'ioctl' : 'internal',
    text: command ?? ioctl ?? text('internal_name') ?? '',
    detail: text('history internal str')?.trim() || null,
    uid: integer('history who'),
    host: text('history hostname'),
    zone: text('history zone'),
    txg: integer('history txg'),
    dataset: text('dsname'),
    input: list('in_nvl'),
    output: list('out_nvl'),
  }
}
