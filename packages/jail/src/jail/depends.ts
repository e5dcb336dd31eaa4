import type { IocEvent, Operation } from '@gaoler/core'
import type { HostScope } from '../host/host-base.ts'
import type { Dependency } from './depends-order.ts'
import { untilReady } from './ready.ts'
import { start } from './start.ts'

/** How many jails are started at the same time: what a start does is mostly waiting. */
const CONCURRENCY = 8

/**
 * Starts the jails that a jail depends on, each as soon as those before it are ready, side by side where nothing stands
 * between them; those that run already are skipped. All of it is undone with the caller.
 */
export async function* startDependencies(
  s: HostScope,
  dependencies: readonly Dependency[],
): AsyncGenerator<IocEvent, void, void> {
  const started: string[] = []
  const ready = new Map(dependencies.map((dependency) => [dependency, Promise.withResolvers<void>()]))
  // In this order nobody waits for one behind it, so that a place is always free for who can go on.
  yield* s.all(
    dependencies.map((dependency) =>
      startOne(
        dependency,
        async (signal) => {
          for (const need of dependency.needs) await orAborted(ready.get(need)?.promise, signal)
        },
        (name) => {
          if (name) started.push(name)
          ready.get(dependency)?.resolve()
        },
      ),
    ),
    { concurrency: CONCURRENCY },
  )
  s.set({ started })
}

function startOne(
  { jail }: Dependency,
  turn: (signal: AbortSignal) => Promise<void>,
  done: (started: string | null) => void,
): Operation<void> {
  return jail.host.operation(
    'JailDependantStart',
    async function* (t) {
      await turn(t.signal)
      const runs = jail.running
      if (runs) t.skip('already running')
      else yield* t.run(start(jail, { startDependantJails: false }))
      if (jail.config.get('exec_ready') !== null) yield* t.step('JailReady', (u) => untilReady(u, jail))
      done(runs ? null : jail.fullName)
    },
    { identifier: jail.fullName },
  )
}

function orAborted(promise: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<void>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
