import { type Operation, type OperationOptions, UsageError } from '@gaoler/core'
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

/** Runs a program in a running jail. Output arrives as events; the result has it whole. Throws UsageError for a command line. */
export function exec(jail: JailBase, argv: readonly string[], options: ExecOptions = {}): Operation<CommandResult> {
  return jail.host.operation(
    'JailCommand',
    async (s) => {
      requireArguments(argv)
      requireTimeout(options)
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

/** A line for a shell would else be a program's name, or its first letter be. */
function requireArguments(argv: readonly string[]): void {
  if (Array.isArray(argv) && argv[0] && argv.every((word) => typeof word === 'string' && !word.includes('\0'))) return
  throw new UsageError(
    "exec takes a program and its arguments as a list of texts without NUL; for a line write ['/bin/sh', '-c', line]",
    { argv },
  )
}

function requireTimeout({ timeout }: ExecOptions): void {
  if (timeout === undefined || timeout > 0) return
  throw new UsageError(`exec was given a timeout of ${timeout}: say more than 0 ms, or leave it out for none`)
}
