import { Boundary, Misuse } from './boundary.ts'
import type { EventType } from './catalogue.ts'
import { type EffectTable, plannedTable } from './effects.ts'
import { type IocError, toIocError, UsageError } from './error.ts'
import { IocEvent } from './event.ts'
import { Feed, listenersOf } from './feed.ts'
import type { Completion, Journal } from './journal.ts'
import { ScopeNode, type Surroundings } from './scope.ts'
import { type Adoptable, adopt, perform } from './step.ts'
import { traced } from './telemetry.ts'
import type { Body, Operation, OperationOptions, Step, StepOptions } from './types.ts'

/** What makes an operation, beside its body. */
export interface OperationInit<K extends EventType, T extends EffectTable> extends OperationOptions, StepOptions<K> {
  /** The table of effects that the body and its steps reach through `scope.host`. */
  readonly effects?: T
  /** What the effects of a plan change instead of the world. */
  readonly world?: unknown
  /** Opened when the operation begins, unless it is part of another one that has a journal; a journal: that one in any case. */
  readonly journal?: (() => Journal) | Journal
  /** How the operation is completed by another process, once an effect that has no inverse was begun. */
  readonly completion?: () => Completion | null
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

/** Operations whose first event is on its way: one that is yielded but not run is stopped before it does anything. */
const firsts = new WeakMap<object, Operation<unknown>>()

type Pull<R> = PromiseWithResolvers<IteratorResult<IocEvent, R>>

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
  /** Who waits for an event, in the order of asking. */
  readonly #pulls: Pull<R>[] = []
  /** Delivered while nobody pulled, after a cancellation. */
  readonly #ready: IocEvent[] = []
  #first: IocEvent | undefined
  #inflight = false
  #serving = false
  /** It goes on to its end without being asked. */
  #alone = false
  #left = false
  #end: End<R> | undefined
  readonly #leavers: (() => void)[] = []

  constructor(type: EventType, body: Body<EffectTable, R>, init: OperationInit<EventType, EffectTable>) {
    this.#type = type
    this.#body = body
    this.#init = init
  }

  next(): Promise<IteratorResult<IocEvent, R>> {
    try {
      if (this.#state === 'new') this.#start()
    } catch (error) {
      return Promise.reject(error)
    }
    if (this.#nested) return this.#nested.next()
    if (this.#state === 'finished') return Promise.resolve({ done: true, value: undefined as R })
    const pull: Pull<R> = Promise.withResolvers()
    this.#pulls.push(pull)
    this.#serve()
    return pull.promise
  }

  async return(value?: R | PromiseLike<R> | undefined): Promise<IteratorResult<IocEvent, R>> {
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
    const { signal, plan = false } = this.#init
    if (parent.planned && !plan) throw new UsageError(`${this.#type}: a planned operation cannot carry out a real one`)
    const own = this.#nested && this.#abort.signal
    const signals = [parent.signal, siblings, signal, own].filter((each) => each !== undefined)
    const boundary = new Boundary(this.#type, signals.length > 1 ? AbortSignal.any(signals) : parent.signal)
    const listeners = listenersOf(this.#init, parent.listeners)
    const around = this.#surroundings({ feed: parent.feed, boundary, listeners }, parent)
    const scope = new ScopeNode(parent, around, this.#type, this.#init)
    return traced(scope, perform(scope, this.#body, this.#init.unless))
  }

  #start(): void {
    const { eventScope, signal } = this.#init
    if (eventScope) {
      if (!(eventScope instanceof ScopeNode))
        throw new UsageError(`${this.#type}: eventScope must be the scope of a running operation`)
      this.#nested = eventScope.run<R>(this as Operation<R>)
      return
    }
    this.#state = 'running'
    this.#feed.wake = () => this.#serve()
    const boundary = new Boundary(this.#type, this.#abort.signal)
    const around = this.#surroundings({ feed: this.#feed, boundary, listeners: listenersOf(this.#init) })
    const scope = new ScopeNode(null, around, this.#type, this.#init)
    this.#events = traced(scope, perform(scope, this.#body, this.#init.unless))
    abandoned.register(this, this.#type, this)
    if (signal?.aborted) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  #surroundings(base: Pick<Surroundings, 'feed' | 'boundary' | 'listeners'>, parent?: ScopeNode): Surroundings {
    const { effects, plan: planned = false, journal, completion, world } = this.#init
    const table = effects ?? parent?.table ?? {}
    // With a journal of its own it is completed on its own.
    const outer = typeof journal === 'object' ? undefined : parent
    return {
      ...base,
      planned,
      // A table that was handed down is planned already.
      table: planned && !(parent?.planned && !effects) ? plannedTable(table, world) : table,
      journal: planned ? null : (outer?.journal ?? (typeof journal === 'object' ? journal : journal?.()) ?? null),
      completion: outer?.completion ?? completion ?? null,
    }
  }

  // The consumer may never come back, so the undoing does not wait for it.
  readonly #onAbort = (): void => this.#cancel(this.#init.signal?.reason)

  #cancel(reason: unknown): void {
    this.#abort.abort(reason)
    this.#alone = true
    this.#serve()
  }

  async #leave(reason: unknown): Promise<IocError | undefined> {
    if (this.#nested) {
      this.#abort.abort(reason)
      return this.#nested.return(undefined as R).then(() => undefined, toIocError)
    }
    if (this.#state === 'new') this.#state = 'finished'
    if (this.#state === 'finished') return undefined
    await new Promise<void>((resolve) => {
      this.#left = true
      this.#leavers.push(resolve)
      this.#cancel(reason)
    })
    return this.#end && 'error' in this.#end ? this.#end.error : undefined
  }

  /** Gives events to whoever pulls, and asks for more as long as somebody does. */
  #serve(): void {
    // Called again from inside, by a listener that pulls or cancels or a body that reports: the loop goes on with it.
    if (this.#serving) return
    this.#serving = true
    while (this.#state === 'running' && (this.#pulls.length > 0 || this.#alone)) {
      const event = (this.#pulls.length > 0 ? this.#ready.shift() : undefined) ?? this.#deliver()
      if (event) this.#give(event)
      else if (this.#end) this.#finish(this.#end)
      else if (!this.#advance()) break
    }
    this.#serving = false
  }

  #give(event: IocEvent): void {
    if (this.#left) return
    const pull = this.#pulls.shift()
    if (pull) pull.resolve({ done: false, value: event })
    else this.#ready.push(event)
  }

  /** Tells of the end, once: the first pull that waits or is yet to come, and everybody who leaves. */
  #finish(end: End<R>): void {
    this.#alone = false
    if (!this.#left && this.#pulls.length === 0) return
    this.#state = 'finished'
    const [first, ...others] = this.#pulls.splice(0)
    if ('error' in end) first?.reject(end.error)
    else first?.resolve({ done: true, value: end.value })
    for (const pull of others) pull.resolve({ done: true, value: undefined as R })
    for (const leave of this.#leavers.splice(0)) leave()
  }

  /** Asks the root scope for its next draft, unless it is asked already. Tells whether there is one at once. */
  #advance(): boolean {
    if (this.#first) firsts.delete(this.#first)
    this.#feed.pulled()
    if (!this.#inflight) {
      this.#inflight = true
      this.#events.next().then(
        (result) => {
          if (result.done) this.#end = { value: result.value }
          else this.#feed.queue.push(result.value)
          this.#inflight = false
          this.#serve()
        },
        (thrown) => {
          this.#end = { error: toIocError(thrown) }
          this.#inflight = false
          this.#serve()
        },
      )
    }
    return this.#feed.queue.length > 0
  }

  /** Numbers the next draft that waits. What is no draft of this operation is a fault of the body and ends it. */
  #deliver(): IocEvent | undefined {
    const { queue, open } = this.#feed
    while (queue.length > 0) {
      const draft: unknown = queue.shift()
      const node = draft instanceof IocEvent && draft.seq === 0 ? open.get(draft.id) : undefined
      if (!node) {
        this.#refuse(draft)
        continue
      }
      const event = this.#feed.deliver(draft as IocEvent, node)
      if (event.parent === null && event.state === 'pending') {
        this.#first = event
        firsts.set(event, this)
      }
      if (event.parent === null && event.isFinal()) this.#release()
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
      ?.return()
      .catch(() => {})
  }

  /** Nothing is left that could be undone: neither the signal nor the net need hold on to it. */
  #release(): void {
    this.#init.signal?.removeEventListener('abort', this.#onAbort)
    abandoned.unregister(this)
  }
}
