import { setTimeout as sleep } from 'node:timers/promises'
import { type IocError, toIocError } from './error.ts'
import { operation } from './operation.ts'
import type { Operation, OperationOptions } from './types.ts'

export interface RetryOptions extends OperationOptions {
  /** How often it is tried in all. */
  readonly attempts: number
  /** Milliseconds before the second attempt, doubled before each further one; default 0. */
  readonly delay?: number
  /** Whether an error is worth another attempt; default: every one that was undone whole. */
  readonly when?: (error: IocError) => boolean
}

/**
 * Tries an operation again when it fails. Each attempt is made anew and nested under one event of kind `Retry`;
 * what an attempt had done is undone before the next one begins. Throws the last attempt's error.
 */
export function retry<R>(start: (attempt: number) => Operation<R>, options: RetryOptions): Operation<R> {
  const { attempts, delay = 0, when = (error) => error.reverted !== false, ...rest } = options
  return operation(
    'Retry',
    async function* (s) {
      for (let attempt = 1; ; attempt++) {
        s.set({ attempt })
        try {
          return yield* s.run(start(attempt))
        } catch (thrown) {
          if (s.signal.aborted || attempt >= attempts || !when(toIocError(thrown))) throw thrown
        }
        await sleep(delay * 2 ** (attempt - 1), undefined, { signal: s.signal })
      }
    },
    { ...rest, payload: { attempts } },
  )
}
