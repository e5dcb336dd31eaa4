import type { EventEmitter } from 'eventemitter3'
import type { EventType } from './catalogue.ts'
import { type IocError, toIocError } from './error.ts'
import type { IocEvent } from './event.ts'
import type { Source } from './source.ts'

export * from './from-emitter.ts'

/** What an emitter of IocEvents emits: each event under its own kind, all of them under `*`, and the failure. */
export type IocEventMap = { [K in EventType]: (event: IocEvent<K>) => void } & {
  '*': (event: IocEvent) => void
  error: (error: IocError) => void
}

/** What `pipeTo` needs of an emitter; those of eventemitter3 and of node:events have it. */
export type IocEmitter = Pick<EventEmitter<IocEventMap>, 'emit' | 'listenerCount'>

/**
 * Runs an operation and emits its events: under the event's own kind, not under those that it derives from (a listener
 * for `*` can ask `event.is('VnetEvent')`), and then under `*`.
 *
 * Returns the promise of the result: a failure rejects it, after it was emitted as `error` where somebody listens.
 * An error that a listener throws leaves the operation, which is then undone, and rejects the promise as well.
 */
export async function pipeTo<R>(operation: Source<R>, emitter: IocEmitter): Promise<R> {
  const emit = emitter.emit.bind(emitter) as (type: string, value: unknown) => boolean
  try {
    for (;;) {
      const next = await operation.next()
      if (next.done) return next.value
      try {
        emit(next.value.type, next.value)
        emit('*', next.value)
      } catch (thrown) {
        // As in `for await`: the error of the body comes before an error of leaving.
        await operation.return(undefined as never).catch(() => {})
        throw thrown
      }
    }
  } catch (thrown) {
    // An emitter of node:events throws when nobody listens for errors.
    if (emitter.listenerCount('error') > 0) emit('error', toIocError(thrown))
    throw thrown
  }
}
