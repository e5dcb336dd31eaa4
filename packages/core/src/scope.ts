import { randomUUID } from 'node:crypto'
import { all } from './all.ts'
import { type Boundary, keep } from './boundary.ts'
import type { EventType } from './catalogue.ts'
import { type Bound, bind, type Effect, type EffectTable, showEffect } from './effects.ts'
import { EventAlreadyFinished, type IocError, toIocError, UsageError } from './error.ts'
import type { EventState, IocEvent } from './event.ts'
import { type Audience, EventNode } from './event-node.ts'
import type { Completion, Journal } from './journal.ts'
import { perform, StepNode, take } from './step.ts'
import type { AllOptions, Body, Operation, Scope, Step, StepOptions } from './types.ts'
import type { Undo } from './undo.ts'

/** What a scope shares with the scopes in it. */
export interface Surroundings extends Audience {
  readonly boundary: Boundary
  readonly table: EffectTable
  readonly journal: Journal | null
  readonly completion: (() => Completion | null) | null
}

/** The scope of one event, from pending to its final state. */
export class ScopeNode<T extends EffectTable = EffectTable> extends EventNode implements Scope<T>, Surroundings {
  readonly parent: ScopeNode | null
  readonly boundary: Boundary
  readonly table: EffectTable
  readonly journal: Journal | null
  readonly completion: (() => Completion | null) | null
  /** What was done below this event and would have to be undone, oldest first. */
  readonly undos: Undo[] = []
  /** Whether nothing is left behind by an undo that failed, here or below. */
  whole = true
  readonly #resources: (Disposable | AsyncDisposable)[] = []
  /** Failures that the body does not hear of: of attempted steps, and of what it has left running. */
  readonly #failures: unknown[] = []
  /** The body has ended: no new work. */
  #ended = false
  /** Effects that are running. */
  #running = 0
  #rested: () => void = () => {}
  #made: StepNode<unknown> | undefined
  #active: StepNode<unknown> | undefined
  #host: Bound<T> | undefined

  constructor(parent: ScopeNode | null, around: Surroundings, type: EventType, options: StepOptions) {
    super(parent, around, type, options)
    this.parent = parent
    this.boundary = around.boundary
    this.table = around.table
    this.journal = around.journal
    this.completion = around.completion
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
      const child = new ScopeNode(this as ScopeNode, this, type, options as StepOptions)
      return perform(child, body as unknown as Body<EffectTable, R>, options.unless)
    })
  }

  run<R>(operation: Operation<R>): Step<R> {
    return this.#make('run', () => take(operation, this as ScopeNode))
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

  use<D extends Disposable | AsyncDisposable>(resource: D): D {
    this.#refuseLate('a resource')
    this.#resources.push(resource)
    this.journal?.using(resource)
    return resource
  }

  onUndone(follow: () => void): void {
    this.#refuseLate('what follows its undoing')
    const { origin } = this
    // First of all, and so undone last. Where nothing was done there is nothing to follow.
    const inverse = ['follow', {}] as const
    if (this.undos.length > 0) {
      this.undos.unshift({ origin, table: { follow: { run: follow, undo: null } }, inverse, mark: '', journal: null })
    }
  }

  /** Called by a step when it begins and ends: one at a time. */
  begin(step: StepNode<unknown>): void {
    this.#refuseLate(`its step ${step.name}`)
    this.#refuseUnusedStep(step)
    this.#made = undefined
    if (this.#active) {
      throw new UsageError(
        `${this.type}: the step ${step.name} was begun while ${this.#active.name} runs. ` +
          'Steps run one at a time, each in the scope that made it; use s.all() for parallel work',
      )
    }
    this.#active = step
  }

  end(step: StepNode<unknown>, failure?: unknown): void {
    if (this.#active !== step) return
    this.#active = undefined
    if (failure !== undefined && this.#ended) this.#failures.push(failure)
  }

  /** Throws when the operation was cancelled. */
  checkpoint(): void {
    if (this.signal.aborted) throw this.boundary.error()
  }

  /** The body has succeeded: refuses what it left unused, throws what it has collected, gives its resources back. */
  async settle(): Promise<void> {
    this.#ended = true
    this.#refuseUnusedStep()
    if (this.#active) {
      throw new UsageError(`${this.type}: the step ${this.#active.name} was begun and not run to its end with yield*`)
    }
    if (this.#running > 0) await this.#idle()
    this.checkpoint()
    if (this.#failures.length > 0) {
      const [first, ...others] = this.#failures.splice(0)
      const error = toIocError(first, this.type)
      keep(error, others)
      throw error
    }
    this.#endJournal()
    if (this.#resources.length > 0) await this.#dispose()
  }

  /** The body has failed: waits for what it has left running; returns its error, with all others beside it. */
  async fail(thrown: unknown): Promise<IocError> {
    this.#ended = true
    const error = this.boundary.failure(thrown, this.type)
    await this.#idle()
    keep(error, this.#failures.splice(0))
    return error
  }

  /** Gives all resources back after everything was undone; what fails of it is kept beside the error. */
  async release(error: IocError): Promise<void> {
    try {
      this.#endJournal()
    } catch (failed) {
      keep(error, [failed])
    }
    while (this.#resources.length > 0) await this.#dispose().catch((failed) => keep(error, [failed]))
    this.closed = true
  }

  /** What was done here is from now on undone by the parent; at the root it stays. */
  handOver(): EventState {
    this.closed = true
    for (const undo of this.undos.splice(0)) this.parent?.undos.push(undo)
    return this.skipped ? 'skipped' : 'done'
  }

  /** Waits for what the body has left running: nothing is abandoned. */
  async #idle(): Promise<void> {
    await this.#active?.return(undefined).catch(() => {})
    if (this.#running === 0) return
    await new Promise<void>((resolve) => {
      this.#rested = resolve
    })
  }

  /** Before the locks are given back: who gets them next must not find a journal that is none. */
  #endJournal(): void {
    if (this.journal && this.parent?.journal !== this.journal) this.journal.end()
  }

  async #dispose(): Promise<void> {
    for (let resource = this.#resources.pop(); resource; resource = this.#resources.pop()) {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
      else resource[Symbol.dispose]()
    }
  }

  /** Something could not be undone: no error that leaves this scope or an outer one may say that all was. */
  spoil(): void {
    this.whole = false
    this.parent?.spoil()
  }

  async #effect(name: string, args: object): Promise<unknown> {
    const effect = this.#allow(name)
    const mark = effect.query ? '' : randomUUID()
    // Before anything is done: an inverse that cannot be had must not leave something behind.
    const inverse = effect.undo?.(args as never, mark) ?? null
    if (inverse && !this.table[inverse[0]]) {
      throw new UsageError(`${this.type}: the effect ${name} is undone by ${inverse[0]}, which does not exist`)
    }
    // What has no inverse is only of interest where the operation can be completed instead.
    const completion = inverse === null && this.journal && !effect.query ? (this.completion?.() ?? null) : null
    const journal = inverse || completion || effect.outlives ? this.journal : null
    const register = (): void => {
      if (inverse) this.undos.push({ origin: this.origin, table: this.table, inverse, mark, journal })
    }
    this.#running++
    try {
      if (this.planned && !effect.query) {
        await this.feed.output(this.snapshot('progress', null, { effect: showEffect(name, effect, args) }))
      }
      if (journal) {
        const { type: event, identifier } = this.origin
        const volatile = effect.volatile === true
        await journal.intend({ mark, effect: name, inverse, completion, volatile, event, identifier })
      }
      const result = await effect.run(args as never, this.context(this.signal, mark))
      register()
      if (!inverse) journal?.done(mark)
      return result
    } catch (thrown) {
      if (effect.partial) register()
      else journal?.undone(mark)
      const error = this.signal.aborted ? this.boundary.cancelled(thrown, this.type) : thrown
      if (!this.#ended) throw error
      // The body has ended without waiting for it: it is the scope that must hear of it.
      this.#failures.push(error)
      return undefined
    } finally {
      if (--this.#running === 0) this.#rested()
    }
  }

  #allow(name: string): Effect {
    const effect = this.table[name]
    if (!effect) throw new UsageError(`${this.type}: there is no effect ${name}`)
    this.#refuseLate(`its effect ${name}`)
    this.#refuseUnusedStep()
    if (this.#active && !effect.query) {
      throw new UsageError(
        `${this.type}: its effect ${name} was begun while its step ${this.#active.name} runs; use the step's own scope`,
      )
    }
    this.checkpoint()
    return effect
  }

  #make<R>(name: string, start: () => AsyncGenerator<IocEvent, R, void>): Step<R> {
    this.#refuseLate(`its step ${name}`)
    this.#refuseUnusedStep()
    const step = new StepNode(this as ScopeNode, name, start)
    this.#made = step
    return step
  }

  #refuseLate(what: string): void {
    if (this.#ended) throw new EventAlreadyFinished({ event: this.type, late: what })
  }

  #refuseUnusedStep(begun?: StepNode<unknown>): void {
    const made = this.#made
    if (!made || made === begun) return
    throw new UsageError(
      `${this.type}: the step ${made.name} was made and never run; write: yield* s.step('${made.name}', …)`,
    )
  }
}
