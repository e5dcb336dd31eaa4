import type { IocEvent, Operation } from '@gaoler/core'
import type { Consumer } from './any-tree.ts'
import { turn } from './toys.ts'

/** What consumes: the events that a listener has seen, what was wrong, and how it cancels. */
export interface Consumed {
  readonly seen: readonly IocEvent[]
  readonly faults: string[]
  cancel(): void
}

/** Consumes the operation, and returns the error that the consumer got. */
export async function consume(
  run: Consumed,
  operation: Operation<unknown>,
  { way, at, slow }: Consumer,
): Promise<unknown> {
  let count = 0
  try {
    if (at === 0 && way !== 'pull' && way !== 'overlap') {
      if (way === 'abort' || way === 'abandon') run.cancel()
      else await operation.return()
    }
    for (;;) {
      if (way === 'overlap') {
        const results = await Promise.allSettled([operation.next(), operation.next(), operation.next()])
        const failed = results.find((result) => result.status === 'rejected')
        if (failed) return failed.reason
        if (results.some((result) => result.status === 'fulfilled' && result.value.done)) return undefined
        continue
      }
      const next = await operation.next()
      if (next.done) return undefined
      if (next.value !== run.seen[count] && way !== 'returnWhilePulling')
        run.faults.push(`${next.value} is out of order`)
      if (slow) await turn()
      if (++count !== at) continue
      if (way === 'break') await operation.return()
      if (way === 'throw') await operation.throw(new RangeError('of the consumer')).catch(() => {})
      if (way === 'return') await Promise.all([operation.return(), operation.return()])
      if (way === 'returnWhilePulling') {
        const pull = operation.next().then(
          () => undefined,
          () => undefined,
        )
        await operation.return()
        await pull
      }
      if (way === 'abort' || way === 'abandon') run.cancel()
      if (way === 'abandon') return undefined
    }
  } catch (error) {
    return error
  }
}
