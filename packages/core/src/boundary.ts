import { OperationCancelled } from './error.ts'

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
  error(): Error {
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
  readonly error: Error
  constructor(error: Error) {
    this.error = error
  }
}
