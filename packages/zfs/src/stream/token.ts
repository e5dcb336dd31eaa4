import { inflateSync } from 'node:zlib'
import type { SendFlag } from '../calls/streams.ts'
import { ArgumentInvalid } from '../errors.ts'
import { decode } from '../nvlist/index.ts'
import type { NvList } from '../nvlist/types.ts'

/** What a `receive_resume_token` says: where the interrupted stream goes on. */
export interface ResumeToken {
  /** Name of the snapshot where it was sent. */
  readonly toName: string
  readonly toGuid: bigint
  /** Of the snapshot or bookmark that the stream began at; undefined for full streams. */
  readonly fromGuid: bigint | undefined
  readonly object: bigint
  readonly offset: bigint
  /** Bytes that were received. */
  readonly bytes: bigint
  readonly flags: readonly SendFlag[]
  /** Guids of the snapshots that a redacted stream was made for. */
  readonly redactSnaps: readonly bigint[] | undefined
}

const flags: readonly (readonly [name: string, flag: SendFlag])[] = [
  ['embedok', 'embedded_data'],
  ['largeblockok', 'large_blocks'],
  ['compressok', 'compress'],
  ['rawok', 'raw'],
  ['savedok', 'saved'],
]

/** The longest list that a token is taken for, in bytes: a longer one is somebody's bomb. */
const LONGEST = 1_048_576

/**
 * Reads a `receive_resume_token`: version, checksum and length, then a compressed nvlist (zfs_send_resume_token_to_nvlist
 * of OpenZFS's lib/libzfs/libzfs_sendrecv.c). Throws ArgumentInvalid.
 */
export function parseResumeToken(token: string): ResumeToken {
  const match = /^1-([0-9a-f]{1,16})-([0-9a-f]{1,8})-((?:[0-9a-f]{2})+)$/.exec(String(token))
  if (!match) throw invalid('is no receive_resume_token (1-…-…-…)')
  const [, checksum, length, hex] = match as unknown as [string, string, string, string]
  const compressed = Buffer.from(hex, 'hex')
  if (sum(compressed) !== BigInt(`0x${checksum}`)) throw invalid('was changed: its checksum is another')
  const size = Number.parseInt(length, 16)
  try {
    if (size > LONGEST) throw new RangeError(`${size} bytes are too long`)
    const list = decode(inflateSync(compressed, { maxOutputLength: size }))
    return {
      toName: get(list, 'toname', 'string'),
      toGuid: get(list, 'toguid', 'bigint'),
      fromGuid: list.has('fromguid') ? get(list, 'fromguid', 'bigint') : undefined,
      object: get(list, 'object', 'bigint'),
      offset: get(list, 'offset', 'bigint'),
      bytes: get(list, 'bytes', 'bigint'),
      flags: flags.filter(([name]) => list.has(name)).map(([, flag]) => flag),
      redactSnaps: list.has('book_redact_snaps') ? guids(list.get('book_redact_snaps')) : undefined,
    }
  } catch (cause) {
    if (cause instanceof ArgumentInvalid) throw cause
    throw invalid('cannot be unpacked', cause)
  }
}

function invalid(reason: string, cause?: unknown): ArgumentInvalid {
  return new ArgumentInvalid({ argument: 'resumeToken', asked: 'resume a stream', reason }, { cause })
}

/** The first word of Fletcher's checksum, which is a plain sum. */
function sum(bytes: Buffer): bigint {
  let total = 0n
  for (let at = 0; at + 4 <= bytes.length; at += 4) total += BigInt(bytes.readUInt32LE(at))
  return total & 0xffff_ffff_ffff_ffffn
}

function get(list: NvList, name: string, type: 'string'): string
function get(list: NvList, name: string, type: 'bigint'): bigint
function get(list: NvList, name: string, type: 'string' | 'bigint'): unknown {
  const value = list.get(name)
  if (typeof value !== type) throw invalid(`has no ${name}`)
  return value
}

function guids(value: unknown): readonly bigint[] {
  return value instanceof BigUint64Array ? [...value] : Array.isArray(value) ? value : []
}
