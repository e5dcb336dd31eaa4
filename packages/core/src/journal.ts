import type { EventType } from './catalogue.ts'
import type { Inverse } from './effects.ts'

/** An effect that is about to run. */
export interface Intent {
  /** Of this one run; the inverse has it among its arguments where it needs it. */
  readonly mark: string
  readonly effect: string
  /** Null for what cannot be undone: the operation is then completed, as `completion` says. */
  readonly inverse: Inverse | null
  /** It need not survive a crash of the machine, only of this process. */
  readonly volatile: boolean
  /** Where there is no inverse: of the outermost operation that says how it is completed. What came before it then stays. */
  readonly completion: Completion | null
  /** The event that it is part of, and what that is about. */
  readonly event: EventType
  readonly identifier: string | null
}

/** How another process completes an operation that died half-way and cannot be undone: the name of a verb, and plain data. */
export interface Completion {
  readonly verb: string
  readonly args: object
}

/**
 * Where an operation writes what it is about to do, so that another process can undo it when this one has died.
 * It belongs to the outermost operation.
 */
export interface Journal {
  /** The operation holds this, perhaps a lock, from now until its end. */
  using(resource: object): void
  /** Settles when the intent will survive this process; the effect runs after that. When it throws, it does not run. */
  intend(intent: Intent): Promise<void>
  /** An effect that has no inverse has run to its end: who completes the operation need not do it again. */
  done(mark: string): void
  /** The effect was undone, or has thrown and so done nothing. */
  undone(mark: string): void
  /** The operation has ended: what it did stays, or was undone. */
  end(): void
}
