import { MAX_DEPTH } from './data-type.ts'
import { NvlistMalformed } from './errors.ts'
import { many } from './native-decode.ts'
import type { Text } from './text.ts'
import type { NvList, NvValue } from './types.ts'

const align4 = (length: number): number => (length + 3) & ~3

/** Reads the XDR form; `at` is behind the four bytes of the head. */
export class XdrReader {
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

  /** A list, outermost or embedded: a version, a flag, its pairs, two empty words. */
  list(): NvList {
    if (++this.#depth > MAX_DEPTH) throw new NvlistMalformed({ reason: `lists nest more than ${MAX_DEPTH} deep` })
    const version = this.#view.getInt32(this.#at)
    if (version !== 0) throw new NvlistMalformed({ reason: `version ${version} is unknown`, offset: this.#at })
    this.#at += 8
    const list: NvList = new Map()
    for (;;) {
      const start = this.#at
      const size = this.#view.getInt32(start)
      this.#at += 8
      if (size === 0) break
      const end = start + size
      if (size < 0 || end > this.#view.byteLength) {
        throw new NvlistMalformed({ reason: 'a pair does not fit into the list', offset: start })
      }
      const name = this.#string(end)
      const type = this.#word()
      const count = this.#word()
      list.set(name, this.#value(type, count, end))
      if (this.#at > end) throw new NvlistMalformed({ reason: 'a pair does not fit into its size', offset: start })
      this.#at = end
    }
    if (this.#at > this.#view.byteLength) throw new NvlistMalformed({ reason: 'the list is cut off' })
    this.#depth--
    return list
  }

  #value(type: number, count: number, end: number): NvValue {
    switch (type) {
      case 1:
        return null
      case 2:
      case 23:
        // A byte was widened with its sign.
        return this.#word() & 0xff
      case 22:
      case 3:
      case 5:
        return this.#word()
      case 4:
        return this.#word() & 0xffff
      case 6:
        return this.#word() >>> 0
      case 7:
      case 18:
        return this.#wide()
      case 8:
        return BigInt.asUintN(64, this.#wide())
      case 9:
        return this.#string(end)
      case 19:
        return this.list()
      case 21:
        return this.#word() !== 0
      case 27:
        this.#at += 8
        return this.#view.getFloat64(this.#at - 8)
      default:
        return this.#array(type, count, end)
    }
  }

  #array(type: number, count: number, end: number): NvValue {
    if (count < 0 || count > end - this.#at) {
      throw new NvlistMalformed({ reason: 'an array is longer than its pair', offset: this.#at })
    }
    // An empty array is its count of 0 in the pair and nothing else.
    const elements = type === 10 || type === 17 || type === 20 || count === 0 ? count : this.#word()
    if (elements !== count) throw new NvlistMalformed({ reason: 'an array has two lengths', offset: this.#at })
    switch (type) {
      case 10:
        this.#at += align4(count)
        return new Uint8Array(this.#bytes.subarray(this.#at - align4(count)).subarray(0, count))
      case 25:
        return Int8Array.from(many(count, () => this.#word()))
      case 26:
        return Uint8Array.from(many(count, () => this.#word() & 0xff))
      case 11:
      case 13:
        return many(count, () => this.#word())
      case 12:
        return many(count, () => this.#word() & 0xffff)
      case 14:
        return many(count, () => this.#word() >>> 0)
      case 15:
        return many(count, () => this.#wide())
      case 16:
        return many(count, () => BigInt.asUintN(64, this.#wide()))
      case 17:
        return many(count, () => this.#string(end))
      case 20:
        return many(count, () => this.list())
      case 24:
        return many(count, () => this.#word() !== 0)
      default:
        throw new NvlistMalformed({ reason: `type ${type} is unknown`, offset: this.#at })
    }
  }

  #word(): number {
    this.#at += 4
    return this.#view.getInt32(this.#at - 4)
  }

  #wide(): bigint {
    this.#at += 8
    return this.#view.getBigInt64(this.#at - 8)
  }

  #string(end: number): string {
    const length = this.#word() >>> 0
    const start = this.#at
    if (length > end - start) throw new NvlistMalformed({ reason: 'a text is longer than its pair', offset: start })
    this.#at += align4(length)
    return this.#text.name(start, start + length)
  }
}
