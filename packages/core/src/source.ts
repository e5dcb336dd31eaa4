import type { IocEvent } from './event.ts'

/** An operation or another generator of events, as far as a bridge needs it. */
export interface Source<R> {
  next(): Promise<IteratorResult<IocEvent, R>>
  return(value: never): Promise<unknown>
}
