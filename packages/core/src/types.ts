import type { EventType, Payload } from './catalogue.ts'
import type { Bound, EffectTable } from './effects.ts'
import type { IocEvent } from './event.ts'
import type { Logger, LogLevel } from './log.ts'

/**
 * A running or not yet started piece of work that yields its events in lock-step and returns its result.
 *
 * Nothing happens before the first `next()`. Leaving it (`break`, `return()`, `throw()`, `options.signal`, `await using`)
 * aborts what runs, waits for it, undoes everything that was done, and settles when that is finished.
 * It cannot be awaited: use `drain(operation)` for the result, `collect(operation)` for the events.
 */
export interface Operation<R> extends AsyncGenerator<IocEvent, R, void> {
  // Two forms: with one optional value, the result of `yield* operation` would be `R | undefined`.
  return(): Promise<IteratorResult<IocEvent, R>>
  return(value: R | PromiseLike<R>): Promise<IteratorResult<IocEvent, R>>
  [Symbol.asyncIterator](): Operation<R>
  [Symbol.asyncDispose](): Promise<void>
}

/** A nested piece of work: run it with `yield*`, in the scope that made it. */
export interface Step<R> extends AsyncGenerator<IocEvent, R, void> {
  return(value: R | PromiseLike<R>): Promise<IteratorResult<IocEvent, R>>
}

/** The work of an operation or step: steps of its own (an async generator), or a leaf (a plain, maybe async function). */
export type Body<T extends EffectTable, R> = (scope: Scope<T>) => AsyncGenerator<IocEvent, R, void> | Promise<R> | R

export interface StepOptions<K extends EventType = EventType> {
  /** What the event is about; inherited from the enclosing event. */
  readonly identifier?: string
  readonly payload?: Payload<K>
  readonly message?: string
  /** A reason not to do it at all: the event is then `pending`, `skipped`. */
  readonly unless?: string | false | null
}

export interface OperationOptions {
  /** Cancels the operation: what was done is undone. */
  readonly signal?: AbortSignal
  /** Sees each event when it is delivered, also those of undoing after the consumer has left. It must not throw. */
  readonly onEvent?: (event: IocEvent) => void
  /** Logs each event when it is delivered, and what the bodies say with `s.log()`; a pino logger fits, and `console`. */
  readonly logger?: Logger
  /** Nests the operation under the event of this scope; it is then a step of it and undone with it. */
  readonly eventScope?: EventScope
  /**
   * Changes nothing: queries run, and each effect that would change something is an event (`payload.effect`).
   * All its events have `planned: true`.
   */
  readonly plan?: boolean
}

/** A scope of whatever effects, as far as nesting needs it. */
export type EventScope = Pick<Scope, 'signal' | 'progress' | 'message'>

export interface AllOptions {
  /** How many operations run at the same time; default: all. */
  readonly concurrency?: number
}

/** What a body has: its event, its effects, its nested steps. */
export interface Scope<T extends EffectTable = EffectTable> {
  /** Fires when the operation is cancelled; give it to whatever waits. */
  readonly signal: AbortSignal
  /** The only way to touch the world: each effect registers its own inverse. */
  readonly host: Bound<T>

  step<K extends EventType, R>(
    type: K,
    body: Body<T, R>,
    options: StepOptions<K> & { readonly unless: string | false | null | undefined },
  ): Step<R | undefined>
  step<K extends EventType, R>(type: K, body: Body<T, R>, options?: StepOptions<K>): Step<R>
  /** Runs an operation that has not started as a step of this scope. */
  run<R>(operation: Operation<R>): Step<R>
  /** Runs operations side by side. The first failure cancels the others; their failures are suppressed errors of it. */
  all<R>(operations: Iterable<Operation<R>>, options?: AllOptions): Step<R[]>
  /** For teardown: a failure of the step is kept, and thrown when the scope's body has ended. */
  attempt<R>(step: Step<R>): Step<R | undefined>

  /** Reports progress; never blocks, and only the newest value is delivered. */
  progress(current: number, total?: number, unit?: string): void
  /** Delivers output without loss; await it, so that a slow consumer slows the producer (above 64 KiB). */
  output(text: string, stream?: 'stdout' | 'stderr'): Promise<void>
  /**
   * Says something to the loggers of the operation. It is delivered as an event (`progress`, `payload.log`), without loss;
   * await it where there is much to say, as with `output`. `data` is plain data.
   */
  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): Promise<void>
  /** Sets data of the event, from its next snapshot on. */
  set(payload: Readonly<Record<string, unknown>>): void
  /** Sets the message of the event, from its next snapshot on. */
  message(text: string): void
  /** The event will end as `skipped`, with this reason, if the body succeeds. */
  skip(reason: string): void
  /** Disposes of a resource (a lock) when the scope has ended, after everything was undone. */
  use<D extends Disposable | AsyncDisposable>(resource: D): D
  /**
   * Calls `follow` when what this scope has done was undone, or could not be: for what is only in memory and goes with an
   * effect that has just been carried out. It changes nothing but memory, and does not throw.
   */
  onUndone(follow: () => void): void
}
