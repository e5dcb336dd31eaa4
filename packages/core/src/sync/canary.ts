import type { Socket } from 'node:net'
import { isatty } from 'node:tty'

/** Milliseconds of a call after which it deserves a canary. */
const SOON = 100

/**
 * Hears Ctrl-C for a thread that hears no signals: a child process that waits for the end of its input.
 *
 * The terminal sends SIGINT to every process in its foreground, and it is seen here when the child has died of it. The
 * main thread notices Ctrl-C by itself while it waits, but not while it is busy with `onEvent`.
 */
export class Canary {
  readonly #onInterrupt: () => void
  readonly #busy: () => boolean
  readonly #terminal = [0, 1, 2].some(isatty)
  #alive = false
  #timer: NodeJS.Timeout | undefined

  constructor(busy: () => boolean, onInterrupt: () => void) {
    this.#busy = busy
    this.#onInterrupt = onInterrupt
  }

  /** A call has begun: where there is a terminal, and if the call lasts, there will be a canary. */
  expect(): void {
    if (this.#alive || this.#timer || !this.#terminal) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#busy()) void this.#start()
    }, SOON).unref()
  }

  async #start(): Promise<void> {
    this.#alive = true
    // Loaded only here: few calls need it, and it would be a tenth of the worker's start.
    const { spawn } = await import('node:child_process')
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
    // Without one, Ctrl-C works as it does without a terminal.
    child.on('error', () => {})
    child.on('exit', (_, signal) => {
      this.#alive = false
      if (signal !== 'SIGINT' || !this.#busy()) return
      this.#onInterrupt()
      this.expect()
    })
    child.unref()
    const input = child.stdin as Socket
    input.on('error', () => {})
    input.unref()
  }
}
