import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import type { EventType } from './catalogue.ts'
import { reviveError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { ScopeNode } from './scope.ts'

/**
 * What subscribers of `tracingChannel('ioc:operation')` are given: one object for the whole life of an operation.
 *
 * `start` and `end` enclose the synchronous part of its beginning; when it has ended, `error` says that it failed, and
 * `asyncStart` and `asyncEnd` follow. Of the steps in between tells the channel `ioc:event`.
 */
export interface OperationTrace {
  readonly type: EventType
  readonly identifier: string | null
  /** Id of the operation's own event. */
  readonly id: string
  /** Id of the event that it is nested in; null at the top. */
  readonly parent: string | null
  readonly depth: number
  /** What it has returned; set before `asyncStart`, except where the operation runs in another thread. */
  result?: unknown
  /** What it has thrown; set before `error`. */
  error?: unknown
}

const channel = tracingChannel<unknown, OperationTrace>('ioc:operation')

type Events<R> = AsyncGenerator<IocEvent, R, void>

/** Tells subscribers of the life of an operation; the events themselves where there are none. */
export function traced<R>(scope: ScopeNode, events: Events<R>): Events<R> {
  return channel.hasSubscribers ? new Traced(scope, events) : events
}

class Traced<R> implements Events<R> {
  readonly #trace: OperationTrace
  readonly #events: Events<R>
  /** Runs a function in the async context that subscribers have made at the start (`bindStore`), for every part of the work. */
  #within: (<T>(run: () => T) => T) | undefined

  constructor(scope: ScopeNode, events: Events<R>) {
    const { id, type, identifier, parent, depth } = scope.snapshot('pending')
    this.#trace = { type, identifier, id, parent, depth }
    this.#events = events
  }

  next(): Promise<IteratorResult<IocEvent, R>> {
    return this.#follow(this.#within ? this.#within(() => this.#events.next()) : this.#start())
  }

  return(value: R | PromiseLike<R>): Promise<IteratorResult<IocEvent, R>> {
    return this.#events.return(value)
  }

  throw(error: unknown): Promise<IteratorResult<IocEvent, R>> {
    return this.#events.throw(error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events.return(undefined as R)
  }

  #start(): Promise<IteratorResult<IocEvent, R>> {
    return channel.start.runStores(this.#trace, () => {
      this.#within = AsyncLocalStorage.snapshot()
      try {
        return this.#events.next()
      } finally {
        channel.end.publish(this.#trace)
      }
    })
  }

  async #follow(work: Promise<IteratorResult<IocEvent, R>>): Promise<IteratorResult<IocEvent, R>> {
    try {
      const next = await work
      if (next.done) {
        this.#trace.result = next.value
        settle(this.#trace)
      }
      return next
    } catch (thrown) {
      this.#trace.error = thrown
      channel.error.publish(this.#trace)
      settle(this.#trace)
      throw thrown
    }
  }
}

function settle(trace: OperationTrace): void {
  channel.asyncStart.publish(trace)
  channel.asyncEnd.publish(trace)
}

/** Tells subscribers of an operation that runs in another thread, as far as its own events say it. */
export class RemoteTrace {
  #trace: OperationTrace | undefined

  see({ type, identifier, id, parent, depth, state, error }: IocEvent): void {
    if (depth > 0 || state === 'progress') return
    if (state === 'pending') {
      if (!channel.hasSubscribers) return
      this.#trace = { type, identifier, id, parent, depth }
      channel.start.publish(this.#trace)
      channel.end.publish(this.#trace)
    } else if (this.#trace) {
      if (error) channel.error.publish(Object.assign(this.#trace, { error: reviveError(error) }))
      settle(this.#trace)
    }
  }
}
