import { derives, type EventType, type Payload, type WithDescendants } from './catalogue.ts'
import type { SerialisedError } from './error.ts'

/** `pending` once, `progress` any number of times, then exactly one of the others. */
export type EventState = 'pending' | 'progress' | 'done' | 'skipped' | 'failed'

export interface Progress {
  readonly current: number
  readonly total?: number
  /** What is counted: `bytes`, `files`, `jails` … */
  readonly unit: string
}

/** The own data of an event: plain, so that it survives structured clone and JSON. */
export interface EventData<T extends EventType = EventType> {
  /** The same for every snapshot of one event: the run, a dot, a counter. */
  readonly id: string
  /** Number of this snapshot in its run, from 1; 0 in a draft that has not been delivered. */
  readonly seq: number
  readonly type: T
  /** What the event is about: a jail's full name, a release, a dataset. */
  readonly identifier: string | null
  readonly state: EventState
  /** Id of the event that this one is nested in. */
  readonly parent: string | null
  /** 0 for an operation's own event. */
  readonly depth: number
  readonly message: string | null
  readonly progress: Progress | null
  /** Milliseconds since 1970 at which the event became pending. */
  readonly startedAt: number
  /** Milliseconds from pending to this snapshot, by a monotonic clock; null while pending. */
  readonly duration: number | null
  readonly error: SerialisedError | null
  /** The event undoes another one: `undoes` is its id, type and payload are those of the undone. */
  readonly rollback: boolean
  readonly undoes: string | null
  /** The effects of this event were recorded and not carried out. */
  readonly planned: boolean
  readonly payload: Payload<T>
}

/** One snapshot of something that happens, numbered and frozen when the operation delivers it. */
export class IocEvent<T extends EventType = EventType> implements EventData<T> {
  readonly id: string
  readonly seq: number
  readonly type: T
  readonly identifier: string | null
  readonly state: EventState
  readonly parent: string | null
  readonly depth: number
  readonly message: string | null
  readonly progress: Progress | null
  readonly startedAt: number
  readonly duration: number | null
  readonly error: SerialisedError | null
  readonly rollback: boolean
  readonly undoes: string | null
  readonly planned: boolean
  readonly payload: Payload<T>

  // One by one, because this is where most of the time goes: Object.assign is ten times slower.
  constructor(data: EventData<T>) {
    this.id = data.id
    this.seq = data.seq
    this.type = data.type
    this.identifier = data.identifier
    this.state = data.state
    this.parent = data.parent
    this.depth = data.depth
    this.message = data.message
    this.progress = data.progress
    this.startedAt = data.startedAt
    this.duration = data.duration
    this.error = data.error
    this.rollback = data.rollback
    this.undoes = data.undoes
    this.planned = data.planned
    this.payload = data.payload
  }

  /** Whether this is an event of that kind or of one that derives from it; narrows type and payload. */
  is<K extends EventType>(kind: K): this is IocEvent<WithDescendants<K>> {
    return derives(this.type, kind)
  }

  /** Whether this is the last snapshot of its event. */
  isFinal(): boolean {
    return this.state === 'done' || this.state === 'skipped' || this.state === 'failed'
  }

  toString(): string {
    const name = this.identifier === null ? this.type : `${this.type}@${this.identifier}`
    return `${this.rollback ? 'undo ' : ''}${name}: ${this.state}${this.message === null ? '' : ` (${this.message})`}`
  }
}

/** Gives plain data that crossed a wire its methods back. */
export function revive<T extends EventType>(data: EventData<T>): IocEvent<T> {
  return Object.freeze(new IocEvent(data))
}

/** `event.is()` for plain data. */
export function isEvent<K extends EventType>(data: EventData, kind: K): data is EventData<WithDescendants<K>> {
  return derives(data.type, kind)
}
