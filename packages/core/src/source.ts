import type { IocEvent } from './event.ts'

/** An operation or another generator of events, as far as a bridge needs it. */
export interface Source<R> {
  next(): Promise<IteratorResult<IocEvent, R>>
  return(value: never): Promise<unknown>
  throw(reason: unknown): Promise<unknown>
}

/** What a bridge gives to the operation that it starts. */
export interface StartedBy {
  /** Fires when the bridge cancels the operation. */
  readonly signal: AbortSignal
}

/** Makes an operation for a bridge; the given `signal` must reach its options. */
export type Start<R> = (options: StartedBy) => Source<R>
