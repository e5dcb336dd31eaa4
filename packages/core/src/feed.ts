import { channel } from 'node:diagnostics_channel'
import type { CommandPayload, Payload } from './catalogue.ts'
import type { IocEvent } from './event.ts'
import type { EventNode } from './event-node.ts'
import { logListener } from './log.ts'
import type { OperationOptions } from './types.ts'

export type Listener = (event: IocEvent) => void

/** Every delivered event of every operation in this process is published here. */
const events = channel('ioc:event')

const prefix = Math.floor(Math.random() * 36 ** 6).toString(36)
let feeds = 0

/** Output that waits for its consumer may take this many characters before its producer has to wait. */
const OUTPUT_LIMIT = 64 * 1024

/** What the scopes of one operation share: ids, numbers, and the queue of drafts that did not come up through `yield*`. */
export class Feed {
  readonly id: string = `${prefix}${(feeds++).toString(36)}`
  /** Scopes whose event has no final state yet, by event id. */
  readonly open: Map<string, EventNode> = new Map()
  readonly queue: IocEvent[] = []
  /** Called when the queue has grown; set by the operation that waits. */
  wake: () => void = () => {}
  #ids = 0
  #seq = 0
  /** Output in the queue: it is never replaced by newer progress, and its size is counted. */
  readonly #output = new Set<IocEvent>()
  #waiting = 0
  #producers: (() => void)[] = []
  #passing: (() => void)[] = []

  nextId(): string {
    return `${this.id}.${++this.#ids}`
  }

  /** The newest progress of an event replaces one that was not pulled yet. */
  progress(draft: IocEvent): void {
    const last = this.queue.findLastIndex((queued) => queued?.id === draft.id)
    const queued = this.queue[last]
    if (queued?.state === 'progress' && !this.#output.has(queued)) this.queue[last] = draft
    else this.queue.push(draft)
    this.wake()
  }

  /** Settles at once while little output waits, else when the consumer has caught up. */
  output(draft: IocEvent): Promise<void> {
    const size = sizeOf(draft)
    this.queue.push(draft)
    this.#output.add(draft)
    this.#waiting += size
    this.wake()
    return this.#waiting < OUTPUT_LIMIT ? Promise.resolve() : new Promise((resolve) => this.#producers.push(resolve))
  }

  /** Delivers a draft that its body has kept to itself; settles when the consumer asks for more. */
  pass(draft: IocEvent): Promise<void> {
    if (!this.queue.includes(draft)) this.queue.push(draft)
    const passed = new Promise<void>((resolve) => this.#passing.push(resolve))
    this.wake()
    return passed
  }

  /** The consumer has all that was in the queue, and asks for more. */
  pulled(): void {
    if (this.#passing.length > 0) for (const go of this.#passing.splice(0)) go()
  }

  /** Numbers and freezes a draft and shows it to every listener. */
  deliver(draft: IocEvent, scope: EventNode): IocEvent {
    ;(draft as { seq: number }).seq = ++this.#seq
    Object.freeze(draft)
    if (draft.isFinal()) this.open.delete(draft.id)
    for (const listener of scope.listeners) tell(listener, draft)
    if (events.hasSubscribers) events.publish(draft)
    if (this.#output.delete(draft)) {
      this.#waiting -= sizeOf(draft)
      if (this.#waiting < OUTPUT_LIMIT) for (const go of this.#producers.splice(0)) go()
    }
    return draft
  }
}

/** Who hears of an operation's events: those outside of it, its own `onEvent` and its logger; nobody hears of one twice. */
export function listenersOf(
  { onEvent, logger }: OperationOptions,
  outer: readonly Listener[] = [],
): readonly Listener[] {
  if (!onEvent && !logger) return outer
  const own = [onEvent, logger && logListener(logger)].filter((listener) => listener !== undefined)
  return [...new Set([...outer, ...own])]
}

/** A watcher that throws must not disturb what it watches, least of all an undo. */
function tell(listener: Listener, event: IocEvent): void {
  try {
    listener(event)
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.stack : undefined
    process.emitWarning(`onEvent threw at ${event}: ${thrown}`, { code: 'IOC_LISTENER', detail })
  }
}

function sizeOf(output: IocEvent): number {
  const { chunk, log } = output.payload as CommandPayload & Payload<'IocEvent'>
  return (chunk?.text.length ?? 0) + (log?.message.length ?? 0)
}
