import type { Program } from '../command/run.ts'
import { ArgumentInvalid } from '../errors.ts'
import { checkPool } from '../lzc/checks.ts'
import { succeed } from './failure.ts'

export interface IostatOptions {
  /** Seconds over which each sample counts, from 0.1; default 1. */
  readonly interval?: number
  /** How many samples; without it, until the consumer leaves. */
  readonly count?: number
  readonly signal?: AbortSignal
}

/** What a pool did in an interval. Operations and bytes are for each second. */
export interface PoolIostat {
  readonly pool: string
  /** The end of the interval. */
  readonly at: Date
  /** Bytes. */
  readonly allocated: bigint
  readonly free: bigint
  readonly readOperations: bigint
  readonly writeOperations: bigint
  readonly readBytes: bigint
  readonly writeBytes: bigint
}

/** Throws ArgumentInvalid, NameInvalid. */
export function checkIostat(pool: string, { interval = 1, count }: IostatOptions): void {
  const asked = `watch "${pool}"`
  checkPool(pool, asked)
  if (!(Number.isFinite(interval) && interval >= 0.1 && interval <= 86_400)) {
    throw new ArgumentInvalid({ argument: 'the interval', asked, reason: 'must be from 0.1 to 86400 seconds' })
  }
  if (count !== undefined && !(Number.isSafeInteger(count) && count > 0)) {
    throw new ArgumentInvalid({ argument: 'the count', asked, reason: 'must be an integer above 0' })
  }
}

/** One sample: `zpool iostat -Hpy` of one interval. */
export function* sample(name: string, interval: number, exists: (pool: string) => boolean): Program<PoolIostat> {
  const asked = `watch "${name}"`
  const args = ['iostat', '-H', '-p', '-y', name, String(interval), '1']
  const { stdout } = yield* succeed(args, { name, asked, exists })
  const line = stdout.split('\n').find((each) => each.startsWith(`${name}\t`)) ?? ''
  const [, allocated, free, readOperations, writeOperations, readBytes, writeBytes] = line.split('\t').map(number)
  if (writeBytes === undefined) {
    throw new ArgumentInvalid({
      argument: 'zpool iostat',
      asked,
      reason: `answered ${JSON.stringify(stdout.slice(0, 200))}`,
    })
  }
  return {
    pool: name,
    at: new Date(),
    allocated: allocated as bigint,
    free: free as bigint,
    readOperations: readOperations as bigint,
    writeOperations: writeOperations as bigint,
    readBytes: readBytes as bigint,
    writeBytes,
  }
}

const number = (text: string): bigint => (/^\d+$/.test(text) ? BigInt(text) : 0n)
