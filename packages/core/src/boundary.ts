import { type ErrorDetails, IocError, OperationCancelled, toIocError } from './error.ts'

/** Where cancellation starts: an operation, nested or not. Siblings have one each, so that none throws another's error. */
export class Boundary {
  readonly #operation: string
  readonly signal: AbortSignal
  #error: OperationCancelled | undefined

  constructor(operation: string, signal: AbortSignal) {
    this.#operation = operation
    this.signal = signal
  }

  /** The error of this boundary's cancellation: always the same object. A misuse of the library stays itself. */
  error(more: ErrorDetails = {}): IocError {
    const { reason } = this.signal
    if (reason instanceof Misuse) return reason.error
    const why = reason instanceof Error ? { reason: reason.message } : {}
    this.#error ??= new OperationCancelled({ ...more, operation: this.#operation, ...why }, { cause: reason })
    return this.#error
  }

  /** The error of a body that has thrown: the first IocError itself, the cancellation here, or wrapped once. */
  failure(thrown: unknown, step: string): IocError {
    const { aborted, reason } = this.signal
    if (!aborted) return toIocError(thrown, step)
    const own = thrown instanceof IocError && thrown !== reason && !(thrown instanceof OperationCancelled)
    return own ? thrown : this.cancelled(thrown, step)
  }

  /**
   * The cancellation, with what was thrown because of it; an echo of the abort has nothing to tell. Details that a body
   * adds to a cancellation, such as where to go on, are passed on.
   */
  cancelled(thrown: unknown, step: string): IocError {
    const inner = thrown instanceof OperationCancelled && thrown !== this.signal.reason
    const error = this.error(inner ? thrown.details : {})
    const echo = thrown === this.signal.reason || (thrown instanceof Error && thrown.name === 'AbortError')
    if (!echo) keep(error, [toIocError(thrown, step)])
    return error
  }
}

/** Marks an abort that comes from a fault in the body and not from outside. */
export class Misuse {
  readonly error: IocError
  constructor(error: IocError) {
    this.error = error
  }
}

/**
 * Keeps other failures beside the one that is thrown. A cancellation is none: it passes on what it has kept itself.
 * What stems from the error that is thrown would tell it twice, and in a circle.
 */
export function keep(error: IocError, others: readonly unknown[]): void {
  for (const other of others) {
    if (other instanceof OperationCancelled) keep(error, other === error ? [] : other.suppressed)
    else if (!stemsFrom(other, error)) error.suppressed.push(toIocError(other))
  }
}

function stemsFrom(error: unknown, origin: IocError, seen: Set<unknown> = new Set()): boolean {
  if (error === origin) return true
  if (!(error instanceof Error) || seen.has(error)) return false
  seen.add(error)
  const earlier = error instanceof IocError ? [error.cause, ...error.suppressed] : [error.cause]
  return earlier.some((each) => stemsFrom(each, origin, seen))
}
