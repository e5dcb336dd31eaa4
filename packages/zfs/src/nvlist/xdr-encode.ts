import { DataType, MAX_DEPTH } from './data-type.ts'
import { NvlistInputInvalid } from './errors.ts'
import { type Decided, forEachPair, typeOf } from './input.ts'
import { littleEndian, MAX_PAIR_NAME } from './native-encode.ts'
import { Typed } from './typed.ts'
import type { NvInput } from './types.ts'
import { Writer } from './writer.ts'

const align4 = (length: number): number => (length + 3) & ~3
const align8 = (length: number): number => (length + 7) & ~7

/** The list in the XDR form: resume tokens, labels, cache files. Throws NvlistInputInvalid. */
export function encodeXdr(list: NvInput): Buffer {
  const writer = new XdrWriter()
  try {
    return writer.whole(list)
  } finally {
    writer.release()
  }
}

class XdrWriter extends Writer {
  #depth = 0

  whole(list: NvInput): Buffer {
    const head = this.take(4)
    this.bytes[head] = 1
    // Of the machine that packs, although the rest is big-endian everywhere.
    this.bytes[head + 1] = littleEndian ? 1 : 0
    this.#list(list)
    return this.finish()
  }

  #list(list: NvInput): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new NvlistInputInvalid({ path: '', reason: `lists nest at most ${MAX_DEPTH} deep` })
    }
    const head = this.take(8)
    this.view.setUint32(head + 4, 1)
    forEachPair(list, this.#pair)
    this.#depth--
    this.take(8)
  }

  readonly #pair = (name: string, value: Decided): void => {
    const start = this.take(8)
    const nameLength = this.#text(name, 'the name')
    if (nameLength > MAX_PAIR_NAME) throw new NvlistInputInvalid({ path: '', reason: 'the name is too long' })
    const type = value instanceof Typed ? value.type : typeOf(value)
    const head = this.take(8)
    this.view.setInt32(head, type)
    const plain = value instanceof Typed ? value.value : value
    this.view.setInt32(head + 4, countOf(type, plain))
    this.#value(type, plain)
    this.view.setInt32(start, this.at - start)
    this.view.setInt32(start + 4, align8(16 + nameLength + 1) + align8(nativeSize(type, plain)))
  }

  #value(type: number, value: unknown): void {
    switch (type) {
      case DataType.BOOLEAN:
        return
      case DataType.BYTE:
      case DataType.INT8:
      case DataType.UINT8:
        // C widens a char, so that 255 is written as -1.
        this.word(((value as number) << 24) >> 24, false)
        return
      case DataType.INT16:
      case DataType.UINT16:
      case DataType.INT32:
      case DataType.UINT32:
      case DataType.BOOLEAN_VALUE:
        this.word(Number(value), false)
        return
      case DataType.INT64:
      case DataType.UINT64:
      case DataType.HRTIME:
        this.wide(value as bigint, false)
        return
      case DataType.DOUBLE:
        this.double(value as number, false)
        return
      case DataType.STRING:
        this.#text(value as string)
        return
      case DataType.NVLIST:
        this.#list(value as NvInput)
        return
      case DataType.NVLIST_ARRAY:
        for (const each of value as NvInput[]) this.#list(each)
        return
      case DataType.STRING_ARRAY:
        for (const each of value as string[]) this.#text(each)
        return
      case DataType.BYTE_ARRAY: {
        const bytes = value as Uint8Array
        const start = this.take(align4(bytes.length))
        this.bytes.set(bytes, start)
        return
      }
      default:
        this.#array(type, value as ArrayLike<number> | ArrayLike<bigint>)
        return
    }
  }

  #array(type: number, values: ArrayLike<number | bigint | boolean>): void {
    this.word(values.length, false)
    const bytes = type === DataType.INT8_ARRAY || type === DataType.UINT8_ARRAY
    for (let index = 0; index < values.length; index++) {
      const value = values[index] as number | bigint | boolean
      if (typeof value === 'bigint') this.wide(value, false)
      else this.word(bytes ? (Number(value) << 24) >> 24 : Number(value), false)
    }
  }

  #text(text: string, what = 'the text'): number {
    const start = this.take(4)
    const length = this.text(text, what)
    this.view.setUint32(start, length)
    this.take(align4(length) - length)
    return length
  }
}

function countOf(type: number, value: unknown): number {
  if (type === DataType.BOOLEAN) return 0
  return Array.isArray(value) || ArrayBuffer.isView(value) ? (value as unknown as ArrayLike<unknown>).length : 1
}

/** How many bytes the value takes in the native form: XDR announces that beside its own size. */
function nativeSize(type: number, value: unknown): number {
  switch (type) {
    case DataType.BOOLEAN:
      return 0
    case DataType.STRING:
      return Buffer.byteLength(value as string) + 1
    case DataType.STRING_ARRAY:
      return (value as string[]).reduce((sum, text) => sum + 8 + Buffer.byteLength(text) + 1, 0)
    case DataType.NVLIST:
      return 24
    case DataType.NVLIST_ARRAY:
      return (value as NvInput[]).length * (8 + 24)
    case DataType.BOOLEAN_ARRAY:
      return (value as boolean[]).length * 4
    default:
      // Every scalar has at most eight bytes and is padded to that.
      return ArrayBuffer.isView(value) ? value.byteLength : 8
  }
}
