import { MAX_DEPTH } from './data-type.ts'
import { NvlistMalformed } from './errors.ts'
import { littleEndian } from './native-encode.ts'
import type { Text } from './text.ts'
import type { NvList, NvValue } from './types.ts'

const align8 = (length: number): number => (length + 7) & ~7

/** Reads the native form; `at` is behind the four bytes of the head. */
export class NativeReader {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #text: Text
  #at: number
  #depth = 0

  constructor(bytes: Buffer, at: number, text: Text) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#text = text
    this.#at = at
  }

  /** The outermost list: a version, a flag, its pairs. */
  whole(): NvList {
    const version = this.#view.getInt32(this.#at, littleEndian)
    if (version !== 0) throw new NvlistMalformed({ reason: `version ${version} is unknown`, offset: this.#at })
    this.#at += 8
    return this.#pairs()
  }

  #pairs(): NvList {
    if (++this.#depth > MAX_DEPTH) throw new NvlistMalformed({ reason: `lists nest more than ${MAX_DEPTH} deep` })
    const list: NvList = new Map()
    const view = this.#view
    for (;;) {
      const start = this.#at
      const size = view.getInt32(start, littleEndian)
      if (size === 0) break
      const nameLength = view.getInt16(start + 4, littleEndian)
      const value = start + align8(16 + nameLength)
      if (nameLength < 1 || value > start + size || start + size > view.byteLength) {
        throw new NvlistMalformed({ reason: 'a pair does not fit into its size', offset: start })
      }
      const name = this.#text.name(start + 16, start + 16 + nameLength - 1)
      this.#at = start + size
      const count = view.getInt32(start + 8, littleEndian)
      list.set(name, this.#value(view.getInt32(start + 12, littleEndian), value, start + size, count))
    }
    this.#at += 4
    this.#depth--
    return list
  }

  /** The value between `at` and `end`. Lists are read from behind their pair, where they are. */
  #value(type: number, at: number, end: number, count: number): NvValue {
    const view = this.#view
    // The numbers of DataType, as literals: one jump per pair.
    switch (type) {
      case 1:
        return null
      case 2:
      case 23:
        return view.getUint8(at)
      case 22:
        return view.getInt8(at)
      case 3:
        return view.getInt16(at, littleEndian)
      case 4:
        return view.getUint16(at, littleEndian)
      case 5:
        return view.getInt32(at, littleEndian)
      case 6:
        return view.getUint32(at, littleEndian)
      case 7:
      case 18:
        return view.getBigInt64(at, littleEndian)
      case 8:
        return view.getBigUint64(at, littleEndian)
      case 9:
        return this.#text.until(at, end)
      case 19:
        return this.#pairs()
      case 21:
        return view.getInt32(at, littleEndian) !== 0
      case 27:
        return view.getFloat64(at, littleEndian)
      default:
        return this.#array(type, at, end, count)
    }
  }

  #array(type: number, at: number, end: number, count: number): NvValue {
    // Every element takes at least a byte of the pair: a false count cannot ask for gigabytes.
    if (count < 0 || count > end - at)
      throw new NvlistMalformed({ reason: 'an array is longer than its pair', offset: at })
    const view = this.#view
    switch (type) {
      case 10:
      case 26:
        return new Uint8Array(this.#bytes.subarray(at, at + count))
      case 25:
        return Int8Array.from(this.#bytes.subarray(at, at + count))
      case 11:
        return many(count, (index) => view.getInt16(at + index * 2, littleEndian))
      case 12:
        return many(count, (index) => view.getUint16(at + index * 2, littleEndian))
      case 13:
        return many(count, (index) => view.getInt32(at + index * 4, littleEndian))
      case 14:
        return many(count, (index) => view.getUint32(at + index * 4, littleEndian))
      case 15:
        return many(count, (index) => view.getBigInt64(at + index * 8, littleEndian))
      case 16:
        return many(count, (index) => view.getBigUint64(at + index * 8, littleEndian))
      case 17: {
        let text = at + count * 8
        return many(count, () => {
          const found = this.#text.until(text, end)
          text = this.#text.next
          return found
        })
      }
      case 20:
        return many(count, () => this.#pairs())
      case 24:
        return many(count, (index) => view.getInt32(at + index * 4, littleEndian) !== 0)
      default:
        throw new NvlistMalformed({ reason: `type ${type} is unknown`, offset: at })
    }
  }
}

/** `count` values, made one after the other. */
export function many<T>(count: number, make: (index: number) => T): T[] {
  const values: T[] = []
  for (let index = 0; index < count; index++) values.push(make(index))
  return values
}
