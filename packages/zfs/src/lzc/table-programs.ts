import type { ChannelProgramOptions } from '../calls/pools.ts'
import { E } from '../errno.ts'
import {
  ArgumentInvalid,
  PoolNotFound,
  ZCPLimitInvalid,
  ZCPMemoryError,
  ZCPPermissionError,
  ZCPRuntimeError,
  ZCPSpaceError,
  ZCPSyntaxError,
  ZCPTimeout,
} from '../errors.ts'
import { MAX_DEPTH } from '../nvlist/data-type.ts'
import { i64, i64Array } from '../nvlist/typed.ts'
import type { NvList, NvValue } from '../nvlist/types.ts'
import type { Call, ErrorContext } from './call.ts'
import { checkPool } from './checks.ts'
import type { LzcTable } from './table.ts'

type Arguments = [pool: string, program: string, options?: ChannelProgramOptions]

/** pyzfs's ZCP_DEFAULT_INSTRLIMIT and ZCP_DEFAULT_MEMLIMIT. */
const INSTRUCTIONS = 10_000_000
const MEMORY = 10 * 1_048_576

/** C allocates as much as the limit before it asks the kernel, which refuses more than 100 MiB unless it is tuned. */
const MOST_MEMORY = 2n ** 32n

function limit(value: bigint | number, most: bigint, asked: string): bigint {
  const exact = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : 0n
  if (exact > 0n && exact <= most) return exact
  throw new ZCPLimitInvalid({ asked })
}

/** The kernel gives Lua no numbers but INT64, and integers are UINT64 in lists by default. */
function forLua(value: unknown, depth = 0): unknown {
  // Also what contains itself: the encoder refuses it.
  if (depth > MAX_DEPTH) return value
  const integer = (each: unknown): boolean => typeof each === 'bigint' || typeof each === 'number'
  if (integer(value)) return i64(value as bigint)
  if (Array.isArray(value) && value.length > 0 && value.every(integer)) return i64Array(value)
  if (value instanceof Map) return new Map(Array.from(value, ([name, each]) => [name, forLua(each, depth + 1)]))
  const plain =
    typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))
  return plain ? new Map(Object.entries(value).map(([name, each]) => [name, forLua(each, depth + 1)])) : value
}

/** What Lua said. */
function words({ out: [list] }: ErrorContext): string | undefined {
  const error = (list as NvList | undefined)?.get('error')
  return error === undefined ? undefined : String(error)
}

const program = (symbol: string): Call<Arguments, NvValue | undefined> => ({
  symbol,
  since: '2.0',
  privilege: 'root',
  parameters: ['text', 'text', 'u64', 'u64', 'list', 'outList'],
  asked: (pool) => `run a channel program in "${pool}"`,
  input: (pool, source, { params, instructionLimit = INSTRUCTIONS, memoryLimit = MEMORY } = {}) => {
    const asked = `run a channel program in "${pool}"`
    checkPool(pool, asked)
    if (typeof source !== 'string' || source.includes('\0')) {
      throw new ArgumentInvalid({ argument: 'the program', asked, reason: 'must be text without NUL characters' })
    }
    const limits = [limit(instructionLimit, 2n ** 64n - 1n, asked), limit(memoryLimit, MOST_MEMORY, asked)]
    return [pool, source, ...limits, params === undefined ? {} : { argv: forLua(params) }]
  },
  output: ([list]) => (list as NvList | undefined)?.get('return'),
  errors: {
    ENOENT: (_, name) => [PoolNotFound, { name }],
    ETIME: () => [ZCPTimeout],
    ENOMEM: () => [ZCPMemoryError],
    ENOSPC: () => [ZCPSpaceError],
    EPERM: () => [ZCPPermissionError],
    EACCES: () => [ZCPPermissionError, { errno: E.EACCES }],
    ECHRNG: (context) => [ZCPRuntimeError, { message: words(context) }],
    EINVAL: (context) => {
      const message = words(context)
      return message === undefined ? [ZCPLimitInvalid] : [ZCPSyntaxError, { message }]
    },
  },
})

/** Calls that have the kernel run Lua. */
export const programCalls: Pick<LzcTable, 'channelProgram' | 'channelProgramNosync'> = {
  channelProgram: program('lzc_channel_program'),
  channelProgramNosync: program('lzc_channel_program_nosync'),
}
