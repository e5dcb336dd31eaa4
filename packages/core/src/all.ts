import { keep } from './boundary.ts'
import { type IocError, toIocError, UsageError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { ScopeNode } from './scope.ts'
import { take } from './step.ts'
import type { AllOptions, Operation } from './types.ts'

interface Child<R> {
  readonly index: number
  readonly operation: Operation<R>
  events?: AsyncGenerator<IocEvent, R, void>
}

type Arrival<R> = { readonly child: Child<R>; readonly result?: IteratorResult<IocEvent, R>; readonly thrown?: unknown }

/** Runs operations side by side under one event and merges their events in the order of their arrival. */
export async function* all<R>(
  scope: ScopeNode,
  operations: Iterable<Operation<R>>,
  { concurrency = Number.POSITIVE_INFINITY }: AllOptions,
): AsyncGenerator<IocEvent, R[], void> {
  if (!(concurrency >= 1)) throw new UsageError(`${scope.type}: s.all() cannot run ${concurrency} operations at a time`)
  const waiting = operations[Symbol.iterator]()
  const siblings = new AbortController()
  const arrivals: Arrival<R>[] = []
  const results: R[] = []
  let wake = (): void => {}
  let started = 0
  let active = 0
  let failure: IocError | undefined

  const pull = async (child: Child<R>): Promise<void> => {
    try {
      child.events ??= take(child.operation, scope, siblings.signal)
      arrivals.push({ child, result: await child.events.next() })
    } catch (thrown) {
      arrivals.push({ child, thrown })
    }
    wake()
  }
  const fail = (thrown: unknown): void => {
    if (failure) {
      keep(failure, [thrown])
      return
    }
    failure = toIocError(thrown)
    siblings.abort(new Error(`another operation failed: ${failure.message}`, { cause: failure }))
  }
  const fill = (): void => {
    while (active < concurrency && !failure) {
      try {
        const next = waiting.next()
        if (next.done) return
        active++
        void pull({ index: started++, operation: next.value })
      } catch (thrown) {
        fail(thrown)
      }
    }
  }

  for (fill(); active > 0; fill()) {
    const arrival = arrivals.shift()
    if (!arrival) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      continue
    }
    const { child, result } = arrival
    if (result && !result.done) {
      yield result.value
      void pull(child)
      continue
    }
    active--
    if (result) results[child.index] = result.value
    else fail(arrival.thrown)
  }
  if (failure) throw failure
  return results
}
