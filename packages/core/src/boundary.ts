import { type IocError, OperationCancelled, toIocError } from './error.ts'

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
  error(): IocError {
    const { reason } = this.signal
    if (reason instanceof Misuse) return reason.error
    this.#error ??= new OperationCancelled(
      { operation: this.#operation, ...(reason instanceof Error ? { reason: reason.message } : {}) },
      { cause: reason },
    )
    return this.#error
  }
}

/** Marks an abort that comes from a fault in the body and not from outside. */
export class Misuse {
  readonly error: IocError
  constructor(error: IocError) {
    this.error = error
  }
}

/** Keeps other failures beside the one that is thrown. A cancellation is none: it passes on what it has kept itself. */
export function keep(error: IocError, others: readonly unknown[]): void {
  for (const other of others) {
    if (other === error) continue
    if (other instanceof OperationCancelled) keep(error, other.suppressed)
    else error.suppressed.push(toIocError(other))
  }
}
