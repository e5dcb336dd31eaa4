import { all } from './all.ts'
import { type Boundary, keep } from './boundary.ts'
import type { EventType } from './catalogue.ts'
import { type Bound, bind, type EffectContext, type EffectTable } from './effects.ts'
import { IocError, OperationCancelled, serialiseError, toIocError, UsageError } from './error.ts'
import { type EventState, IocEvent, type Progress } from './event.ts'
import type { Feed, Listener } from './feed.ts'
import { type Adoptable, adopt, perform, StepNode } from './step.ts'
import type { AllOptions, Body, Operation, Scope, Step, StepOptions } from './types.ts'

/** An effect that was carried out: how to undo it, and by which step it was done. */
export interface Undo {
  readonly event: Pick<IocEvent, 'id' | 'type' | 'identifier' | 'payload'>
  readonly table: EffectTable
  readonly effect: string
  readonly args: object
}

/** What a scope is made of; the event of a nested one takes the rest from its parent. */
export interface ScopeInit {
  readonly feed: Feed
  readonly parent: ScopeNode | null
  readonly boundary: Boundary
  readonly listeners: readonly Listener[]
  readonly table: EffectTable
  readonly type: EventType
  readonly options: StepOptions
  /** Set for the event of an undo: the id of what it undoes. */
  readonly undoes?: string
}

/** The scope of one event, from pending to its final state. */
export class ScopeNode<T extends EffectTable = EffectTable> implements Scope<T> {
  readonly feed: Feed
  readonly parent: ScopeNode | null
  readonly boundary: Boundary
  readonly listeners: readonly Listener[]
  readonly table: EffectTable
  readonly id: string
  readonly type: EventType
  readonly identifier: string | null
  /** What was done below this event and would have to be undone, oldest first. */
  readonly undos: Undo[] = []
  /** Whether nothing is left behind by an undo that failed, here or below. */
  whole = true
  readonly #depth: number
  readonly #undoes: string | null
  readonly #startedAt = Date.now()
  readonly #clock = performance.now()
  readonly #effects = new Set<Promise<unknown>>()
  readonly #resources: (Disposable | AsyncDisposable)[] = []
  readonly #failures: IocError[] = []
  #payload: object
  #message: string | null
  #progress: Progress | null = null
  #skipped = false
  #closed = false
  #made: StepNode<unknown> | undefined
  #active: StepNode<unknown> | undefined
  #host: Bound<T> | undefined

  constructor({ feed, parent, boundary, listeners, table, type, options, undoes }: ScopeInit) {
    this.feed = feed
    this.parent = parent
    this.boundary = boundary
    this.listeners = listeners
    this.table = table
    this.type = type
    this.id = feed.nextId()
    this.identifier = options.identifier ?? parent?.identifier ?? null
    this.#depth = parent ? parent.#depth + 1 : 0
    this.#undoes = undoes ?? null
    this.#payload = Object.freeze({ ...options.payload })
    this.#message = options.message ?? null
    feed.open.set(this.id, this as ScopeNode)
  }

  get signal(): AbortSignal {
    return this.boundary.signal
  }

  get host(): Bound<T> {
    this.#host ??= bind(this.table, (name, args) => this.#effect(name, args)) as Bound<T>
    return this.#host
  }

  step<K extends EventType, R>(type: K, body: Body<T, R>, options: StepOptions<K> = {}): Step<R> {
    return this.#make(type, () => {
      const child = this.child({ type, options: options as StepOptions })
      return perform(child, body as unknown as Body<EffectTable, R>, options.unless)
    })
  }

  run<R>(operation: Operation<R>): Step<R> {
    return this.#make('run', () => (operation as Operation<R> & Adoptable<R>)[adopt](this as ScopeNode))
  }

  all<R>(operations: Iterable<Operation<R>>, options: AllOptions = {}): Step<R[]> {
    return this.#make('all', () => all(this as ScopeNode, operations, options))
  }

  attempt<R>(step: Step<R>): Step<R | undefined> {
    if (step !== this.#made)
      throw new UsageError(`attempt() of ${this.type} takes a step that was just made by its scope`)
    this.#made.onFailure = (error) => this.#failures.push(error)
    return step
  }

  progress(current: number, total?: number, unit = 'steps'): void {
    if (this.#closed) return
    this.#progress = total === undefined ? { current, unit } : { current, total, unit }
    this.feed.progress(this.snapshot('progress'))
  }

  output(text: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    if (this.#closed || text === '') return Promise.resolve()
    return this.feed.output(this.snapshot('progress', null, { chunk: { stream, text } }))
  }

  set(payload: Readonly<Record<string, unknown>>): void {
    this.#payload = Object.freeze({ ...this.#payload, ...payload })
  }

  message(text: string): void {
    this.#message = text
  }

  skip(reason: string): void {
    this.#skipped = true
    this.#message = reason
  }

  use<D extends Disposable | AsyncDisposable>(resource: D): D {
    this.#resources.push(resource)
    return resource
  }

  /** A snapshot of the event as it is now: a draft until the operation delivers it. */
  snapshot(state: EventState, error: IocError | null = null, extra?: object): IocEvent {
    return new IocEvent({
      id: this.id,
      seq: 0,
      type: this.type,
      identifier: this.identifier,
      state,
      parent: this.parent?.id ?? null,
      depth: this.#depth,
      message: error ? error.message : this.#message,
      progress: this.#progress,
      startedAt: this.#startedAt,
      duration: state === 'pending' ? null : performance.now() - this.#clock,
      error: error ? serialiseError(error) : null,
      rollback: this.#undoes !== null,
      undoes: this.#undoes,
      planned: false,
      payload: (extra ? { ...this.#payload, ...extra } : this.#payload) as never,
    })
  }

  /** A nested scope; what is not given is this one's. */
  child(init: Pick<ScopeInit, 'type' | 'options'> & Partial<ScopeInit>): ScopeNode {
    return new ScopeNode({
      feed: this.feed,
      boundary: this.boundary,
      listeners: this.listeners,
      table: this.table,
      ...init,
      parent: this as ScopeNode,
    })
  }

  /** Called by a step when it begins and ends: one at a time. */
  begin(step: StepNode<unknown>): void {
    this.#refuseUnusedStep(step)
    if (this.#active) {
      throw new UsageError(
        `${this.type}: a step was begun while another one runs. Steps run one at a time; use s.all() for parallel work`,
      )
    }
    this.#made = undefined
    this.#active = step
  }

  end(): void {
    this.#active = undefined
  }

  /** Throws when the operation was cancelled. */
  checkpoint(): void {
    if (this.signal.aborted) throw this.boundary.error()
  }

  /** The body has succeeded: refuses what it left unused, throws what it has collected, gives its resources back. */
  async settle(): Promise<void> {
    this.#refuseUnusedStep()
    await this.idle()
    this.checkpoint()
    const [first, ...others] = this.#failures.splice(0)
    if (first) {
      keep(first, others)
      throw first
    }
    await this.dispose()
  }

  /** The body has failed: waits for what it has left running; returns its error, with all others beside it. */
  async fail(thrown: unknown): Promise<IocError> {
    const error = this.#failure(thrown)
    await this.idle()
    keep(error, this.#failures.splice(0))
    return error
  }

  /** Waits for effects that are still running: nothing is abandoned. */
  async idle(): Promise<void> {
    while (this.#effects.size > 0) await Promise.allSettled(this.#effects)
  }

  async dispose(): Promise<void> {
    for (let resource = this.#resources.pop(); resource; resource = this.#resources.pop()) {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
      else resource[Symbol.dispose]()
    }
  }

  /** What was done here is from now on undone by the parent; at the root it stays. */
  handOver(): EventState {
    this.#closed = true
    this.parent?.undos.push(...this.undos.splice(0))
    return this.#skipped ? 'skipped' : 'done'
  }

  /** The error of a body that has thrown: the first IocError itself, this boundary's cancellation, or wrapped once. */
  #failure(thrown: unknown): IocError {
    if (!this.signal.aborted) return toIocError(thrown, this.type)
    const own = thrown instanceof IocError && thrown !== this.signal.reason && !(thrown instanceof OperationCancelled)
    return own ? thrown : this.#cancelled(thrown)
  }

  /** The cancellation, with what was thrown because of it; an echo of the abort has nothing to tell. */
  #cancelled(thrown: unknown): IocError {
    const error = this.boundary.error()
    const echo = thrown === this.signal.reason || (thrown instanceof Error && thrown.name === 'AbortError')
    if (!echo) keep(error, [toIocError(thrown, this.type)])
    return error
  }

  /** Something could not be undone: no error that leaves this scope or an outer one may say that all was. */
  spoil(): void {
    this.whole = false
    this.parent?.spoil()
  }

  /** Runs one inverse, in the scope of the undo's event. */
  async revert(undo: Undo, signal: AbortSignal): Promise<void> {
    await undo.table[undo.effect]?.run(undo.args as never, this.#context(signal))
  }

  close(): void {
    this.#closed = true
  }

  async #effect(name: string, args: object): Promise<unknown> {
    const effect = this.table[name]
    if (!effect) throw new UsageError(`${this.type}: there is no effect ${name}`)
    if (this.#closed) throw new UsageError(`${this.type} has ended: its effect ${name} comes too late`)
    this.#refuseUnusedStep()
    this.checkpoint()
    const undo = (): void => {
      const inverse = effect.undo?.(args as never)
      if (!inverse) return
      const event = { id: this.id, type: this.type, identifier: this.identifier, payload: this.#payload as never }
      this.undos.push({ event, table: this.table, effect: inverse[0], args: inverse[1] })
    }
    const running = (async () => effect.run(args as never, this.#context(this.signal)))()
    this.#effects.add(running)
    try {
      const result = await running
      undo()
      return result
    } catch (error) {
      if (effect.partial) undo()
      throw this.signal.aborted ? this.#cancelled(error) : error
    } finally {
      this.#effects.delete(running)
    }
  }

  #context(signal: AbortSignal): EffectContext {
    return {
      signal,
      progress: (current, total, unit) => this.progress(current, total, unit),
      output: (text, stream) => this.output(text, stream),
    }
  }

  #make<R>(name: string, start: () => AsyncGenerator<IocEvent, R, void>): Step<R> {
    if (this.#closed) throw new UsageError(`${this.type} has ended: its step ${name} comes too late`)
    this.#refuseUnusedStep()
    const step = new StepNode(this as ScopeNode, name, start)
    this.#made = step
    return step
  }

  #refuseUnusedStep(begun?: StepNode<unknown>): void {
    const made = this.#made
    if (!made || made === begun) return
    this.#made = undefined
    throw new UsageError(
      `${this.type}: the step ${made.name} was made and never run; write: yield* s.step('${made.name}', …)`,
    )
  }
}
