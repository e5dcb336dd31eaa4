import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { E } from '../errno.ts'
import { StreamIOError } from '../errors.ts'
import { Meter } from './meter.ts'
import { breakPipe, closing, makePipe, type Pipe, readFirst } from './pipe.ts'
import type { SendProgress } from './progress.ts'

/** What hands bytes on; false when no more are wanted for now. */
type Push = (bytes: Uint8Array) => boolean

/** What makes a stream, once. */
export interface Source {
  /** Makes it, to its end. */
  run(push: Push): Promise<void>
  /** More bytes are wanted. */
  resume(): void
  /** No more bytes are wanted, ever. */
  stop(): void
  /** Set where it is written into a descriptor: then a pipe can be handed over instead. */
  readonly produce?: (fd: number) => Promise<unknown>
  /** How many bytes were written into that descriptor. */
  readonly progress?: SendProgress
}

/** How much is read from a pipe at once, and how much memory is set aside for that each time, in bytes. */
const LEAST = 65_536
const SLAB = 1_048_576

const outflows = new WeakMap<object, Outflow>()

/**
 * A stream that begins when it is first read. Destroying `readable` ends what makes the stream; what makes it failing
 * destroys `readable` with that error. `readable` closes only when both have ended.
 */
export class Outflow {
  readonly readable: Readable
  readonly meter: Meter = new Meter()
  /** All was made and taken. Rejected with the reason why not. */
  readonly done: Promise<void>
  readonly #asked: string
  readonly #source: Source
  readonly #settled: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly #stopped = new AbortController()
  /** Both ends of a pipe that was handed over, while they are open. */
  #ends: Pipe | undefined
  #over = false
  readonly #released: PromiseWithResolvers<void> = Promise.withResolvers()
  #begun = false

  constructor(asked: string, source: Source) {
    this.#asked = asked
    this.#source = source
    this.done = this.#settled.promise
    // Who reads only is told by `readable`.
    this.done.catch(() => {})
    this.readable = new Readable({
      highWaterMark: LEAST,
      read: () => {
        if (!this.#begun) this.#begin(source.run((bytes) => this.#push(bytes)))
        source.resume()
      },
      destroy: (error, close) => {
        source.stop()
        this.#stopped.abort()
        if (this.#ends) breakPipe(this.#ends)
        if (!this.#begun) this.#settled.reject(this.#leftBy(error))
        // It is over when nothing works for it any more.
        this.done.then(
          () => close(error),
          () => close(error),
        )
      },
    })
    outflows.set(this.readable, this)
  }

  /** The stream that `readable` is of, when nobody has read of it and it is written into a descriptor. */
  static untouched(readable: unknown): Outflow | undefined {
    const outflow = outflows.get(readable as object)
    if (!outflow || outflow.#begun || !outflow.#source.produce || outflow.readable.destroyed) return undefined
    return outflow.readable.readableFlowing === null ? outflow : undefined
  }

  /**
   * Begins the stream, and gives its first bytes and a descriptor for the rest, to be closed after `release`. The rest
   * passes from kernel to kernel. Fewer bytes when the stream ended before.
   */
  async handOver(length: number): Promise<{ first: Uint8Array; rest: number }> {
    const { reader, writer } = makePipe()
    const made = closing(writer, (fd) => this.#source.produce?.(fd) ?? Promise.resolve()).finally(() => {
      this.#over = true
      this.#ends = undefined
    })
    this.#begin(made.then(() => this.#released.promise))
    const { first, rest } = await readFirst(reader, length, this.#stopped.signal)
    if (!this.#over) this.#ends = { reader: rest, writer }
    this.done.then(
      () => this.readable.destroy(),
      () => {},
    )
    return { first, rest }
  }

  /** How many bytes were made of what was handed over; undefined when nobody tells. */
  async made(): Promise<number | undefined> {
    const ends = this.#ends
    const bytes = ends && (await this.#source.progress?.(ends.writer))
    // When it is over, the descriptor may have become another's.
    return this.#ends === ends ? bytes : undefined
  }

  /** The descriptor for the rest is about to be closed: what still writes will notice. */
  release(): void {
    this.#over = true
    this.#ends = undefined
    this.#released.resolve()
  }

  #push(bytes: Uint8Array): boolean {
    this.meter.count(bytes.length)
    return this.readable.push(bytes)
  }

  #begin(made: Promise<unknown>): void {
    this.#begun = true
    made.then(
      () => {
        // Destroyed before it was read to its end, by somebody who wanted no more of it.
        if (this.readable.destroyed) this.#settled.reject(this.#leftBy(this.readable.errored))
        else this.#settled.resolve()
        this.readable.push(null)
      },
      (error: Error) => {
        const { destroyed, errored } = this.readable
        this.#settled.reject(destroyed ? this.#leftBy(errored ?? undefined, error) : error)
        this.readable.destroy(error)
      },
    )
  }

  /** The error for a stream whose reader went away; why, and what that led to, are its causes. */
  #leftBy(reason: Error | null | undefined, failure?: Error): Error {
    if (!reason && failure) return failure
    return new StreamIOError({ errno: E.EPIPE, asked: this.#asked }, { cause: reason ?? failure })
  }
}

/** What the kernel or a command writes into a pipe, read without a thread that waits for it. */
export function fromPipe(
  asked: string,
  produce: (fd: number) => Promise<unknown>,
  /** Set where a pipe can be handed over. */
  progress?: SendProgress,
): Source {
  let socket: Socket | undefined
  let slab: Buffer = Buffer.alloc(0)
  const buffer = (): Uint8Array => {
    if (slab.length < LEAST) slab = Buffer.allocUnsafeSlow(SLAB)
    return slab
  }
  return {
    ...(progress ? { produce, progress } : {}),
    resume: () => socket?.resume(),
    stop: () => socket?.destroy(),
    run: async (push) => {
      const callback = (length: number): boolean => {
        const bytes = slab.subarray(0, length)
        slab = slab.subarray(length)
        return push(bytes)
      }
      const { reader, writer } = makePipe()
      const reading = new Socket({ fd: reader, readable: true, writable: false, onread: { buffer, callback } })
      socket = reading
      let failed: NodeJS.ErrnoException | undefined
      reading.on('error', (error) => {
        failed = error
      })
      const closed = new Promise((resolve) => reading.once('close', resolve))
      try {
        await closing(writer, produce)
      } catch (error) {
        reading.destroy()
        throw error
      } finally {
        await closed
      }
      if (failed) throw new StreamIOError({ asked, errno: Math.abs(failed.errno ?? E.EIO) }, { cause: failed })
    },
  }
}

/** What is made in this process, a write at a time. */
export function fromWrites(
  asked: string,
  produce: (write: (bytes: Uint8Array) => Promise<void>) => Promise<unknown>,
): Source {
  let wanted: (() => void) | undefined
  let stopped = false
  const resume = (): void => {
    wanted?.()
    wanted = undefined
  }
  return {
    resume,
    stop: () => {
      stopped = true
      resume()
    },
    run: async (push) => {
      await produce(async (bytes) => {
        if (!stopped && !push(bytes)) {
          await new Promise<void>((resolve) => {
            wanted = resolve
          })
        }
        if (stopped) throw new StreamIOError({ errno: E.EPIPE, asked })
      })
    },
  }
}
