/** Most lists fit; a longer one makes its own. */
let spare: Buffer | undefined = Buffer.allocUnsafeSlow(16_384)

/** Bytes that grow: zeroed where nothing was written, so that padding needs no writing. */
export class Writer {
  bytes: Buffer
  view: DataView
  /** Where the next byte goes. */
  at = 0

  constructor() {
    // Taken away while in use: a getter of the caller's list may encode another list meanwhile.
    this.bytes = spare ?? Buffer.allocUnsafeSlow(16_384)
    spare = undefined
    this.view = new DataView(this.bytes.buffer)
  }

  /** Moves on by `length` zeroed bytes and says where they begin. */
  take(length: number): number {
    const start = this.at
    const end = start + length
    if (end > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, this.bytes.length * 2))
      this.bytes.copy(larger, 0, 0, start)
      this.bytes = larger
      this.view = new DataView(larger.buffer)
    }
    this.bytes.fill(0, start, end)
    this.at = end
    return start
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

  /** What was written, in a buffer of its own. */
  finish(): Buffer {
    const result = Buffer.allocUnsafeSlow(this.at)
    this.bytes.copy(result, 0, 0, this.at)
    return result
  }

  /** Gives the bytes back for the next list. */
  release(): void {
    if (this.bytes.length <= 1_048_576) spare = this.bytes
  }
}
