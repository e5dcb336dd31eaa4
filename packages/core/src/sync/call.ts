import { channel } from 'node:diagnostics_channel'
import { OperationCancelled, reviveError, type SerialisedError, serialiseError, TimeLimitExceeded } from '../error.ts'
import { type EventData, type IocEvent, revive } from '../event.ts'
import { type Logger, logListener } from '../log.ts'
import { RemoteTrace } from '../telemetry.ts'
import { endByInterrupt, guardInterrupt } from './interrupt.ts'
import { type NoReply, Thread } from './thread.ts'
import type { CallReply } from './wire.ts'

/** Options of every blocking call. */
export interface SyncOptions {
  /** Sees each event live, while the caller is blocked. What it throws ends the call, which is then undone. */
  readonly onEvent?: (event: IocEvent) => void
  /** Logs each event live, on the caller's thread. */
  readonly logger?: Logger
  /** Cancels the call. While it blocks, only `onEvent` can abort it: timers of the caller's thread do not run. */
  readonly signal?: AbortSignal
  /** Milliseconds after which the call is cancelled; the starting of the worker does not count. */
  readonly timeout?: number
  /** Milliseconds that a cancelled call may take to undo, before its worker is ended: default 90,000. */
  readonly grace?: number
}

/** What is called, by whom. */
export interface CallInit {
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
  /** How many events the worker may be ahead; 0: it goes on only when it is asked to. */
  readonly window: number
  readonly options: SyncOptions
  /** The function whose caller is blocked, if it is on the stack: stack traces go on there. */
  readonly entry?: (...args: never[]) => unknown
}

const events = channel('ioc:event')

/** One call as its blocked caller sees it: each `next()` blocks until there is an event or the result. */
export class Call {
  readonly #init: CallInit
  readonly #thread: Thread
  readonly #id: number
  /** When the call's time is up; once it is cancelled, when the patience with its undo is. */
  #limit: number
  readonly #trace = new RemoteTrace()
  #read = 0
  #open = true
  #reason: unknown
  #cancelled = false
  #interrupts = 0
  readonly #unguard: () => void

  constructor(init: CallInit) {
    const { module, name, args, window, options } = init
    this.#init = init
    this.#thread = Thread.get()
    this.#thread.load(module)
    this.#limit = performance.now() + (options.timeout ?? Number.POSITIVE_INFINITY)
    this.#id = this.#thread.open()
    this.#thread.post({ do: 'call', id: this.#id, module, name, args, credit: window })
    this.#unguard = guardInterrupt(() => this.leave(new Error('SIGINT')))
    options.signal?.addEventListener('abort', this.#onAbort)
    if (options.signal?.aborted) this.#onAbort()
  }

  next(): IteratorResult<IocEvent, unknown> {
    if (!this.#open) return { done: true, value: undefined }
    this.#grant()
    const reply = this.#receive()
    if ('event' in reply) {
      const event = frozen(reply.event)
      this.#show(event)
      return { done: false, value: event }
    }
    this.#close()
    if ('error' in reply) throw this.#revive(reply.error)
    return { done: true, value: 'value' in reply ? reply.value : undefined }
  }

  /** Ends the call if it is under way: undoes, while `onEvent` sees it. Throws when the undo was not whole. */
  leave(reason: unknown, silent = false): void {
    if (!this.#open) return
    this.#cancel(reason, 'leave')
    for (;;) {
      const reply = this.#receive()
      if ('event' in reply) {
        if (silent) continue
        try {
          this.#show(frozen(reply.event))
        } catch {
          // Nothing stops the undo; who throws here is not asked again.
          silent = true
        }
        continue
      }
      this.#close()
      if ('error' in reply) throw this.#revive(reply.error)
      return
    }
  }

  readonly #onAbort = (): void => this.#cancel(this.#init.options.signal?.reason, 'abort')

  #cancel(reason: unknown, how: 'abort' | 'leave'): void {
    if (!this.#cancelled) {
      this.#reason = reason
      this.#limit = performance.now() + (this.#init.options.grace ?? 90_000)
    }
    this.#cancelled = true
    this.#thread.post({ do: how, id: this.#id, reason: serialiseError(reason) })
  }

  #receive(): CallReply {
    for (;;) {
      const reply = this.#waitFor()
      if (reply === 'interrupted') this.#interrupt()
      else if (reply !== 'late') return reply
      else if (this.#cancelled)
        this.#thread.terminate(`it did not stop within ${this.#init.options.grace ?? 90_000} ms`)
      else this.#cancel(new TimeLimitExceeded({ limit: this.#init.options.timeout ?? 0 }), 'abort')
    }
  }

  #waitFor(): CallReply | NoReply {
    try {
      return this.#thread.receive(this.#id, this.#init.name, this.#limit)
    } catch (error) {
      this.#close()
      throw error
    }
  }

  /** The first Ctrl-C undoes what is under way; the second one does not wait for that. */
  #interrupt(): void {
    if (++this.#interrupts > 1) process.exit(130)
    this.#cancel(new Error('SIGINT'), 'abort')
  }

  /** Tells the worker that there is room again: for one event where it goes in lock-step, else for half a window. */
  #grant(): void {
    const { window } = this.#init
    const count = window === 0 ? 1 : window / 2
    if (window > 0 && (this.#read === 0 || this.#read % count !== 0)) return
    this.#thread.post({ do: 'credit', id: this.#id, count })
  }

  #show(event: IocEvent): void {
    this.#read++
    if (events.hasSubscribers) events.publish(event)
    this.#trace.see(event)
    const { logger, onEvent } = this.#init.options
    if (logger) logListener(logger)(event)
    onEvent?.(event)
  }

  #close(): void {
    this.#open = false
    this.#thread.close(this.#id)
    this.#init.options.signal?.removeEventListener('abort', this.#onAbort)
    this.#unguard()
    if (this.#interrupts === 0) return
    endByInterrupt()
    // The program has a listener of its own: it hears of the signal when its event loop turns.
    process.kill(process.pid, 'SIGINT')
  }

  #revive(data: SerialisedError): Error {
    const error = reviveError(data)
    const here: { stack?: string } = {}
    Error.captureStackTrace(here, this.#init.entry)
    const caller = here.stack?.slice(here.stack.indexOf('\n')) ?? ''
    error.stack = `${error.stack}\n    at [the thread that waits for it]${caller}`
    // The reason crossed twice; the caller finds again what it gave.
    if (this.#cancelled && error instanceof OperationCancelled) error.cause = this.#reason
    return error
  }
}

function frozen(data: EventData): IocEvent {
  Object.freeze(data.payload)
  return revive(data)
}
