import type { EventType, Step } from '@gaoler/core'
import type { PropertyName } from '../config/properties/index.ts'
import type { HostScope } from '../host/host-base.ts'
import type { Command, CommandResult } from '../platform/platform.ts'
import type { HookRecord } from '../recovery/hooks.ts'
import { commandOf } from './command.ts'
import { logged } from './console-log.ts'
import { hookEnvironment } from './environment.ts'
import { JailHookFailed } from './errors.ts'
import type { JailBase } from './jail-base.ts'

export type HookName = Extract<PropertyName, `exec_${'pre' | 'post' | ''}${'start' | 'stop'}` | 'exec_created'>

type HookEvent = Extract<EventType, `JailHook${string}`>

const hooks: Readonly<Record<HookName, { event: HookEvent; on: 'host' | 'jail' }>> = {
  exec_prestart: { event: 'JailHookPrestart', on: 'host' },
  exec_created: { event: 'JailHookCreated', on: 'host' },
  exec_start: { event: 'JailHookStart', on: 'jail' },
  exec_poststart: { event: 'JailHookPoststart', on: 'host' },
  exec_prestop: { event: 'JailHookPrestop', on: 'host' },
  exec_stop: { event: 'JailHookStop', on: 'jail' },
  exec_poststop: { event: 'JailHookPoststop', on: 'host' },
}

/** Characters of each stream that the event and the console's log have: a hook may say more than fits into memory. */
const KEPT = 1 << 20

export interface HookOptions {
  /** Over the hook's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** A reason of the caller to skip it. */
  readonly unless?: string | false
  /** Pass over a failure: the event is then skipped, with what went wrong. */
  readonly force?: boolean
  /** What a dead process, whose work is completed, has made of it. */
  readonly recorded?: HookRecord
}

/** The step that runs a hook: skipped when none is configured, failed when it exits with another status than 0. */
export function hook(
  s: HostScope,
  jail: JailBase,
  name: HookName,
  { env, unless, force, recorded }: HookOptions = {},
): Step<unknown> {
  const { event, on } = hooks[name]
  const line = jail.config.get(name)
  const missing = line === null ? 'not configured' : on === 'jail' && missingDefault(jail, name, line)
  const before = recorded?.(event, jail.fullName)
  const ended = before === 'ended' && 'it ran before its process died'
  return s.step(
    event,
    async (t) => {
      const command = line as string
      if (before === 'begun') {
        await t.log('warn', `${name} of jail ${jail.fullName} may run for the second time: its process died in it`)
      }
      const seconds = jail.config.get(name === 'exec_stop' ? 'stop_timeout' : 'exec_timeout')
      const asked = jail.config.get('exec_jail_user')
      const user = asked === null || asked === 'root' ? undefined : asked
      const run: Command = {
        argv: on === 'jail' ? commandOf(command) : ['/bin/sh', '-c', command],
        env: { ...hookEnvironment(jail), ...env },
        timeout: seconds === 0 ? undefined : seconds * 1000,
        keep: KEPT,
      }
      const result = await logged(t, jail, name, command, () =>
        on === 'jail' ? t.host.execInJail({ ...run, name: jail.identifier, user }) : t.host.execOnHost(run),
      )
      t.set({ ...result })
      if (result.code === 0) return
      const failure = failed(jail, name, command, result)
      if (!force) throw failure
      t.skip(`ERROR: ${failure.message}`)
    },
    { identifier: jail.fullName, unless: unless || missing || ended },
  )
}

function failed(jail: JailBase, hookName: HookName, command: string, result: CommandResult): JailHookFailed {
  const { code, signal, timedOut, stderr } = result
  return new JailHookFailed({
    jail: jail.fullName,
    hook: hookName,
    command,
    code,
    signal,
    timedOut,
    stderr: stderr ?? undefined,
  })
}

/** The defaults name FreeBSD's rc scripts: where the release has none, there is nothing to run. */
function missingDefault(jail: JailBase, name: HookName, line: string): string | false {
  if (jail.config.isConfigured(name)) return false
  const script = line.split(' ').at(-1) as string
  return jail.host.files.exists(jail.rootPath + script) ? false : `the release has no ${script}`
}
