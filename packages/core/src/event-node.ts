import type { EventType } from './catalogue.ts'
import type { EffectContext } from './effects.ts'
import { type IocError, serialiseError } from './error.ts'
import { type EventState, IocEvent, type Progress } from './event.ts'
import type { Feed, Listener } from './feed.ts'
import type { LogLevel } from './log.ts'
import type { StepOptions } from './types.ts'
import type { Origin } from './undo.ts'

const NOTHING = Object.freeze({})

/** Where the snapshots of an event go. */
export interface Audience {
  readonly feed: Feed
  readonly listeners: readonly Listener[]
  /** Effects are recorded and not carried out. */
  readonly planned: boolean
}

/** One event while it happens: what it is about, its news, its snapshots. */
export class EventNode implements Audience {
  readonly feed: Feed
  readonly listeners: readonly Listener[]
  readonly planned: boolean
  readonly origin: Origin
  readonly depth: number
  /** The final state is known: no more news. */
  protected closed = false
  protected skipped = false
  readonly #parent: string | null
  readonly #undoes: string | null
  readonly #startedAt = Date.now()
  readonly #clock = performance.now()
  #message: string | null
  #progress: Progress | null = null

  /** `undoes`: set for the event of an undo, the id of what it undoes. */
  constructor(
    parent: EventNode | null,
    { feed, listeners, planned }: Audience,
    type: EventType,
    options: StepOptions,
    undoes: string | null = null,
  ) {
    this.#parent = parent?.origin.id ?? null
    this.feed = feed
    this.listeners = listeners
    this.planned = planned
    this.origin = {
      id: feed.nextId(),
      type,
      identifier: options.identifier ?? parent?.origin.identifier ?? null,
      payload: options.payload ? Object.freeze({ ...options.payload }) : NOTHING,
    }
    this.depth = parent ? parent.depth + 1 : 0
    this.#undoes = undoes
    this.#message = options.message ?? null
    feed.open.set(this.origin.id, this)
  }

  get type(): EventType {
    return this.origin.type
  }

  progress(current: number, total?: number, unit = 'steps'): void {
    if (this.closed) return
    this.#progress = Object.freeze(total === undefined ? { current, unit } : { current, total, unit })
    this.feed.progress(this.snapshot('progress'))
  }

  output(text: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    if (this.closed || text === '') return Promise.resolve()
    return this.feed.output(this.snapshot('progress', null, { chunk: { stream, text } }))
  }

  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.closed) return Promise.resolve()
    return this.feed.output(
      this.snapshot('progress', null, { log: data ? { level, message, data } : { level, message } }),
    )
  }

  set(payload: Readonly<Record<string, unknown>>): void {
    this.origin.payload = Object.freeze({ ...this.origin.payload, ...payload })
  }

  message(text: string): void {
    this.#message = text
  }

  skip(reason: string): void {
    this.skipped = true
    this.#message = reason
  }

  /** A snapshot of the event as it is now: a draft until the operation delivers it. */
  snapshot(state: EventState, error: IocError | null = null, extra?: object): IocEvent {
    const { id, type, identifier, payload } = this.origin
    return new IocEvent({
      id,
      seq: 0,
      type,
      identifier,
      state,
      parent: this.#parent,
      depth: this.depth,
      message: error ? error.message : this.#message,
      progress: this.#progress,
      startedAt: this.#startedAt,
      duration: state === 'pending' ? null : performance.now() - this.#clock,
      error: error ? serialiseError(error) : null,
      rollback: this.#undoes !== null,
      undoes: this.#undoes,
      planned: this.planned,
      payload: (extra ? { ...payload, ...extra } : payload) as never,
    })
  }

  /** What a running effect may use, here and while it is undone. */
  context(signal: AbortSignal, mark: string): EffectContext {
    return {
      signal,
      mark,
      progress: (current, total, unit) => this.progress(current, total, unit),
      output: (text, stream) => this.output(text, stream),
    }
  }

  close(): void {
    this.closed = true
  }
}
