import type { Operation, OperationOptions } from '@gaoler/core'
import type { CommandResult } from '../platform/platform.ts'
import type { JailBase } from './jail-base.ts'

export interface ExecOptions extends OperationOptions {
  /** The environment of the program, besides PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** Give it the caller's own terminal; stdout and stderr of the result are then null. */
  readonly passthru?: boolean
  /** Milliseconds after which it is killed; default: none. */
  readonly timeout?: number
}

/** Runs a program in a running jail. Output arrives as events; the result has it whole. */
export function exec(jail: JailBase, argv: readonly string[], options: ExecOptions = {}): Operation<CommandResult> {
  return jail.host.operation(
    'JailCommand',
    async (s) => {
      jail.requireJailExisting()
      jail.requireJailRunning()
      const { env, timeout, passthru } = options
      const stdio = passthru ? 'inherit' : 'pipe'
      const result = await s.host.execInJail({ name: jail.identifier, argv, env, timeout, stdio })
      s.set({ ...result })
      return result
    },
    { ...options, identifier: jail.fullName, payload: { argv } },
  )
}
