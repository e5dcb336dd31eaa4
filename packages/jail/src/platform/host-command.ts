import { setTimeout as sleep } from 'node:timers/promises'
import type { EffectContext } from '@gaoler/core'
import { CommandNotEnded, HostCommandNotFound } from '../errors.ts'
import type { Command, CommandResult } from './platform.ts'
import { Killer, throwIfCancelled } from './process.ts'
import { processes, withRelatives } from './process-list.ts'
import { collectOutput, startCommand } from './started-command.ts'

export interface HostCommandOptions {
  /** Working directory, `/` by default. */
  readonly cwd?: string
  /** The error for a program that is not there; HostCommandNotFound by default. */
  readonly notFound?: (command: string, cause: unknown) => Error
}

/** In the environment of a command and of what it starts: the mark of the effect that has run it. */
export const COMMAND = 'GAOLER_COMMAND'

/** Milliseconds for killed processes to go: only one that hangs in the kernel takes so long. */
const LIMIT = 10_000

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What every command of the host gets: of this process's own environment only where to look, and never a secret. */
export function minimalEnvironment(): Record<string, string> {
  const { PATH = defaultPath, HOME = '/root', TERM } = process.env
  return { PATH, HOME, ...(TERM === undefined ? {} : { TERM }) }
}

/**
 * Runs a command of the host to its end: never through a shell, unless the shell is what argv names.
 *
 * With pipes it leads a session and process group of its own, which the timeout and a cancellation kill (SIGKILL);
 * a process that leaves the group escapes that. With `stdio: 'inherit'` it shares the caller's terminal and group, and
 * is killed alone. Throws HostCommandNotFound, and OperationCancelled once what was killed is gone.
 */
export async function runHostCommand(
  command: Command,
  context: EffectContext,
  options: HostCommandOptions = {},
): Promise<CommandResult> {
  const [program = '', ...args] = command.argv
  throwIfCancelled(context.signal, program)
  const env = { ...minimalEnvironment(), ...command.env, [COMMAND]: context.mark }
  const started = startCommand(
    program,
    args,
    { cwd: options.cwd ?? '/', env, stdio: command.stdio, keep: command.keep },
    context,
  )
  const { process: child, outputs } = started
  const killer = new Killer(command.timeout, context.signal, () => kill(child.pid, command.stdio !== 'inherit'))
  // Who cannot deliver output has failed: the command must not run on for nobody.
  for (const output of outputs) output.collected.catch(killer.fire)
  try {
    const { code, signal } = await started.end
    throwIfCancelled(context.signal, program)
    const said = await collectOutput(outputs)
    return { ...said, code, signal, ...(killer.timedOut ? { timedOut: true } : {}) }
  } catch (error) {
    if (child.pid !== undefined) throw error
    throw options.notFound?.(program, error) ?? new HostCommandNotFound({ command: program }, { cause: error })
  } finally {
    killer.stop()
  }
}

/**
 * Kills what a dead process has left running of a command, also what has left its group; returns how many processes.
 * Only what has cleared its environment and left group and parent is not found. Throws CommandNotEnded.
 */
export async function endHostCommand(mark: string): Promise<number> {
  const ended = new Set<number>()
  const started = performance.now()
  for (let pause = 5; ; pause = Math.min(2 * pause, 100)) {
    const all = await processes.list(`${COMMAND}=${mark}`)
    const left = [...withRelatives(all, (one) => one.marked || ended.has(one.group))]
    // Who recovers may itself have been started by the command.
    const pids = left.flatMap(({ pid }) => (pid === process.pid ? [] : pid))
    if (pids.length === 0) return ended.size
    if (performance.now() - started > LIMIT) throw new CommandNotEnded({ mark, pids })
    for (const pid of pids) {
      kill(pid, false)
      ended.add(pid)
    }
    await sleep(pause)
  }
}

function kill(pid: number | undefined, group: boolean): void {
  if (pid === undefined) return
  try {
    process.kill(group ? -pid : pid, 'SIGKILL')
  } catch {
    // It has ended in this moment.
  }
}
