import { keep } from './boundary.ts'
import type { EffectTable } from './effects.ts'
import { type IocError, toIocError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { ScopeNode, Undo } from './scope.ts'
import type { Body, Step } from './types.ts'

/** Milliseconds that one undoing may take before its signal fires; it is waited for all the same. */
const UNDO_LIMIT = 60_000

/** Key of the method by which a scope takes over an operation that has not started. */
export const adopt: unique symbol = Symbol('adopt')

export interface Adoptable<R> {
  [adopt](scope: ScopeNode, siblings?: AbortSignal): AsyncGenerator<IocEvent, R, void>
}

/** A step that was made by a scope and that its body runs with `yield*`. */
export class StepNode<R> implements Step<R> {
  readonly name: string
  /** Set by `attempt()`: takes a failure instead of the body. */
  onFailure: ((error: IocError) => void) | undefined
  readonly #scope: ScopeNode
  readonly #events: AsyncGenerator<IocEvent, R, void>

  constructor(scope: ScopeNode, name: string, start: () => AsyncGenerator<IocEvent, R, void>) {
    this.name = name
    this.#scope = scope
    this.#events = this.#drive(start)
  }

  next(): Promise<IteratorResult<IocEvent, R>> {
    return this.#events.next()
  }

  /** A body that leaves its step does not abandon it: it goes on to its end, and its events are delivered. */
  async return(value: R | PromiseLike<R>): Promise<IteratorResult<IocEvent, R>> {
    for (;;) {
      const result = await this.#events.next()
      if (result.done) return { done: true, value: await value }
      this.#scope.feed.queue.push(result.value)
      this.#scope.feed.wake()
    }
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

  async *#drive(start: () => AsyncGenerator<IocEvent, R, void>): AsyncGenerator<IocEvent, R, void> {
    this.#scope.begin(this as StepNode<unknown>)
    try {
      return yield* start()
    } catch (error) {
      if (!this.onFailure || this.#scope.signal.aborted) throw error
      this.onFailure(toIocError(error))
      return undefined as R
    } finally {
      this.#scope.end()
    }
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
    await scope.dispose().catch((failed) => error.suppressed.push(toIocError(failed)))
    scope.close()
    yield scope.snapshot('failed', error)
    throw error
  }
  yield scope.snapshot(scope.handOver())
  scope.parent?.checkpoint()
  return result as R
}

/** Undoes what was done below a scope, last in, first out; each reverted step is an event of its own. */
async function* unwind(scope: ScopeNode, error: IocError): AsyncGenerator<IocEvent, void, void> {
  const undos = scope.undos.splice(0).reverse()
  const signal = undos.length > 0 ? AbortSignal.timeout(UNDO_LIMIT) : scope.signal
  for (const group of byEvent(undos)) {
    const { id: undoes, type, identifier, payload } = (group[0] as Undo).event
    const reverted = scope.child({ type, undoes, options: { identifier: identifier ?? undefined, payload } })
    yield reverted.snapshot('pending')
    let failed: IocError | null = null
    for (const undo of group) {
      try {
        await reverted.revert(undo, signal)
      } catch (thrown) {
        const failure = toIocError(thrown, type)
        failed ??= failure
        keep(error, [failure])
        scope.spoil()
      }
    }
    reverted.close()
    yield reverted.snapshot(failed ? 'failed' : 'done', failed)
  }
  error.reverted = scope.whole
}

function* byEvent(undos: readonly Undo[]): Generator<readonly Undo[]> {
  for (let from = 0, to = 0; from < undos.length; from = to) {
    while (to < undos.length && undos[to]?.event.id === undos[from]?.event.id) to++
    yield undos.slice(from, to)
  }
}

function isEvents<R>(
  work: AsyncGenerator<IocEvent, R, void> | PromiseLike<R> | R,
): work is AsyncGenerator<IocEvent, R, void> {
  return typeof work === 'object' && work !== null && Symbol.asyncIterator in work
}
