import type { Operation, OperationOptions } from '@gaoler/core'
import { hook } from './hook.ts'
import type { JailBase } from './jail-base.ts'
import { requireStartable, startSteps } from './start.ts'
import { stopSteps } from './stop.ts'

export interface RestartOptions extends OperationOptions {
  /** Stop the jail and start it again; without it the jail stays, and only what runs in it is restarted. */
  readonly shutdown?: boolean
  /** Hooks that fail while it is stopped or shut down are passed over. */
  readonly force?: boolean
  /** Over the environment of every hook. */
  readonly env?: Readonly<Record<string, string>>
}

/** Restarts a running jail: softly by its rc scripts (`exec_stop`, `exec_start`), or by a whole stop and start. */
export function restart(jail: JailBase, options: RestartOptions = {}): Operation<void> {
  const { shutdown = false, force, env } = options
  return jail.host.operation(
    'JailRestart',
    async function* (s) {
      s.use(jail.lock('restart'))
      jail.requireJailExisting()
      jail.requireJailRunning()
      if (shutdown) {
        // A jail that could not be started again is not stopped.
        requireStartable(jail)
        yield* s.step('JailStop', (t) => stopSteps(t, jail, { force, env }))
        yield* s.step('JailStart', (t) => startSteps(t, jail, { env }))
      } else {
        yield* s.step('JailSoftShutdown', (t) => hook(t, jail, 'exec_stop', { force, env }))
        yield* s.step('JailStart', (t) => hook(t, jail, 'exec_start', { env }))
      }
    },
    {
      ...options,
      identifier: jail.fullName,
      completion: () => (shutdown ? jail.completion('restart', { force, env }) : null),
    },
  )
}
