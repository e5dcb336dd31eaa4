import type { EventType } from './catalogue.ts'
import { IocError, registerErrors } from './error.ts'
import type { IocEvent } from './event.ts'

/** What to do with an event for which there is no room: forget the oldest, forget it, or end with BufferOverflow. */
export type BufferPolicy = 'sliding' | 'dropping' | 'failing'

export interface FromEmitterOptions {
  /** Ends the iteration: it throws the signal's reason. */
  readonly signal?: AbortSignal
  /** Default: `failing`, so that nothing is lost without a word. */
  readonly buffer?: BufferPolicy
  /** How many events may wait; default: 1024. */
  readonly size?: number
}

/**
 * An emitter emitted faster than its events were taken.
 * @remedy Take the events faster, or choose a policy that drops some.
 */
export class BufferOverflow extends IocError<{ type: string; size: number }> {
  static override readonly code: string = 'BUFFER_OVERFLOW'
  constructor(details: { type: string; size: number }, options: ErrorOptions = {}) {
    super(
      `more than ${details.size} events '${details.type}' wait to be taken; take them faster, or allow losses with the buffer 'sliding' or 'dropping'`,
      details,
      options,
    )
  }
}

registerErrors({ BufferOverflow })

/** What `fromEmitter` needs of an emitter; those of eventemitter3 and of node:events have it. */
export interface ListenableEmitter {
  on(type: never, listener: never): unknown
  off(type: never, listener: never): unknown
}

/**
 * The events of an emitter as an async iterable: of one kind, or all with `*`. It listens from the call on.
 *
 * An emitter cannot be slowed down, so events that are not taken yet wait in a buffer of limited size. Leaving the
 * iteration stops the listening; what is emitted as `error` ends it, after the events before it.
 */
export function fromEmitter(emitter: ListenableEmitter, type: '*', options?: FromEmitterOptions): Listening<IocEvent>
export function fromEmitter<K extends EventType>(
  emitter: ListenableEmitter,
  type: K,
  options?: FromEmitterOptions,
): Listening<IocEvent<K>>
export function fromEmitter(
  emitter: ListenableEmitter,
  type: EventType | '*',
  options: FromEmitterOptions = {},
): Listening<IocEvent> {
  return new Listening(emitter, type, options)
}

type End = { readonly error: unknown } | Record<never, never>

export class Listening<E extends IocEvent> implements AsyncIterableIterator<E, undefined, void>, AsyncDisposable {
  readonly #emitter: ListenableEmitter
  readonly #type: EventType | '*'
  readonly #policy: BufferPolicy
  readonly #size: number
  readonly #signal: AbortSignal | undefined
  readonly #events: E[] = []
  /** Pulls that wait for an event. */
  readonly #pulls: PromiseWithResolvers<IteratorResult<E, undefined>>[] = []
  #end: End | undefined

  constructor(emitter: ListenableEmitter, type: EventType | '*', options: FromEmitterOptions) {
    const { signal, buffer = 'failing', size = 1024 } = options
    this.#emitter = emitter
    this.#type = type
    this.#policy = buffer
    this.#size = size
    this.#signal = signal
    emitter.on(type as never, this.#onEvent as never)
    emitter.on('error' as never, this.#onError as never)
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted) this.#onAbort()
  }

  next(): Promise<IteratorResult<E, undefined>> {
    const pull = Promise.withResolvers<IteratorResult<E, undefined>>()
    this.#pulls.push(pull)
    this.#answer()
    return pull.promise
  }

  async return(): Promise<IteratorResult<E, undefined>> {
    this.#events.length = 0
    this.#close({})
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  readonly #onEvent = (event: E): void => {
    if (this.#events.length >= this.#size && this.#pulls.length === 0) {
      if (this.#policy === 'dropping') return
      if (this.#policy === 'failing') {
        this.#close({ error: new BufferOverflow({ type: this.#type, size: this.#size }) })
        return
      }
      this.#events.shift()
    }
    this.#events.push(event)
    this.#answer()
  }

  readonly #onError = (error: unknown): void => this.#close({ error })

  readonly #onAbort = (): void => {
    this.#events.length = 0
    this.#close({ error: this.#signal?.reason })
  }

  #close(end: End): void {
    this.#end ??= end
    this.#emitter.off(this.#type as never, this.#onEvent as never)
    this.#emitter.off('error' as never, this.#onError as never)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#answer()
  }

  /** Gives each waiting pull an event; when there are no more to come, the first one the error, and all others the end. */
  #answer(): void {
    while (this.#pulls.length > 0) {
      const event = this.#events.shift()
      if (!event && !this.#end) return
      const pull = this.#pulls.shift()
      if (event) pull?.resolve({ done: false, value: event })
      else if (this.#end && 'error' in this.#end) {
        pull?.reject(this.#end.error)
        this.#end = {}
      } else pull?.resolve({ done: true, value: undefined })
    }
  }
}
