import type { Scope } from '@gaoler/core'

/** How often progress is told at most, and over how long a rate is measured, in milliseconds. */
export const INTERVAL = 100
const WINDOW = 1000

/** Counts the bytes of a stream and tells them as the progress of an event, with the rate in its payload. */
export class Meter {
  bytes = 0
  /** Expected bytes, once they are known. */
  total: number | undefined
  #scope: Pick<Scope, 'progress' | 'set'> | undefined
  #told = 0
  /** Where the window began in which the rate is measured. */
  #since: { readonly time: number; readonly bytes: number } | undefined

  /** From now on progress goes to this scope. */
  tell(scope: Pick<Scope, 'progress' | 'set'>): void {
    this.#scope = scope
  }

  count(length: number): void {
    const now = performance.now()
    this.#since ??= { time: now, bytes: this.bytes }
    this.bytes += length
    if (now - this.#told < INTERVAL) return
    this.#told = now
    this.#report(now)
    if (now - this.#since.time > WINDOW) this.#since = { time: now, bytes: this.bytes }
  }

  /** So many bytes there are, as somebody else has counted them. */
  reach(bytes: number): void {
    if (bytes > this.bytes) this.count(bytes - this.bytes)
  }

  /** The last word: all bytes. */
  finish(): void {
    if (this.bytes > 0) this.#report(performance.now())
  }

  #report(now: number): void {
    const { time, bytes } = this.#since ?? { time: now, bytes: 0 }
    const seconds = (now - time) / 1000
    if (seconds > 0) this.#scope?.set({ rate: Math.round((this.bytes - bytes) / seconds) })
    // An estimate may turn out too low, and progress must not be more than all.
    const total = this.total === undefined ? undefined : Math.max(this.total, this.bytes)
    this.#scope?.progress(this.bytes, total, 'bytes')
  }
}
