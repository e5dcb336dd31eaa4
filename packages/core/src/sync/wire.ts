import { type ErrorDetails, IocError, registerErrors, type SerialisedError } from '../error.ts'
import type { EventData } from '../event.ts'

/** Index in the shared words: how many replies were posted. It only grows, so no wake-up is ever lost. */
export const POSTED = 0
/** Index in the shared words: 0 while the worker lives, else its exit code and one. */
export const EXITED = 1

/** What the worker starts with. */
export interface Boot {
  readonly port: import('node:worker_threads').MessagePort
  readonly words: Int32Array<SharedArrayBuffer>
}

/** From the blocked caller to the worker. */
export type Request =
  | { readonly do: 'load'; readonly id: number; readonly module: string }
  | {
      readonly do: 'call'
      readonly id: number
      readonly module: string
      readonly name: string
      readonly args: readonly unknown[]
      readonly credit: number
    }
  /** The caller has room for that many more events. */
  | { readonly do: 'credit'; readonly id: number; readonly count: number }
  | { readonly do: 'abort'; readonly id: number; readonly reason: SerialisedError }
  | { readonly do: 'leave'; readonly id: number; readonly reason: SerialisedError }

/** From the worker to the blocked caller. Of no call: `fatal`, the worker is about to end, and `interrupt`, Ctrl-C. */
export type Reply =
  | { readonly id: number; readonly event: EventData }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SerialisedError }
  | { readonly id: 0; readonly fatal: SerialisedError }
  | { readonly id: 0; readonly interrupt: true }

/** What the worker says of a call. */
export type CallReply = Exclude<Reply, { readonly id: 0 }>

export interface WorkerDiedDetails extends ErrorDetails {
  /** What was asked of the worker. */
  readonly call: string
  readonly reason: string
}

/**
 * The worker thread ended under a blocked caller. What the operation had done until then is not undone.
 * @remedy Look for what the operation has left behind; the reason says why the thread ended.
 */
export class WorkerDied extends IocError<WorkerDiedDetails> {
  static override readonly code: string = 'WORKER_DIED'
  constructor(details: WorkerDiedDetails, options: ErrorOptions = {}) {
    super(
      `the worker thread ended during ${details.call}: ${details.reason}; what it had done is not undone`,
      details,
      options,
    )
    this.reverted = false
  }
}

registerErrors({ WorkerDied })

const plain = new Set<object | null>(
  [Object, Array, Map, Set, Date, RegExp, ArrayBuffer, SharedArrayBuffer, DataView].map(({ prototype }) => prototype),
)
plain.add(null)

/** Where in `value` something is that loses itself between threads, and what it is; undefined when there is nothing. */
export function uncloneable(
  value: unknown,
  path = '',
  seen: Set<object> = new Set(),
): { readonly path: string; readonly what: string } | undefined {
  if (typeof value === 'function') return { path, what: 'a function' }
  if (typeof value === 'symbol') return { path, what: 'a symbol' }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return undefined
  const prototype = Object.getPrototypeOf(value) as object | null
  if (!plain.has(prototype)) return { path, what: `an instance of ${prototype?.constructor?.name || 'a class'}` }
  seen.add(value)
  const entries = value instanceof Map || value instanceof Set ? value.entries() : Object.entries(value)
  for (const [key, inner] of entries) {
    const at = path ? `${path}.${String(key)}` : String(key)
    const found = uncloneable(inner, at, seen) ?? (typeof key === 'object' ? uncloneable(key, at, seen) : undefined)
    if (found) return found
  }
  return undefined
}
