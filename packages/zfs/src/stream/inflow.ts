import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { toIocError } from '@gaoler/core'
import { E } from '../errno.ts'
import { StreamIOError } from '../errors.ts'
import type { Intake } from './intake.ts'
import { INTERVAL, Meter } from './meter.ts'
import type { Outflow } from './outflow.ts'
import { closing, makePipe } from './pipe.ts'

/** Reads a stream from a descriptor; gives how many bytes it read, where it knows. */
export type FdConsumer = (fd: number) => Promise<bigint | undefined>

/** A stream on its way into something that reads a descriptor: its first bytes, and then all the rest at once. */
export interface Inflow {
  readonly meter: Meter
  first(length: number): Promise<Uint8Array>
  /** So many bytes, or fewer at the end. */
  take(length: number): Promise<Uint8Array>
  /**
   * Lets `consume` read the rest, with the first bytes again where it wants the `whole`. The error is that of `consume`; a
   * failure of what makes the stream is its cause.
   */
  feed(whole: boolean, consume: FdConsumer): Promise<void>
  /** No more is wanted; a consumer that runs comes to its end. */
  stop(reason?: Error): void
  /** Nothing reads of it any more. */
  close(): void
}

/** What comes through this process: a pipe is filled, without a thread that waits. */
export class StreamInflow implements Inflow {
  readonly meter: Meter = new Meter()
  readonly #intake: Intake
  #first: Uint8Array = Buffer.alloc(0)

  constructor(intake: Intake) {
    this.#intake = intake
  }

  async first(length: number): Promise<Uint8Array> {
    this.#first = await this.take(length)
    return this.#first
  }

  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.#intake.take(length)
    this.meter.count(bytes.length)
    return bytes
  }

  async feed(whole: boolean, consume: FdConsumer): Promise<void> {
    const { reader, writer } = makePipe()
    const socket = new Socket({ fd: writer, readable: false, writable: true })
    // What has ended reads no more: the rest is nobody's.
    socket.on('error', () => {})
    if (whole) socket.write(this.#first)
    const pumped = this.#pump(socket).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    try {
      await closing(reader, consume)
    } catch (error) {
      this.#intake.stop(error as Error)
      socket.destroy()
      const failed = await pumped
      throw failed ? causedBy(error, failed.error) : error
    }
    const failed = await pumped
    if (failed) throw toIocError(failed.error)
  }

  stop(reason?: Error): void {
    this.#intake.stop(reason)
  }

  close(): void {}

  async #pump(socket: Socket): Promise<void> {
    let awake: () => void = () => {}
    const wake = (): void => awake()
    socket.on('drain', wake).on('close', wake)
    try {
      for (let piece = await this.#intake.next(); piece !== undefined; piece = await this.#intake.next()) {
        this.meter.count(piece.length)
        if (socket.destroyed || socket.write(piece)) continue
        await new Promise<void>((resolve) => {
          awake = resolve
        })
      }
      socket.end()
    } catch (error) {
      socket.destroy()
      throw error
    }
  }
}

/** What is sent by this process as well: both calls have the ends of one pipe. */
export class PipeInflow implements Inflow {
  readonly meter: Meter = new Meter()
  readonly #sent: Outflow
  #rest: number | undefined

  constructor(sent: Outflow) {
    this.#sent = sent
    // Who receives tells of its failure.
    sent.readable.on('error', () => {})
  }

  async first(length: number): Promise<Uint8Array> {
    const { first, rest } = await this.#sent.handOver(length)
    this.#rest = rest
    this.#reach(first.length)
    // A stream that did not even begin has a reason to tell.
    if (first.length < length) {
      this.close()
      await this.#sent.done
    }
    return first
  }

  take(): never {
    throw new TypeError('a pipe is read by its consumer')
  }

  async feed(_: boolean, consume: FdConsumer): Promise<void> {
    const begun = this.meter.bytes
    const unwatch = this.#watch()
    try {
      this.#reach(begun + Number((await consume(this.#rest as number)) ?? 0))
    } catch (error) {
      this.close()
      this.#sent.readable.destroy(error as Error)
      const failed = await this.#sent.done.then(
        () => undefined,
        (cause: unknown) => cause,
      )
      throw failed === undefined ? error : causedBy(error, failed)
    } finally {
      unwatch()
    }
    this.close()
    await this.#sent.done
  }

  stop(reason?: Error): void {
    this.#sent.readable.destroy(reason)
  }

  close(): void {
    if (this.#rest === undefined) return
    this.#sent.release()
    closeSync(this.#rest)
    this.#rest = undefined
  }

  #reach(bytes: number): void {
    this.meter.reach(bytes)
    this.#sent.meter.reach(bytes)
  }

  /** Asks how far it is, one question at a time, since nobody here counts; until it is told to stop. */
  #watch(): () => void {
    let busy = false
    const timer = setInterval(async () => {
      if (busy) return
      busy = true
      const bytes = await this.#sent.made()
      busy = false
      if (bytes !== undefined) this.#reach(bytes)
    }, INTERVAL)
    timer.unref()
    return () => clearInterval(timer)
  }
}

/** The error with its cause, unless that is only what the error itself led to. */
function causedBy(error: unknown, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException
  const echo =
    cause === error ||
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    (cause instanceof StreamIOError && (cause.details.errno === E.EPIPE || cause.cause === error))
  if (!echo && error instanceof Error && error.cause === undefined) {
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  }
  return error
}
