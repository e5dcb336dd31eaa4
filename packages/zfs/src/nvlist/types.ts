/** A decoded nvlist. A Map, because names may be `__proto__` and because vdev guids look like numbers. */
export type NvList = Map<string, NvValue>

/** A decoded value. 64-bit integers are always bigint; a BOOLEAN (a name without a value) is null. */
export type NvValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Int8Array
  | NvList
  | boolean[]
  | number[]
  | bigint[]
  | string[]
  | NvList[]

/** What may be encoded by its JavaScript type alone; the wrappers of `nvlist/typed.ts` name the others. */
export type NvInput = Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>
