import { keep } from './boundary.ts'
import { type IocError, toIocError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { ScopeNode } from './scope.ts'
import { type Adoptable, adopt } from './step.ts'
import type { AllOptions, Operation } from './types.ts'

type Child<R> = { readonly index: number; readonly events: AsyncGenerator<IocEvent, R, void> }
type Arrival<R> = { readonly child: Child<R>; readonly result?: IteratorResult<IocEvent, R>; readonly thrown?: unknown }

/** Runs operations side by side under one event and merges their events in the order of their arrival. */
export async function* all<R>(
  scope: ScopeNode,
  operations: Iterable<Operation<R>>,
  { concurrency = Number.POSITIVE_INFINITY }: AllOptions,
): AsyncGenerator<IocEvent, R[], void> {
  const waiting = [...operations].entries()
  const siblings = new AbortController()
  const arrivals: Arrival<R>[] = []
  const results: R[] = []
  let wake = (): void => {}
  let active = 0
  let failure: IocError | undefined

  const pull = (child: Child<R>): void => {
    const arrive = (arrival: Arrival<R>): void => {
      arrivals.push(arrival)
      wake()
    }
    child.events.next().then(
      (result) => arrive({ child, result }),
      (thrown) => arrive({ child, thrown }),
    )
  }
  const fill = (): void => {
    while (active < concurrency && !failure && !scope.signal.aborted) {
      const next = waiting.next()
      if (next.done) return
      const [index, operation] = next.value
      active++
      pull({ index, events: (operation as Operation<R> & Adoptable<R>)[adopt](scope, siblings.signal) })
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
      pull(child)
      continue
    }
    active--
    if (result) results[child.index] = result.value
    else if (!failure) {
      failure = toIocError(arrival.thrown)
      // Without the failure as its cause: it would be thrown again, as the error of each of its siblings.
      siblings.abort(new Error(`another operation failed: ${failure.message}`))
    } else keep(failure, [arrival.thrown])
  }
  if (failure) throw failure
  scope.checkpoint()
  return results
}
