import { NvlistInputInvalid } from './errors.ts'

/** Texts below this length are written by a loop: calls out of JavaScript cost more than that. */
const SHORT = 32

/** Most lists fit; a longer one makes its own. */
let spare: Buffer | undefined

/** Bytes that grow. They are zeros where nothing was written, so that padding needs no writing. */
export class Writer {
  bytes: Buffer
  view: DataView
  /** Where the next byte goes. */
  at = 0

  constructor() {
    // Taken away while in use: a getter of the caller's list may encode another list meanwhile.
    this.bytes = spare ?? Buffer.alloc(16_384)
    spare = undefined
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset)
  }

  /** Moves on by `length` bytes and says where they begin. */
  take(length: number): number {
    const start = this.at
    const end = start + length
    if (end > this.bytes.length) this.#grow(end)
    this.at = end
    return start
  }

  #grow(end: number): void {
    const larger = Buffer.alloc(Math.max(end, this.bytes.length * 2))
    this.bytes.copy(larger, 0, 0, this.at)
    this.bytes = larger
    this.view = new DataView(larger.buffer, larger.byteOffset)
  }

  /** A word of 32 bits. These take room before they look at the view, which that may replace. */
  word(value: number, littleEndian: boolean): void {
    const start = this.take(4)
    this.view.setInt32(start, value, littleEndian)
  }

  /** A word of 64 bits. */
  wide(value: bigint, littleEndian: boolean): void {
    const start = this.take(8)
    this.view.setBigInt64(start, value, littleEndian)
  }

  double(value: number, littleEndian: boolean): void {
    const start = this.take(8)
    this.view.setFloat64(start, value, littleEndian)
  }

  /**
   * The text in UTF-8, without an end; returns its length in bytes. Throws NvlistInputInvalid for a text that C would
   * cut at a NUL, or that UTF-8 cannot hold.
   */
  text(text: string, what: string): number {
    const { length } = text
    if (length < SHORT) {
      const start = this.take(length)
      const { bytes } = this
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code === 0 || code > 0x7f) break
        bytes[start + index] = code
      }
      if (index === length) return length
      bytes.fill(0, start, start + index)
      this.at = start
    }
    if (text.includes('\0')) throw new NvlistInputInvalid({ path: '', reason: `${what} contains a NUL character` })
    if (!text.isWellFormed()) {
      throw new NvlistInputInvalid({ path: '', reason: `${what} is no well-formed Unicode (a lone surrogate)` })
    }
    const size = Buffer.byteLength(text)
    const start = this.take(size)
    this.bytes.write(text, start)
    return size
  }

  /** What was written, in a buffer of its own. */
  finish(): Buffer {
    const result = Buffer.allocUnsafeSlow(this.at)
    this.bytes.copy(result, 0, 0, this.at)
    return result
  }

  /** Gives the bytes back for the next list. */
  release(): void {
    if (this.bytes.length > 1_048_576) return
    this.bytes.fill(0, 0, this.at)
    spare = this.bytes
  }
}
