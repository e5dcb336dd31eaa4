import { encode } from '../nvlist/index.ts'
import type { NvInput } from '../nvlist/types.ts'
import type { InValue, OutValue, Parameter } from './call.ts'
import { loadKoffi } from './koffi.ts'
import { cell, freeList, takeList, unpackList } from './lists.ts'

/** Bytes of a buffer for a name that C gives back: ZFS_MAX_DATASET_NAME_LEN. */
const TEXT_LENGTH = 256

const types: Readonly<Record<Parameter, readonly string[]>> = {
  text: ['const char *'],
  int: ['int'],
  uint: ['unsigned int'],
  u64: ['uint64_t'],
  boolean: ['int'],
  list: ['void *'],
  bytes: ['void *'],
  outList: ['void *'],
  outU64: ['void *'],
  outBoolean: ['void *'],
  outText: ['void *', 'int'],
}

/** The types of C's parameters, as koffi spells them. */
export function cTypes(parameters: readonly Parameter[]): string[] {
  return parameters.flatMap((parameter) => types[parameter])
}

/** Arguments of one call in C's form. It keeps all memory that C is given until the call has ended. */
export class Marshalled {
  readonly values: readonly unknown[]
  #lists: bigint[] | undefined
  #outs: (() => OutValue)[] | undefined
  #copies: Uint8Array[] | undefined

  /** Throws NvlistInputInvalid before C has allocated anything. */
  constructor(parameters: readonly Parameter[], input: readonly InValue[]) {
    this.values = parameters.every(isPlain) ? input : this.#convert(parameters, input)
  }

  /** Once C has returned: frees what C was given and reads what it gave. */
  finish(): readonly OutValue[] {
    this.abandon()
    return this.#outs?.map((read) => read()) ?? nothing
  }

  /** When C was not called: frees what it was to be given. */
  abandon(): void {
    for (const list of this.#lists ?? []) freeList(list)
    this.#lists = undefined
    // They may be keys.
    for (const copy of this.#copies ?? []) copy.fill(0)
  }

  /** The values for a call in another thread: buffers stay here, and go as addresses. */
  get addressed(): readonly unknown[] {
    return this.values.map((value) => (ArrayBuffer.isView(value) ? loadKoffi().address(value) : value))
  }

  #convert(parameters: readonly Parameter[], input: readonly InValue[]): unknown[] {
    const values: unknown[] = []
    const packed: [at: number, bytes: Buffer][] = []
    let next = 0
    for (const parameter of parameters) {
      if (parameter.startsWith('out')) values.push(...this.#out(parameter))
      else {
        const value = input[next++] as InValue
        if (parameter === 'list' && value !== null) packed.push([values.length, encode(value as NvInput)])
        if (parameter === 'boolean') values.push(Number(value))
        else values.push(value instanceof Uint8Array ? this.#copy(value) : value)
      }
    }
    this.#lists = []
    try {
      for (const [at, bytes] of packed) {
        values[at] = unpackList(bytes)
        this.#lists.push(values[at] as bigint)
      }
    } catch (error) {
      this.abandon()
      throw error
    }
    return values
  }

  /** Bytes that the caller cannot change while C reads them. */
  #copy(bytes: Uint8Array): Uint8Array {
    const copy = new Uint8Array(new ArrayBuffer(bytes.length))
    copy.set(bytes)
    this.#copies ??= []
    this.#copies.push(copy)
    return copy
  }

  /** What C is given for an `out` parameter; how it is read later is noted. */
  #out(parameter: Parameter): unknown[] {
    this.#outs ??= []
    if (parameter === 'outText') {
      const text = Buffer.alloc(TEXT_LENGTH)
      this.#outs.push(() => text.toString('utf8', 0, text.indexOf(0)))
      return [text, TEXT_LENGTH]
    }
    // Zeroed: C leaves an unused pointer to a list as it is.
    const out = cell()
    if (parameter === 'outList') this.#outs.push(() => takeList(out[0] as bigint))
    else if (parameter === 'outU64') this.#outs.push(() => out[0] as bigint)
    // An enum of 32 bits, of which any set bit means true in either byte order.
    else this.#outs.push(() => out[0] !== 0n)
    return [out]
  }
}

const nothing: readonly OutValue[] = []

/** Whether the caller's value is C's already. */
function isPlain(parameter: Parameter): boolean {
  return parameter === 'text' || parameter === 'int'
}
