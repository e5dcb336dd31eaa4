import { setImmediate as turn } from 'node:timers/promises'

/** Work after which others get their turn: entries, and bytes that were written. */
const limits = { entries: 256, bytes: 4 << 20 }

/** Lets the rest of the process breathe between pieces of synchronous work, and notices that it is to end. */
export class Pace {
  readonly #signal: AbortSignal | undefined
  #entries = 0
  #bytes = 0

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
  }

  /** Await what it returns, if anything: a promise for each of many small pieces would cost more than they do. */
  spend(entries: number, bytes: number): Promise<void> | undefined {
    this.#entries += entries
    this.#bytes += bytes
    if (this.#entries < limits.entries && this.#bytes < limits.bytes) return undefined
    this.#entries = 0
    this.#bytes = 0
    return this.#turn()
  }

  async #turn(): Promise<void> {
    await turn()
    this.#signal?.throwIfAborted()
  }
}
