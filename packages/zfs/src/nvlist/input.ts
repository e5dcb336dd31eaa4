import { DataType, type FixedArrayName } from './data-type.ts'
import { NvlistInputInvalid } from './errors.ts'
import { fixedArray, Typed, u64 } from './typed.ts'
import type { NvInput } from './types.ts'

/** A value whose type is decided: a bigint is of 64 bits without sign, other numbers are inside Typed. */
export type Decided =
  | null
  | boolean
  | string
  | bigint
  | Typed
  | readonly boolean[]
  | readonly string[]
  | NvInput
  | readonly NvInput[]

const arrayTypes = new Map<unknown, FixedArrayName>([
  [Uint8Array, 'UINT8_ARRAY'],
  [Int8Array, 'INT8_ARRAY'],
  [Uint16Array, 'UINT16_ARRAY'],
  [Int16Array, 'INT16_ARRAY'],
  [Uint32Array, 'UINT32_ARRAY'],
  [Int32Array, 'INT32_ARRAY'],
  [BigUint64Array, 'UINT64_ARRAY'],
  [BigInt64Array, 'INT64_ARRAY'],
])
const names = Object.entries(DataType) as [keyof typeof DataType, number][]
const arrayOfScalar = new Map(
  names
    .filter(([name]) => `${name}_ARRAY` in DataType)
    .map(([name, type]) => [type, `${name}_ARRAY` as FixedArrayName]),
)

/** Whether a value is a list: a Map or a plain object. */
function isList(value: unknown): value is NvInput {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Map) return true
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Decides on an array by its elements, which must be of one kind. */
function decideArray(values: readonly unknown[]): Decided {
  const [first] = values
  if (first === undefined) throw new NvlistInputInvalid({ path: '', reason: 'an empty array has no type' })
  const all = (is: (value: unknown) => boolean): boolean => values.every(is)
  if (all((value) => typeof value === 'string') || all((value) => typeof value === 'boolean')) return values as string[]
  if (all((value) => typeof value === 'bigint' || typeof value === 'number')) {
    return fixedArray('UINT64_ARRAY', values as number[])
  }
  if (first instanceof Typed && all((value) => value instanceof Typed && value.type === first.type)) {
    const name = arrayOfScalar.get(first.type)
    if (name) return fixedArray(name, (values as Typed[]).map(({ value }) => value) as number[])
  }
  if (all(isList)) return values as NvInput[]
  throw new NvlistInputInvalid({ path: '', reason: 'an array needs elements of one type that lists know' })
}

/** The value in a form whose type is decided. Throws NvlistInputInvalid for what has no place in a list. */
function decide(value: unknown): Decided {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'bigint':
    case 'number':
      return u64(value).value as bigint
    case 'object':
      if (value === null || value instanceof Typed) return value
      if (Array.isArray(value)) return decideArray(value)
      if (isList(value)) return value
  }
  // Buffer and other subclasses of Uint8Array count as what they are made from.
  const Kind = value instanceof Uint8Array ? Uint8Array : (value as object | undefined)?.constructor
  const array = arrayTypes.get(Kind)
  if (array) return fixedArray(array, value as Uint8Array)
  const what = typeof value === 'object' ? `an object of class ${Kind?.name}` : `${typeof value}`
  throw new NvlistInputInvalid({ path: '', reason: `${what} has no place in a list` })
}

/** The type of a decided value that is not Typed. */
export function typeOf(value: Exclude<Decided, Typed>): number {
  if (value === null) return DataType.BOOLEAN
  if (typeof value === 'string') return DataType.STRING
  if (typeof value === 'bigint') return DataType.UINT64
  if (typeof value === 'boolean') return DataType.BOOLEAN_VALUE
  if (!Array.isArray(value)) return DataType.NVLIST
  if (typeof value[0] === 'string') return DataType.STRING_ARRAY
  return typeof value[0] === 'boolean' ? DataType.BOOLEAN_ARRAY : DataType.NVLIST_ARRAY
}

/** Calls `each` for every pair; adds the name to the path of an error. */
export function forEachPair(list: NvInput, each: (name: string, value: Decided) => void): void {
  const pairs = list instanceof Map ? list : Object.entries(list)
  for (const [name, value] of pairs as Iterable<[string, unknown]>) {
    try {
      if (typeof name !== 'string') throw new NvlistInputInvalid({ path: '', reason: 'a name must be a string' })
      each(name, decide(value))
    } catch (error) {
      if (!(error instanceof NvlistInputInvalid)) throw error
      const { path, reason } = error.details
      throw new NvlistInputInvalid({ path: path === '' ? String(name) : `${String(name)}.${path}`, reason })
    }
  }
}
