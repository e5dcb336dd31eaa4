import type { IocEvent } from './event.ts'
import type { Operation } from './types.ts'

/** Runs an operation to its end and returns its result. */
export async function drain<R>(operation: Operation<R>): Promise<R> {
  for (;;) {
    const next = await operation.next()
    if (next.done) return next.value
  }
}

/** Runs an operation to its end and returns its events. */
export async function collect(operation: Operation<unknown>): Promise<IocEvent[]> {
  const events: IocEvent[] = []
  for await (const event of operation) events.push(event)
  return events
}
