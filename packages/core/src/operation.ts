import { Boundary, Misuse } from './boundary.ts'
import type { EventType } from './catalogue.ts'
import type { EffectTable } from './effects.ts'
import { type IocError, toIocError, UsageError } from './error.ts'
import { IocEvent } from './event.ts'
import { Feed, listenersOf } from './feed.ts'
import { ScopeNode } from './scope.ts'
import { type Adoptable, adopt, perform } from './step.ts'
import { traced } from './telemetry.ts'
import type { Body, Operation, OperationOptions, Step, StepOptions } from './types.ts'

/** What makes an operation, beside its body. */
export interface OperationInit<K extends EventType, T extends EffectTable> extends OperationOptions, StepOptions<K> {
  /** The table of effects that the body and its steps reach through `scope.host`. */
  readonly effects?: T
}

/**
 * An operation: `body` runs in a scope whose event is of kind `type`. Nothing happens before the first `next()`.
 * Errors thrown while iterating: the first IocError of the body, foreign ones wrapped as UnexpectedError, OperationCancelled.
 */
export function operation<K extends EventType, R, T extends EffectTable = Record<never, never>>(
  type: K,
  body: Body<T, R>,
  init: OperationInit<K, T> = {},
): Operation<R> {
  return new OperationNode(type, body as unknown as Body<EffectTable, R>, init as OperationInit<EventType, EffectTable>)
}

/** An operation that was dropped while it ran: a net for a mistake, and no promise. */
const abandoned = new FinalizationRegistry<string>((type) => {
  process.emitWarning(`${type} was started and then neither finished nor left with return(); nothing was undone`, {
    code: 'IOC_ABANDONED',
  })
})

/** Operations by their first event: one that is yielded but not run is stopped before it does anything. */
const firsts = new WeakMap<object, WeakRef<Operation<unknown>>>()

type End<R> = { readonly value: R } | { readonly error: IocError }

class OperationNode<R> implements Operation<R>, Adoptable<R> {
  readonly #type: EventType
  readonly #body: Body<EffectTable, R>
  readonly #init: OperationInit<EventType, EffectTable>
  #state: 'new' | 'running' | 'finished' = 'new'
  readonly #feed = new Feed()
  readonly #abort = new AbortController()
  /** The root scope's generator: only ever driven by `next()`, to its end. */
  #events!: AsyncGenerator<IocEvent, R, void>
  /** The step that this operation is, when it was given an `eventScope`. */
  #nested: Step<R> | undefined
  /** Delivered while nobody pulled, after a cancellation. */
  readonly #ready: IocEvent[] = []
  #end: End<R> | undefined
  #inflight = false
  #left = false
  #alone: Promise<void> | undefined
  #pulls = 0
  #last: Promise<IteratorResult<IocEvent, R>> | undefined
  #sleepers: (() => void)[] = []

  constructor(type: EventType, body: Body<EffectTable, R>, init: OperationInit<EventType, EffectTable>) {
    this.#type = type
    this.#body = body
    this.#init = init
  }

  async next(): Promise<IteratorResult<IocEvent, R>> {
    if (this.#state === 'new') this.#start()
    if (this.#nested) return this.#nested.next()
    // Pulls that overlap are answered in their order, as a generator does it.
    const pull = (): Promise<IteratorResult<IocEvent, R>> => this.#pull()
    this.#last = this.#pulls++ > 0 && this.#last ? this.#last.then(pull, pull) : pull()
    return this.#last
  }

  async return(value?: R | PromiseLike<R>): Promise<IteratorResult<IocEvent, R>> {
    const error = await this.#leave(new Error('its consumer left'))
    if (error?.reverted === false) throw error
    return { done: true, value: (await value) as R }
  }

  async throw(reason: unknown): Promise<IteratorResult<IocEvent, R>> {
    throw (await this.#leave(reason)) ?? reason
  }

  [Symbol.asyncIterator](): Operation<R> {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  /** Makes `await operation` an error and not a silence. */
  // biome-ignore lint/suspicious/noThenProperty: it exists to be refused.
  get then(): never {
    throw new TypeError(`${this.#type} cannot be awaited; write: await drain(operation), or iterate over its events`)
  }

  [adopt](parent: ScopeNode, siblings?: AbortSignal): AsyncGenerator<IocEvent, R, void> {
    if (this.#state !== 'new') throw new UsageError(`${this.#type} has begun already: an operation runs once`)
    this.#state = 'finished'
    const { signal, effects } = this.#init
    const own = this.#nested && this.#abort.signal
    const signals = [parent.signal, siblings, signal, own].filter((each) => each !== undefined)
    const scope = parent.child({
      type: this.#type,
      options: this.#init,
      boundary: new Boundary(this.#type, signals.length > 1 ? AbortSignal.any(signals) : parent.signal),
      listeners: listenersOf(this.#init, parent.listeners),
      table: effects ?? parent.table,
    })
    return traced(scope, perform(scope, this.#body, this.#init.unless))
  }

  #start(): void {
    const { eventScope, signal, effects = {} } = this.#init
    if (eventScope) {
      if (!(eventScope instanceof ScopeNode))
        throw new UsageError(`${this.#type}: eventScope must be the scope of a running operation`)
      this.#nested = eventScope.run(this)
      return
    }
    this.#state = 'running'
    this.#feed.wake = () => this.#wake()
    const scope = new ScopeNode({
      feed: this.#feed,
      parent: null,
      boundary: new Boundary(this.#type, this.#abort.signal),
      listeners: listenersOf(this.#init),
      table: effects,
      type: this.#type,
      options: this.#init,
    })
    this.#events = traced(scope, perform(scope, this.#body, this.#init.unless))
    abandoned.register(this, this.#type, this)
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  // The consumer may never come back, so the undoing does not wait for it.
  readonly #onAbort = (): void => this.#cancel(this.#init.signal?.reason)

  #cancel(reason: unknown): void {
    this.#abort.abort(reason)
    this.#alone ??= this.#driveAlone()
  }

  async #leave(reason: unknown): Promise<IocError | undefined> {
    if (this.#nested) {
      this.#abort.abort(reason)
      return this.#nested.return(undefined as R).then(() => undefined, toIocError)
    }
    if (this.#state !== 'running') {
      this.#state = 'finished'
      return undefined
    }
    this.#left = true
    this.#ready.length = 0
    this.#cancel(reason)
    await this.#alone
    this.#state = 'finished'
    return this.#end && 'error' in this.#end ? this.#end.error : undefined
  }

  async #pull(): Promise<IteratorResult<IocEvent, R>> {
    try {
      while (this.#state === 'running') {
        const event = this.#left ? undefined : (this.#ready.shift() ?? this.#deliver())
        if (event) return { done: false, value: event }
        if (this.#end) return this.#finish(this.#end)
        this.#advance()
        await this.#sleep()
      }
      return { done: true, value: undefined as R }
    } finally {
      this.#pulls--
    }
  }

  #finish(end: End<R>): IteratorResult<IocEvent, R> {
    this.#state = 'finished'
    if ('error' in end) throw end.error
    return { done: true, value: end.value }
  }

  async #driveAlone(): Promise<void> {
    // Whoever cancelled may be a listener in the middle of a delivery.
    await undefined
    for (;;) {
      for (let event = this.#deliver(); event; event = this.#deliver()) {
        if (!this.#left) this.#ready.push(event)
      }
      this.#wake()
      if (this.#end) return
      this.#advance()
      await this.#sleep()
    }
  }

  /** Asks the root scope for its next draft, unless it is asked already. */
  #advance(): void {
    this.#feed.pulled()
    if (this.#inflight || this.#end) return
    this.#inflight = true
    this.#events.next().then(
      (result) => {
        this.#inflight = false
        if (result.done) this.#end = { value: result.value }
        else this.#feed.queue.push(result.value)
        this.#wake()
      },
      (thrown) => {
        this.#inflight = false
        this.#end = { error: toIocError(thrown) }
        this.#wake()
      },
    )
  }

  /** Numbers the next draft that waits. What is no draft of this operation is a fault of the body and ends it. */
  #deliver(): IocEvent | undefined {
    const { queue, open } = this.#feed
    while (queue.length > 0) {
      const draft: unknown = queue.shift()
      const scope = draft instanceof IocEvent && draft.seq === 0 ? open.get(draft.id) : undefined
      if (!scope) {
        this.#refuse(draft)
        continue
      }
      const event = this.#feed.deliver(draft as IocEvent, scope)
      if (scope.parent === null && event.state === 'pending') firsts.set(event, new WeakRef(this))
      if (scope.parent === null && event.isFinal()) this.#release()
      return event
    }
    return undefined
  }

  #refuse(found: unknown): void {
    const what = found instanceof IocEvent ? `the event ${found.type}, which is another's or not new` : 'no event'
    const error = new UsageError(
      `${this.#type}: its body yielded ${what}; run operations with: yield* s.run(operation)`,
    )
    this.#abort.abort(new Misuse(error))
    // The body goes on pulling what it should not have: that must not go on working.
    firsts
      .get(found as object)
      ?.deref()
      ?.return()
      .catch(() => {})
  }

  /** Nothing is left that could be undone: neither the signal nor the net need hold on to it. */
  #release(): void {
    this.#init.signal?.removeEventListener('abort', this.#onAbort)
    abandoned.unregister(this)
  }

  /** Until there is news; a leaf may have reported some in the very moment in which it was begun. */
  #sleep(): Promise<void> | undefined {
    if (this.#feed.queue.length > 0) return undefined
    return new Promise((resolve) => this.#sleepers.push(resolve))
  }

  #wake(): void {
    for (const resume of this.#sleepers.splice(0)) resume()
  }
}
