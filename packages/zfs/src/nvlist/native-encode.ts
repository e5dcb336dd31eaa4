import { DataType, MAX_DEPTH } from './data-type.ts'
import { NvlistInputInvalid } from './errors.ts'
import { type Decided, forEachPair, typeOf } from './input.ts'
import { Typed } from './typed.ts'
import type { NvInput } from './types.ts'
import { Writer } from './writer.ts'

/** Whether this machine stores the lowest byte first; the native form is in the machine's order. */
export const littleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

const align8 = (length: number): number => (length + 7) & ~7
/** Bytes of the head of a pair, before its name. */
const PAIR = 16
/** Bytes that a list embedded in a pair takes there: version, flag, three unused words. */
const EMBEDDED = 24
/** The longest name: its length, with the NUL, is a signed 16-bit number. */
export const MAX_PAIR_NAME: number = 0x7fff - 1

/** The list in the native form: what the kernel and libzfs_core exchange. Throws NvlistInputInvalid. */
export function encodeNative(list: NvInput): Buffer {
  const writer = new NativeWriter()
  try {
    return writer.whole(list)
  } finally {
    writer.release()
  }
}

class NativeWriter extends Writer {
  #depth = 0

  whole(list: NvInput): Buffer {
    const head = this.take(12)
    this.bytes[head + 1] = littleEndian ? 1 : 0
    this.view.setUint32(head + 8, 1, littleEndian)
    this.#pairs(list)
    return this.finish()
  }

  /** The pairs of a list and the empty word that ends them. */
  #pairs(list: NvInput): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new NvlistInputInvalid({ path: '', reason: `lists nest at most ${MAX_DEPTH} deep` })
    }
    forEachPair(list, this.#pair)
    this.#depth--
    this.take(4)
  }

  readonly #pair = (name: string, value: Decided): void => {
    const start = this.take(PAIR)
    const nameLength = this.text(name, 'the name')
    if (nameLength > MAX_PAIR_NAME) throw new NvlistInputInvalid({ path: '', reason: 'the name is too long' })
    this.take(align8(PAIR + nameLength + 1) - PAIR - nameLength)
    const type = value instanceof Typed ? value.type : typeOf(value)
    const count = this.#value(type, value instanceof Typed ? value.value : value)
    const end = start + align8(this.at - start)
    this.take(end - this.at)
    const { view } = this
    view.setInt32(start, end - start, littleEndian)
    view.setInt16(start + 4, nameLength + 1, littleEndian)
    view.setInt32(start + 8, count, littleEndian)
    view.setInt32(start + 12, type, littleEndian)
    // Lists inside the pair follow it, so that its size is that of a pair without them.
    if (type === DataType.NVLIST) this.#pairs(value as NvInput)
    else if (type === DataType.NVLIST_ARRAY) for (const list of value as NvInput[]) this.#pairs(list)
  }

  /** Writes a value as it stands inside its pair; returns how many elements it has. */
  #value(type: number, value: unknown): number {
    switch (type) {
      case DataType.BOOLEAN:
        return 0
      case DataType.BYTE:
      case DataType.INT8:
      case DataType.UINT8:
        this.#byte(value as number)
        return 1
      case DataType.INT16:
      case DataType.UINT16:
        this.#short(value as number)
        return 1
      case DataType.INT32:
      case DataType.UINT32:
      case DataType.BOOLEAN_VALUE:
        this.word(Number(value), littleEndian)
        return 1
      case DataType.INT64:
      case DataType.UINT64:
      case DataType.HRTIME:
        this.wide(value as bigint, littleEndian)
        return 1
      case DataType.DOUBLE:
        this.double(value as number, littleEndian)
        return 1
      case DataType.STRING:
        this.#text(value as string)
        return 1
      case DataType.NVLIST:
        this.#embedded()
        return 1
      case DataType.BOOLEAN_ARRAY:
        for (const each of value as boolean[]) this.word(Number(each), littleEndian)
        return (value as boolean[]).length
      case DataType.STRING_ARRAY:
        // Room for the pointers that the reader puts there.
        this.take((value as string[]).length * 8)
        for (const each of value as string[]) this.#text(each)
        return (value as string[]).length
      case DataType.NVLIST_ARRAY:
        this.take((value as NvInput[]).length * 8)
        for (const _ of value as NvInput[]) this.#embedded()
        return (value as NvInput[]).length
      default: {
        const { buffer, byteOffset, byteLength, length } = value as Uint8Array
        const start = this.take(byteLength)
        this.bytes.set(new Uint8Array(buffer, byteOffset, byteLength), start)
        return length
      }
    }
  }

  #byte(value: number): void {
    const start = this.take(1)
    this.bytes[start] = value & 0xff
  }

  #short(value: number): void {
    const start = this.take(2)
    this.view.setInt16(start, value, littleEndian)
  }

  #text(text: string): void {
    this.text(text, 'the text')
    this.take(1)
  }

  #embedded(): void {
    const start = this.take(EMBEDDED)
    this.view.setUint32(start + 4, 1, littleEndian)
  }
}
