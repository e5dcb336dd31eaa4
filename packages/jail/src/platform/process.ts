import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { OperationCancelled } from '@gaoler/core'

/** How a process ended, as the kernel says it: exactly one of the two is not null. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Resolves when the process has ended, whoever still holds its output; rejects when it could not be started. */
export function processEnd(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', (error) => {
      // Later errors are of signals that could not be sent: the process still ends.
      if (child.pid === undefined) reject(error)
    })
  })
}

/** Calls `kill` once: when the time is over or the signal fires, whichever is first. */
export class Killer {
  timedOut = false
  #fired = false
  readonly #timer: NodeJS.Timeout | undefined
  readonly #signal: AbortSignal
  readonly #kill: () => void

  /** `timeout` in milliseconds. */
  constructor(timeout: number | undefined, signal: AbortSignal, kill: () => void) {
    this.#signal = signal
    this.#kill = kill
    // Node takes what does not fit into 31 bits for 1.
    if (timeout !== undefined && timeout < 2 ** 31) {
      this.#timer = setTimeout(() => {
        this.timedOut = !this.#fired
        this.fire()
      }, timeout)
    }
    signal.addEventListener('abort', this.fire, { once: true })
    if (signal.aborted) this.fire()
  }

  readonly fire = (): void => {
    if (this.#fired) return
    this.#fired = true
    this.#kill()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.fire)
  }
}

/** Throws OperationCancelled when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal, operation: string): void {
  if (signal.aborted) throw cancelled(signal, operation)
}

/** The error for an operation that a fired signal has ended. */
export function cancelled(signal: AbortSignal, operation: string): OperationCancelled {
  const reason = signal.reason instanceof Error ? signal.reason.message : String(signal.reason)
  return new OperationCancelled({ operation, reason })
}

/** The name of a signal's number on this system, such as `SIGKILL` for 9. */
export function signalName(number: number): NodeJS.Signals | null {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return found ? (found[0] as NodeJS.Signals) : null
}
