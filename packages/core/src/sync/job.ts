import { reviveError, type SerialisedError, serialiseError, UsageError } from '../error.ts'
import type { IocEvent } from '../event.ts'
import { type CallReply, uncloneable } from './wire.ts'

/** What a function receives first when it is called through a sync bridge: options for its operation. */
export interface SyncCall {
  /** Fires when the blocked caller cancels, leaves, or its time runs out. */
  readonly signal: AbortSignal
  /** Sees the events of undoing after the caller has left. */
  readonly onEvent: (event: IocEvent) => void
}

type Work = AsyncIterator<IocEvent, unknown, void>

/** One call, in the worker: runs it, and posts no more events than its caller has room for. */
export class Job {
  readonly #id: number
  readonly #name: string
  readonly #post: (reply: CallReply) => void
  readonly #abort = new AbortController()
  #credit: number
  #granted: () => void = () => {}
  #left = false
  /** Delivered by the operation since it was aborted, and not yet pulled from it. */
  readonly #delivered: IocEvent[] = []
  #work: Work | undefined
  #running: Promise<unknown> | undefined

  constructor(id: number, name: string, credit: number, post: (reply: CallReply) => void) {
    this.#id = id
    this.#name = name
    this.#credit = credit
    this.#post = post
  }

  /** Runs `served` to its end, however it ends; never rejects. */
  async run(served: () => Promise<(call: SyncCall) => unknown>): Promise<void> {
    this.#running = this.#run(served)
    try {
      const value = await this.#running
      if (!this.#left) this.#end(value)
    } catch (thrown) {
      if (!this.#left) this.#fail(thrown)
    }
  }

  grant(count: number): void {
    this.#credit += count
    this.#granted()
  }

  abort(reason: SerialisedError): void {
    this.#abort.abort(reviveError(reason))
  }

  /** The caller has left: undoes, and answers when that is finished. */
  async leave(reason: SerialisedError): Promise<void> {
    this.#left = true
    // First the signal: a generator that waits in an await takes its return() only afterwards.
    this.abort(reason)
    this.#granted()
    // What was delivered after an abort and never pulled comes before what will be delivered from now on.
    for (const event of this.#delivered.splice(0)) this.#deliver(event)
    try {
      await this.#work?.return?.()
      await this.#running?.catch(() => {})
      this.#end(undefined)
    } catch (thrown) {
      this.#fail(thrown)
    }
  }

  async #run(served: () => Promise<(call: SyncCall) => unknown>): Promise<unknown> {
    const call = await served()
    const work = call({ signal: this.#abort.signal, onEvent: (event) => this.#deliver(event) })
    if (!isWork(work)) return work
    this.#work = work
    for (;;) {
      if (this.#credit === 0 && !this.#left) await new Promise<void>((resolve) => (this.#granted = resolve))
      if (this.#left) return undefined
      this.#credit--
      const next = await work.next()
      if (next.done) return next.value
      if (this.#left) continue
      if (this.#delivered[0] === next.value) this.#delivered.shift()
      try {
        this.#post({ id: this.#id, event: next.value })
      } catch (cause) {
        await work.return?.()
        throw refusal(next.value, cause)
      }
    }
  }

  #deliver(event: IocEvent): void {
    if (!this.#left) {
      // Until then, what is delivered is pulled at once.
      if (this.#work && this.#abort.signal.aborted) this.#delivered.push(event)
      return
    }
    try {
      this.#post({ id: this.#id, event })
    } catch {
      // An event that cannot cross must not stop the undoing.
    }
  }

  #end(value: unknown): void {
    const found = uncloneable(value)
    if (!found) {
      this.#post({ id: this.#id, value })
      return
    }
    const place = found.path ? `its ${found.path}` : 'it'
    this.#fail(new UsageError(`the result of ${this.#name} cannot leave the worker thread: ${place} is ${found.what}`))
  }

  #fail(thrown: unknown): void {
    const error = serialiseError(thrown)
    try {
      this.#post({ id: this.#id, error })
    } catch {
      this.#post({ id: this.#id, error: JSON.parse(JSON.stringify(error)) as SerialisedError })
    }
  }
}

function refusal(event: IocEvent, cause: unknown): UsageError {
  const { path, what } = uncloneable({ ...event }) ?? { path: 'data', what: 'not plain' }
  return new UsageError(`the event ${event.type} cannot leave the worker thread: its ${path} is ${what}`, {}, { cause })
}

function isWork(work: unknown): work is Work {
  return typeof work === 'object' && work !== null && Symbol.asyncIterator in work
}
