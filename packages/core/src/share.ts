import type { EventType, WithDescendants } from './catalogue.ts'
import { toIocError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { Source, Start } from './source.ts'

type Listener = (event: IocEvent) => void

/** One run of an operation, many watchers: it goes on whether anybody watches or not. */
export class OperationHandle<R> implements AsyncDisposable {
  /** Settles with the operation. Its rejection counts as handled once somebody iterates over `events()`. */
  readonly result: Promise<R>
  readonly #source: Source<R>
  readonly #abort: ((reason: unknown) => void) | undefined
  readonly #events: IocEvent[] = []
  readonly #listeners = new Set<Listener>()
  #wake: () => void = () => {}
  #changed: Promise<void> = Promise.resolve()
  #aborted: Promise<unknown> | undefined
  #ended = false

  constructor(operation: Source<R> | Start<R>) {
    if (typeof operation === 'function') {
      const controller = new AbortController()
      this.#abort = (reason) => controller.abort(reason)
      this.#source = operation({ signal: controller.signal })
    } else {
      this.#source = operation
    }
    this.#expect()
    this.result = this.#run()
  }

  /** Every event from the first one on, and the result as return value. Leaving it only stops the watching. */
  async *events(): AsyncGenerator<IocEvent, R, void> {
    this.result.catch(() => {})
    for (let at = 0; ; ) {
      const event = this.#events[at]
      if (event) {
        at++
        yield event
      } else if (this.#ended) return await this.result
      else await this.#changed
    }
  }

  /** Calls `listener` with each further event of that kind or of one that derives from it, or with all; returns the way to stop that. */
  on(type: '*', listener: (event: IocEvent) => void): () => void
  on<K extends EventType>(type: K, listener: (event: IocEvent<WithDescendants<K>>) => void): () => void
  on(type: EventType | '*', listener: (event: never) => void): () => void {
    const take: Listener = (event) => {
      if (type === '*' || event.is(type)) listener(event as never)
    }
    this.#listeners.add(take)
    return () => this.#listeners.delete(take)
  }

  /** Cancels the operation; `result` then rejects when it is undone. */
  abort(reason: unknown = new Error('its handle was aborted')): void {
    if (this.#ended) return
    if (this.#abort) this.#abort(reason)
    else if (!this.#aborted) {
      this.#aborted = this.#source.throw(reason)
      this.#aborted.catch(() => {})
    }
  }

  /** Cancels the operation if it still runs, and waits until it is undone. Throws when it was not undone whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return
    this.abort(new Error('its handle was disposed of'))
    const error = await this.result.then(() => undefined, toIocError)
    if (error?.reverted === false) throw error
  }

  async #run(): Promise<R> {
    try {
      for (;;) {
        const next = await this.#source.next()
        if (next.done) {
          // A generator that was left ends without a word; the reason is with whoever made it leave.
          await this.#aborted
          return next.value
        }
        this.#events.push(next.value)
        for (const listener of this.#listeners) tell(listener, next.value)
        this.#expect()
      }
    } finally {
      this.#ended = true
      this.#wake()
    }
  }

  #expect(): void {
    this.#wake()
    this.#changed = new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

/** Calls a listener whose failure must not disturb the operation, and must not be lost either. */
function tell(listener: Listener, event: IocEvent): void {
  try {
    listener(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/**
 * Starts an operation at once and shares its one run among any number of watchers, also late ones.
 *
 * Give a function, `share((o) => jail.start(o))`, and an abort goes through its signal, so that watchers see the undo;
 * of an operation that is given itself the events end where it was aborted. It is drained without back-pressure, and its
 * events are kept as long as the handle is.
 */
export function share<R>(operation: Source<R> | Start<R>): OperationHandle<R> {
  return new OperationHandle(operation)
}
