import { config, Observable } from 'rxjs'
import type { IocEvent } from './event.ts'
import { OperationHandle } from './share.ts'
import type { Source, Start } from './source.ts'

/** What `toObservable.withResult` emits: each event, and the result as the last. */
export type EventOrResult<R> =
  | { readonly kind: 'event'; readonly event: IocEvent }
  | { readonly kind: 'result'; readonly result: R }

export interface ToObservable {
  /**
   * A cold Observable of an operation's events: each subscriber starts an operation of its own.
   *
   * It completes when the operation has returned, and errors with what the operation throws. Unsubscribing cancels the
   * operation and does not wait for its undo; an undo that fails is then reported, to rxjs's `onUnhandledError` or else
   * as a warning. Who must know when all was undone keeps the operation that `start` makes, and awaits its `return()`.
   * An Observable pushes: the operation runs as fast as its subscriber takes, without back-pressure.
   *
   * rxjs's own `from(operation)` does not cancel, and two of its subscribers would share the events out between them.
   */
  <R>(start: Start<R>): Observable<IocEvent>
  /** The same with the operation's result: a union of `{kind: 'event'}` and, at the end, `{kind: 'result'}`. */
  withResult<R>(start: Start<R>): Observable<EventOrResult<R>>
}

export const toObservable: ToObservable = Object.assign(
  <R>(start: Start<R>): Observable<IocEvent> =>
    observe<R, IocEvent>(
      start,
      (event) => event,
      () => undefined,
    ),
  {
    withResult: <R>(start: Start<R>): Observable<EventOrResult<R>> =>
      observe<R, EventOrResult<R>>(
        start,
        (event) => ({ kind: 'event', event }),
        (result) => ({ kind: 'result', result }),
      ),
  },
)

function observe<R, T>(
  start: Start<R>,
  ofEvent: (event: IocEvent) => T,
  ofResult: (result: R) => T | undefined,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    const controller = new AbortController()
    const operation = start({ signal: controller.signal })
    let ended = false
    const run = async (): Promise<void> => {
      try {
        for (;;) {
          const next = await operation.next()
          if (subscriber.closed) return
          if (next.done) {
            ended = true
            const last = ofResult(next.value)
            if (last !== undefined) subscriber.next(last)
            subscriber.complete()
            return
          }
          subscriber.next(ofEvent(next.value))
        }
      } catch (error) {
        ended = true
        // Of a subscriber that has left, return() tells whether there is anything to report.
        if (!subscriber.closed) subscriber.error(error)
      }
    }
    void run()
    return () => {
      if (ended) return
      // First the signal: a generator that waits in an await takes its return() only afterwards.
      controller.abort(new Error('its subscriber left'))
      operation.return(undefined as never).catch(report)
    }
  })
}

function report(error: Error): void {
  if (config.onUnhandledError) config.onUnhandledError(error)
  else process.emitWarning(error)
}

/** A shared operation that can be observed: see `share`. */
export class ObservableHandle<R> extends OperationHandle<R> {
  /** All events from the first one on. Unsubscribing only stops the watching. */
  observe(): Observable<IocEvent> {
    return new Observable((subscriber) => {
      const events = this.events()
      const run = async (): Promise<void> => {
        try {
          for await (const event of events) {
            if (subscriber.closed) return
            subscriber.next(event)
          }
          subscriber.complete()
        } catch (error) {
          subscriber.error(error)
        }
      }
      void run()
    })
  }
}

/** The `share` of the main entry point, with `observe()` on its handle. */
export function share<R>(operation: Source<R> | Start<R>): ObservableHandle<R> {
  return new ObservableHandle(operation)
}
