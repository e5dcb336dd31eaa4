import { UsageError } from '../error.ts'
import type { IocEvent } from '../event.ts'
import { Call, type CallInit, type SyncOptions } from './call.ts'
import type { SyncCall } from './job.ts'
import { Thread } from './thread.ts'
import { uncloneable } from './wire.ts'

/** How many events the worker may be ahead of a caller that drains. */
const WINDOW = 256

/** The arguments of a function of a sync module, after its call. */
export type SyncArgs<F> = F extends (call: SyncCall, ...args: infer A) => unknown ? A : never

/** What a caller of a function of a sync module gets: an operation's result, or what its promise resolves to. */
export type SyncResult<F> = F extends (...args: never[]) => infer W
  ? W extends { next(): Promise<IteratorResult<unknown, infer R>> }
    ? R
    : Awaited<W>
  : never

type Name<M> = { [K in keyof M]: M[K] extends (call: SyncCall, ...args: never[]) => unknown ? K : never }[keyof M] &
  string

/** Blocking access to the functions of a module that runs in the worker thread; see `syncBridge`. */
export class SyncBridge<M> implements Disposable {
  readonly #module: string

  constructor(module: string) {
    this.#module = module
  }

  /** Runs a function of the module to its end and returns its result. */
  drain<K extends Name<M>>(name: K, args: SyncArgs<M[K]>, options: SyncOptions = {}): SyncResult<M[K]> {
    return drained(this.#init(name, args, options, WINDOW, this.drain)) as SyncResult<M[K]>
  }

  /** Runs an operation to its end and returns its events. */
  collect<K extends Name<M>>(name: K, args: SyncArgs<M[K]>, options: SyncOptions = {}): IocEvent[] {
    const events: IocEvent[] = []
    drained(this.#init(name, args, options, WINDOW, this.collect), events)
    return events
  }

  /** An operation pull by pull: the worker goes on only when it is asked to, and leaving it undoes it. */
  iterate<K extends Name<M>>(
    name: K,
    args: SyncArgs<M[K]>,
    options: SyncOptions = {},
  ): Generator<IocEvent, SyncResult<M[K]>, void> {
    const init = this.#init(name, args, options, 0)
    return pulled(() => new Call(init)) as Generator<IocEvent, SyncResult<M[K]>, void>
  }

  /** Starts the worker and loads the module now, so that the first call does not take the time for it. */
  warm(): void {
    Thread.get().load(this.#module)
  }

  /** Ends the worker thread, which all bridges of the process share. The next call starts another one. */
  [Symbol.dispose](): void {
    Thread.end()
  }

  #init(
    name: string,
    args: readonly unknown[],
    options: SyncOptions,
    window: number,
    entry?: CallInit['entry'],
  ): CallInit {
    const found = uncloneable(args)
    if (found) throw new TypeError(refusal(name, args, found))
    return { module: this.#module, name, args, window, options, entry }
  }
}

function drained(init: CallInit, events?: IocEvent[]): unknown {
  const call = new Call(init)
  try {
    for (;;) {
      const next = call.next()
      if (next.done) return next.value
      events?.push(next.value)
    }
  } catch (thrown) {
    try {
      // onEvent has thrown: the call is undone, and that error is the caller's.
      call.leave(thrown, true)
    } catch {
      // As in `for await`, the error of the body comes before the error of leaving.
    }
    throw thrown
  }
}

function* pulled(start: () => Call): Generator<IocEvent, unknown, void> {
  const call = start()
  try {
    for (;;) {
      const next = call.next()
      if (next.done) return next.value
      yield next.value
    }
  } finally {
    call.leave(new Error('its consumer left'))
  }
}

function refusal(name: string, args: readonly unknown[], { path, what }: { path: string; what: string }): string {
  const [at = '0', ...keys] = path.split('.')
  const last = Number(at) === args.length - 1
  const place =
    keys.length === 0
      ? `argument ${Number(at) + 1}`
      : `${last ? 'option' : `argument ${Number(at) + 1}:`} ${keys.join('.')}`
  return `${name}: ${place} is ${what}, which cannot reach the thread that runs the operation; use the asynchronous face, or give plain data`
}

/**
 * Blocking access to operations: `module` is loaded in one worker thread, and the caller waits while they run there.
 *
 * Its exports are functions of a `SyncCall` and plain arguments, which return an operation, a promise or a value:
 *
 * ```ts
 * // sync-module.ts
 * export const start = (call: SyncCall, jail: Descriptor, options: StartOptions) => open(jail).start({ ...options, ...call })
 * // sync.ts
 * const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)
 * const events = bridge.collect('start', [descriptor, {}], { onEvent: (event) => console.log(`${event}`) })
 * ```
 *
 * Ctrl-C undoes what is under way and ends the process with exit code 130, at the second time at once; a program that
 * listens to SIGINT itself gets an OperationCancelled instead, and then the signal. A bare `kill -INT` is heard too,
 * except while `onEvent` runs.
 *
 * `module` is relative to `base`; where `base` is a built `.js` file, a module written as `.ts` is taken as `.js`.
 */
export function syncBridge<M>(module: string, base: string): SyncBridge<M> {
  const url = new URL(base.endsWith('.ts') ? module : module.replace(/\.ts$/, '.js'), base)
  if (url.protocol !== 'file:') throw new UsageError(`a sync module is a file, not ${url.href}`)
  return new SyncBridge<M>(url.href)
}
