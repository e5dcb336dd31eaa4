import type { EffectTable } from './effects.ts'
import { type IocError, toIocError, UsageError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { ScopeNode } from './scope.ts'
import type { Body, Operation, Step } from './types.ts'
import { unwind } from './undo.ts'

/** Key of the method by which a scope takes over an operation that has not started. */
export const adopt: unique symbol = Symbol('adopt')

export interface Adoptable<R> {
  [adopt](scope: ScopeNode, siblings?: AbortSignal): AsyncGenerator<IocEvent, R, void>
}

/** Takes over an operation that has not started, as work of a scope. */
export function take<R>(
  operation: Operation<R>,
  scope: ScopeNode,
  siblings?: AbortSignal,
): AsyncGenerator<IocEvent, R, void> {
  const { [adopt]: adoptable } = operation as Operation<R> & Partial<Adoptable<R>>
  if (!adoptable)
    throw new UsageError(`${scope.type}: s.run() and s.all() take what operation() has made, nothing else`)
  return adoptable.call(operation, scope, siblings)
}

/** A step that was made by a scope and that its body runs with `yield*`. */
export class StepNode<R> implements Step<R> {
  readonly name: string
  /** Set by `attempt()`: takes a failure instead of the body. */
  onFailure: ((error: IocError) => void) | undefined
  readonly #scope: ScopeNode
  readonly #start: () => AsyncGenerator<IocEvent, R, void>
  #events: AsyncGenerator<IocEvent, R, void> | undefined
  /** The draft that the body was given last. */
  #given: IocEvent | undefined
  #failure: unknown

  constructor(scope: ScopeNode, name: string, start: () => AsyncGenerator<IocEvent, R, void>) {
    this.name = name
    this.#scope = scope
    this.#start = start
  }

  async next(): Promise<IteratorResult<IocEvent, R>> {
    const swallowed = this.#give(undefined)
    if (swallowed) await swallowed
    try {
      this.#events ??= this.#begin()
      const result = await this.#events.next()
      void this.#give(result.done ? undefined : result.value)
      if (result.done) this.#scope.end(this as StepNode<unknown>)
      return result
    } catch (error) {
      void this.#give(undefined)
      this.#scope.end(this as StepNode<unknown>, error)
      if (!this.onFailure || this.#scope.signal.aborted) {
        this.#failure = error
        throw error
      }
      this.onFailure(toIocError(error))
      return { done: true, value: undefined as R }
    }
  }

  /** A body that leaves its step does not abandon it: it goes on to its end, and its events are delivered. */
  async return(value: R | PromiseLike<R>): Promise<IteratorResult<IocEvent, R>> {
    const before = this.#failure
    while (this.#events && !(await this.next()).done);
    // Somebody else's pull may have been told of it.
    if (this.#failure !== before) throw this.#failure
    return { done: true, value: await value }
  }

  async throw(error: unknown): Promise<IteratorResult<IocEvent, R>> {
    await this.return(undefined as R)
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return(undefined as R)
  }

  /** Makes `await s.step()` an error and not a silence. */
  // biome-ignore lint/suspicious/noThenProperty: it exists to be refused.
  get then(): never {
    throw new TypeError(`The step ${this.name} cannot be awaited; write: yield* s.step('${this.name}', …)`)
  }

  #begin(): AsyncGenerator<IocEvent, R, void> {
    this.#scope.begin(this as StepNode<unknown>)
    return this.#start()
  }

  /** The body takes a draft, or asks for the next one: had it not passed on the one before, that is done for it. */
  #give(draft: IocEvent | undefined): Promise<void> | undefined {
    const before = this.#given
    this.#given = draft
    return before?.seq === 0 ? this.#scope.feed.pass(before) : undefined
  }
}

/** The life of one event: pending, the body, and then either hand over and done, or undo, failed and the throw. */
export async function* perform<R>(
  scope: ScopeNode,
  body: Body<EffectTable, R>,
  unless?: string | false | null,
): AsyncGenerator<IocEvent, R, void> {
  yield scope.snapshot('pending')
  let result: R | undefined
  try {
    scope.checkpoint()
    if (unless) scope.skip(unless)
    else {
      const work = body(scope)
      result = isEvents(work) ? yield* work : await work
    }
    await scope.settle()
  } catch (thrown) {
    const error = await scope.fail(thrown)
    yield* unwind(scope, error)
    await scope.release(error)
    yield scope.snapshot('failed', error)
    throw error
  }
  yield scope.snapshot(scope.handOver())
  scope.parent?.checkpoint()
  return result as R
}

function isEvents<R>(
  work: AsyncGenerator<IocEvent, R, void> | PromiseLike<R> | R,
): work is AsyncGenerator<IocEvent, R, void> {
  return typeof work === 'object' && work !== null && Symbol.asyncIterator in work
}
