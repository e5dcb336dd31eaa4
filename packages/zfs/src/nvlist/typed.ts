import { DataType, type FixedArrayName, type ScalarName } from './data-type.ts'
import { NvlistInputInvalid } from './errors.ts'

/** An array of numbers of one width, or what becomes one. */
type Numbers = ArrayLike<number> | ArrayLike<bigint>
type FixedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array

/** A value with the type of nvpair that it is to become. Made by the functions below, which check its range. */
export class Typed {
  /** One of DataType. */
  readonly type: number
  readonly value: number | bigint | FixedArray

  constructor(type: number, value: number | bigint | FixedArray) {
    this.type = type
    this.value = value
  }
}

const ranges: Readonly<Record<Exclude<ScalarName, 'DOUBLE'>, readonly [least: bigint, most: bigint]>> = {
  BYTE: [0n, 0xffn],
  INT8: [-0x80n, 0x7fn],
  UINT8: [0n, 0xffn],
  INT16: [-0x8000n, 0x7fffn],
  UINT16: [0n, 0xffffn],
  INT32: [-0x8000_0000n, 0x7fff_ffffn],
  UINT32: [0n, 0xffff_ffffn],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
  HRTIME: [-(2n ** 63n), 2n ** 63n - 1n],
}

/** The integer, checked to be one of `name`'s range. Throws NvlistInputInvalid. */
function integer(name: keyof typeof ranges, value: number | bigint): bigint {
  const [least, most] = ranges[name]
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
    throw new NvlistInputInvalid({ path: '', reason: `${String(value)} is no integer that a number can hold exactly` })
  }
  const exact = BigInt(value)
  if (exact >= least && exact <= most) return exact
  throw new NvlistInputInvalid({ path: '', reason: `${exact} is out of range: ${name} takes ${least} to ${most}` })
}

const small = (name: keyof typeof ranges, value: number | bigint): Typed =>
  new Typed(DataType[name], Number(integer(name, value)))
const wide = (name: keyof typeof ranges, value: number | bigint): Typed =>
  new Typed(DataType[name], integer(name, value))

/** One byte, 0 to 255 (BYTE). */
export const byte = (value: number): Typed => small('BYTE', value)
/** -128 to 127 (INT8). */
export const i8 = (value: number): Typed => small('INT8', value)
/** 0 to 255 (UINT8). */
export const u8 = (value: number): Typed => small('UINT8', value)
/** 16 bits, signed (INT16). */
export const i16 = (value: number): Typed => small('INT16', value)
/** 16 bits (UINT16). */
export const u16 = (value: number): Typed => small('UINT16', value)
/** 32 bits, signed (INT32). */
export const i32 = (value: number): Typed => small('INT32', value)
/** 32 bits (UINT32). */
export const u32 = (value: number): Typed => small('UINT32', value)
/** 64 bits, signed (INT64). */
export const i64 = (value: number | bigint): Typed => wide('INT64', value)
/** 64 bits (UINT64): what a plain bigint becomes too. */
export const u64 = (value: number | bigint): Typed => wide('UINT64', value)
/** Nanoseconds (HRTIME). */
export const hrtime = (value: number | bigint): Typed => wide('HRTIME', value)
/** A number with a fraction (DOUBLE); the kernel refuses it. */
export const double = (value: number): Typed => new Typed(DataType.DOUBLE, value)
/** A name without a value (BOOLEAN), as in sets: what null becomes too. */
export const flag = (): null => null

const arrays = {
  BYTE_ARRAY: [Uint8Array, 'BYTE'],
  INT8_ARRAY: [Int8Array, 'INT8'],
  UINT8_ARRAY: [Uint8Array, 'UINT8'],
  INT16_ARRAY: [Int16Array, 'INT16'],
  UINT16_ARRAY: [Uint16Array, 'UINT16'],
  INT32_ARRAY: [Int32Array, 'INT32'],
  UINT32_ARRAY: [Uint32Array, 'UINT32'],
  INT64_ARRAY: [BigInt64Array, 'INT64'],
  UINT64_ARRAY: [BigUint64Array, 'UINT64'],
} as const

/** Numbers of one width as a typed value. Throws NvlistInputInvalid for none, and for one out of range. */
export function fixedArray(name: FixedArrayName, values: Numbers): Typed {
  const [Kind, element] = arrays[name]
  if (values.length === 0) throw new NvlistInputInvalid({ path: '', reason: `${name} needs at least one element` })
  if (values instanceof Kind) return new Typed(DataType[name], values)
  const checked = Array.from(values as ArrayLike<number | bigint>, (value) => integer(element, value))
  const is64 = Kind === BigInt64Array || Kind === BigUint64Array
  const held = is64 ? Kind.from(checked) : (Kind as Uint8ArrayConstructor).from(checked, Number)
  return new Typed(DataType[name], held)
}

/** Bytes as BYTE_ARRAY; a plain Uint8Array becomes UINT8_ARRAY. */
export const byteArray = (values: ArrayLike<number>): Typed => fixedArray('BYTE_ARRAY', values)
export const i8Array = (values: ArrayLike<number>): Typed => fixedArray('INT8_ARRAY', values)
export const u8Array = (values: ArrayLike<number>): Typed => fixedArray('UINT8_ARRAY', values)
export const i16Array = (values: ArrayLike<number>): Typed => fixedArray('INT16_ARRAY', values)
export const u16Array = (values: ArrayLike<number>): Typed => fixedArray('UINT16_ARRAY', values)
export const i32Array = (values: ArrayLike<number>): Typed => fixedArray('INT32_ARRAY', values)
export const u32Array = (values: ArrayLike<number>): Typed => fixedArray('UINT32_ARRAY', values)
export const i64Array = (values: Numbers): Typed => fixedArray('INT64_ARRAY', values)
export const u64Array = (values: Numbers): Typed => fixedArray('UINT64_ARRAY', values)
