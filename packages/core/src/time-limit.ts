import { TimeLimitExceeded } from './error.ts'
import { operation } from './operation.ts'
import type { Operation, OperationOptions } from './types.ts'

/**
 * Gives an operation a limit of `limit` milliseconds, counted from its first event, under an event of kind `TimeLimit`.
 * When it is over the operation is cancelled and undone; then TimeLimitExceeded is thrown.
 */
export function timeLimit<R>(
  limit: number,
  start: (options: { readonly signal: AbortSignal }) => Operation<R>,
  options: OperationOptions = {},
): Operation<R> {
  return operation(
    'TimeLimit',
    async function* (s) {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(new TimeLimitExceeded({ limit })), limit)
      try {
        return yield* s.run(start({ signal: late.signal }))
      } catch (thrown) {
        if (s.signal.aborted || !late.signal.aborted) throw thrown
        throw new TimeLimitExceeded({ limit }, { cause: thrown })
      } finally {
        clearTimeout(timer)
      }
    },
    { ...options, payload: { limit } },
  )
}
