import { setTimeout as sleep } from 'node:timers/promises'
import type { HostScope } from '../host/host-base.ts'
import { commandOf } from './command.ts'
import { hookEnvironment } from './environment.ts'
import { JailNotReady } from './errors.ts'
import type { JailBase } from './jail-base.ts'

/** Milliseconds between two tries. */
const PAUSE = 250

/** Runs the check of a jail until it exits with 0. Throws JailNotReady when `ready_timeout` is over. */
export async function untilReady(t: HostScope, jail: JailBase): Promise<void> {
  const command = jail.config.get('exec_ready') as string
  const seconds = jail.config.get('ready_timeout')
  const check = { name: jail.identifier, argv: commandOf(command), env: hookEnvironment(jail) }
  // Of a clock that nobody sets.
  const end = seconds === 0 ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000
  for (let tries = 1; ; tries++) {
    const left = end - performance.now()
    const timeout = Number.isFinite(left) ? Math.max(1, Math.ceil(left)) : undefined
    const result = await t.host.execInJail({ ...check, timeout })
    t.set({ ...result })
    if (result.code === 0) return
    if (performance.now() + PAUSE >= end) {
      throw new JailNotReady({ jail: jail.fullName, command, seconds, code: result.code, tries })
    }
    await sleep(PAUSE, undefined, { signal: t.signal })
  }
}
