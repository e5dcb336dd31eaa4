import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IocEvent } from './event.ts'
import type { Source } from './source.ts'

/** Where lines are written: a stream of Node, or anything with `write`. */
export interface LineSink {
  /** Takes text; `false` asks to wait for `drain`, where `once` is there to hear of it. */
  write(text: string): unknown
  once?(event: 'drain' | 'close' | 'error', listener: () => void): unknown
  off?(event: 'drain' | 'close' | 'error', listener: () => void): unknown
}

/** An event as one line of NDJSON. A bigint in its payload becomes its decimal text, because JSON has no such number. */
export function toLine(event: IocEvent): string {
  const text = JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  // For readline these separators end a line as well.
  return `${text.replace(/[\u2028\u2029]/g, (mark) => (mark === '\u2028' ? '\\u2028' : '\\u2029'))}\n`
}

/**
 * Passes an operation's events on and writes each to `sink` before, a line each; `replay` reads them back.
 *
 * A full sink slows the operation. When the consumer leaves, the events of undoing are written too. What the sink throws
 * ends the operation, which is then undone. The sink is not closed.
 *
 * ```ts
 * const file = createWriteStream('start.ndjson')
 * for await (const event of record(jail.start(), file)) console.log(`${event}`)
 * ```
 */
export function record<R>(operation: Source<R>, sink: LineSink): AsyncGenerator<IocEvent, R, void> {
  return new Recorded(operation, sink)
}

// Not an async generator function: its return() would wait for the await that it has to end.
class Recorded<R> implements AsyncGenerator<IocEvent, R, void> {
  readonly #source: Source<R>
  readonly #sink: LineSink
  #last: IocEvent | undefined

  constructor(source: Source<R>, sink: LineSink) {
    this.#source = source
    this.#sink = sink
  }

  async next(): Promise<IteratorResult<IocEvent, R>> {
    const next = await this.#source.next()
    if (next.done) return next
    try {
      if (this.#write(next.value) === false) await drained(this.#sink)
    } catch (thrown) {
      // As in `for await`: the error of the body comes before an error of leaving.
      await this.#source.return(undefined as never).catch(() => {})
      throw thrown
    }
    return next
  }

  async return(value: R | PromiseLike<R>): Promise<IteratorResult<IocEvent, R>> {
    await this.#leave(() => this.#source.return(undefined as never))
    return { done: true, value: await value }
  }

  async throw(reason: unknown): Promise<IteratorResult<IocEvent, R>> {
    await this.#leave(() => this.#source.throw(reason))
    throw reason
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return(undefined as R)
  }

  /** Who has left is given no more events; the channel of all events has them. */
  async #leave(how: () => Promise<unknown>): Promise<void> {
    const run = runOf(this.#last)
    const listen = (message: unknown): void => {
      const event = message as IocEvent
      if (runOf(event) === run && event.seq > (this.#last?.seq ?? 0)) this.#write(event)
    }
    if (run !== undefined) subscribe('ioc:event', listen)
    try {
      await how()
    } finally {
      unsubscribe('ioc:event', listen)
    }
  }

  #write(event: IocEvent): unknown {
    this.#last = event
    return this.#sink.write(toLine(event))
  }
}

function runOf(event: IocEvent | undefined): string | undefined {
  return event?.id.slice(0, event.id.indexOf('.'))
}

/** A sink that has ended or failed is waited for no longer: whoever owns it hears of that. */
function drained(sink: LineSink): Promise<void> | undefined {
  if (!sink.once) return undefined
  return new Promise((resolve) => {
    const names = ['drain', 'close', 'error'] as const
    const go = (): void => {
      for (const name of names) sink.off?.(name, go)
      resolve()
    }
    for (const name of names) sink.once?.(name, go)
  })
}
