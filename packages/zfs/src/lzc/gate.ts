import type { CFunction } from './library.ts'

/** Lets so many calls run at once; the others wait in order. */
export class Gate {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Whether the next call will not have to wait. */
  get free(): boolean {
    return this.#running < this.#most
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await work()
    } finally {
      // The place is handed on rather than freed, so that nobody gets in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}

/**
 * How many calls may wait for the kernel at once. They use the threads that also read files (libuv's pool, four by
 * default): one is left free, so that a program never stands still for a slow pool.
 */
export function poolPlaces(size: string | undefined = process.env.UV_THREADPOOL_SIZE): number {
  const threads = Number(size)
  return Math.max(1, (Number.isInteger(threads) && threads > 0 ? Math.min(threads, 1024) : 4) - 1)
}

/** Calls of C that wait for the kernel, all libraries' together. */
export const gate: Gate = new Gate(poolPlaces())

/** Makes a call in one of libuv's threads. It takes a place: see `gate`. */
export function inThread(c: CFunction, values: readonly unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    c.async(...values, (error, result) => (error ? reject(error) : resolve(result)))
  })
}
