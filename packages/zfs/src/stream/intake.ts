import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { IocError } from '@gaoler/core'
import { ArgumentInvalid, StreamTruncated } from '../errors.ts'

/** A stream of bytes to be received: Node's, the Web's, or anything that gives bytes asynchronously. */
export type StreamSource = Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/** Reads bytes from a source, however they come: an exact number first, the rest in its own pieces. */
export class Intake {
  readonly #readable: Readable
  readonly #pieces: AsyncIterator<Uint8Array>
  #rest: Uint8Array = Buffer.alloc(0)
  readonly #asked: string
  #stopped: Error | undefined
  #abandon: (reason: Error) => void = () => {}

  constructor(source: StreamSource, asked: string) {
    this.#asked = asked
    if (!isIterable(source))
      throw new ArgumentInvalid({ argument: 'readable', asked, reason: 'must be a stream of bytes' })
    this.#readable = source instanceof Readable ? source : Readable.from(source as AsyncIterable<Uint8Array>)
    // Its failure is met where it is read; when it is destroyed here, nobody else needs to hear of that.
    this.#readable.on('error', () => {})
    this.#pieces = this.#readable[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  }

  /** The next piece; undefined at the end. Throws what the source fails with. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#rest.length > 0) {
      const rest = this.#rest
      this.#rest = Buffer.alloc(0)
      return rest
    }
    const { done, value } = await this.#piece()
    if (done) return undefined
    if (value instanceof Uint8Array) return value
    throw new ArgumentInvalid({ argument: 'readable', asked: this.#asked, reason: 'must give bytes, not text' })
  }

  /** So many bytes, or fewer at the end. Throws StreamTruncated with what the source fails with as its cause. */
  async take(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      const piece = await this.next().catch((cause: unknown) => {
        throw cause instanceof IocError ? cause : new StreamTruncated({ asked: this.#asked }, { cause })
      })
      if (piece === undefined) break
      pieces.push(piece.subarray(0, missing))
      this.#rest = piece.subarray(missing)
      missing -= Math.min(missing, piece.length)
    }
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
  }

  /** Whoever makes the stream need not go on; and a source that is silent, and cannot be ended, is not waited for. */
  stop(reason?: Error): void {
    this.#stopped = reason ?? new StreamTruncated({ asked: this.#asked })
    this.#readable.destroy(reason)
    this.#abandon(this.#stopped)
  }

  // Not by Promise.race: on a promise that lasts as long as the stream each piece would leave something behind.
  #piece(): Promise<IteratorResult<Uint8Array>> {
    if (this.#stopped) return Promise.reject(this.#stopped)
    return new Promise((resolve, reject) => {
      this.#abandon = reject
      this.#pieces.next().then(resolve, reject)
    })
  }
}

function isIterable(source: unknown): boolean {
  return typeof source === 'object' && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source)
}
