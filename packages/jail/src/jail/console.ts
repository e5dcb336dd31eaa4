import type { Operation, OperationOptions } from '@gaoler/core'
import type { CommandResult } from '../platform/platform.ts'
import type { JailBase } from './jail-base.ts'

/**
 * Logs in to a running jail at the caller's terminal, by login(1) with the flags of `login_flags`. Where the platform
 * isolates, the login has a terminal of its own, so that nothing in the jail can type into the caller's.
 */
export function execConsole(jail: JailBase, options: OperationOptions = {}): Operation<CommandResult> {
  return jail.host.operation(
    'JailCommand',
    async (s) => {
      jail.requireJailExisting()
      jail.requireJailRunning()
      const argv = ['/usr/bin/login', ...jail.config.get('login_flags')]
      s.set({ argv })
      const { TERM = 'dumb' } = process.env
      const result = await s.host.execInJail({ name: jail.identifier, argv, env: { TERM }, stdio: 'inherit' })
      s.set({ ...result })
      return result
    },
    { ...options, identifier: jail.fullName },
  )
}
