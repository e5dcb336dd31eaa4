import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import {
  byte,
  byteArray,
  decode,
  double,
  encode,
  hrtime,
  i8,
  i8Array,
  i16,
  i16Array,
  i32,
  i32Array,
  i64,
  i64Array,
  type NvInput,
  Typed,
  u8,
  u8Array,
  u16,
  u16Array,
  u32,
  u32Array,
  u64,
  u64Array,
} from '../../packages/zfs/src/nvlist/index.ts'
import type { Libnvpair } from './libnvpair.ts'

const few = { minLength: 1, maxLength: 5 }
const text = fc.oneof(
  fc.string({ maxLength: 30, unit: 'grapheme' }),
  fc.constantFrom('', '__proto__', 'constructor', '0', 'x'.repeat(300)),
).filter((value) => !value.includes('\0') && value.isWellFormed()) // biome-ignore format: one thought
// libnvpair packs an empty name before empty texts in a way that it cannot unpack itself (EFAULT).
const name = text.filter((value) => value !== '')

const integer = (bits: number, signed: boolean): fc.Arbitrary<number> =>
  signed
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 })
const wide = (signed: boolean): fc.Arbitrary<bigint> =>
  signed ? fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) : fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

/** Lists with values of all 27 types, to any shape; 64-bit numbers and arrays are typed, so that C can be told which. */
export const lists: fc.Arbitrary<NvInput> = fc.letrec<{ list: NvInput; value: unknown }>((tie) => ({
  list: fc.uniqueArray(fc.tuple(name, tie('value')), { maxLength: 8, selector: ([name]) => name }).map((pairs) => new Map(pairs)),
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      text,
      fc.array(text, few),
      fc.array(fc.boolean(), few),
      integer(8, false).map(byte),
      integer(8, true).map(i8),
      integer(8, false).map(u8),
      integer(16, true).map(i16),
      integer(16, false).map(u16),
      integer(32, true).map(i32),
      integer(32, false).map(u32),
      wide(true).map(i64),
      wide(false).map(u64),
      wide(true).map(hrtime),
      fc.double({ noNaN: true }).map(double),
    ),
    fc.oneof(
      fc.array(integer(8, false), few).map(byteArray),
      fc.array(integer(8, true), few).map(i8Array),
      fc.array(integer(8, false), few).map(u8Array),
      fc.array(integer(16, true), few).map(i16Array),
      fc.array(integer(16, false), few).map(u16Array),
      fc.array(integer(32, true), few).map(i32Array),
      fc.array(integer(32, false), few).map(u32Array),
      fc.array(wide(true), few).map(i64Array),
      fc.array(wide(false), few).map(u64Array),
    ),
    tie('list'),
    fc.array(tie('list'), few),
  ),
})).list // biome-ignore format: one thought

/** What decoding is to give for a list: Maps all the way, arrays of numbers, bytes as they are. */
function expected(value: unknown): unknown {
  if (value instanceof Typed) {
    const held = value.value
    return !ArrayBuffer.isView(held) || held.BYTES_PER_ELEMENT === 1 ? held : Array.from(held as Uint16Array)
  }
  if (Array.isArray(value)) return value.map(expected)
  if (value instanceof Map) return new Map(Array.from(value, ([name, each]) => [name, expected(each)]))
  return value
}

/** What is wrong with how a list is encoded and decoded, in either form: two round trips, through C where it is there. */
export function faultOf(list: NvInput, c: Libnvpair | undefined): string | undefined {
  const theirs = c?.pack(list)
  for (const format of ['native', 'xdr'] as const) {
    const ours = encode(list, { format })
    if (theirs && !ours.equals(theirs[format])) {
      return `${ours.toString('hex')} and not ${theirs[format].toString('hex')} for ${inspect(list, { depth: 9 })}`
    }
    const through = c ? c.repack(ours) : ours
    if (!through.equals(ours)) return `libnvpair reads ${inspect(list, { depth: 9 })} otherwise`
    const back = decode(through)
    if (!isDeepStrictEqual(back, expected(list)))
      return `${inspect(list, { depth: 9 })} became ${inspect(back, { depth: 9 })}`
  }
  return undefined
}
