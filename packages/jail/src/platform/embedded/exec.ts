import type { EffectContext } from '@gaoler/core'
import { JailCommandNotStarted, JailNotRunning, JailParameterRefused } from '../../errors.ts'
import { COMMAND } from '../host-command.ts'
import type { Command, CommandResult } from '../platform.ts'
import { Killer, throwIfCancelled } from '../process.ts'
import { collectOutput, startCommand } from '../started-command.ts'
import { hostCommand, hostSearchPath } from './argv.ts'
import { JailProcesses, killTree, MARK } from './jail-processes.ts'
import type { JailTable } from './jail-table.ts'
import { jailView } from './mounts.ts'

/**
 * Runs a command of a jail as an ordinary process of the host, in the jail's root directory. `argv.ts` says what
 * becomes of its words, and docs/platform-embedded.md what it can reach all the same.
 *
 * With pipes it leads a session and group of its own, which the timeout and a cancellation kill; with
 * `stdio: 'inherit'` it shares the caller's, and is killed with its descendants.
 */
export async function execInJail(
  table: JailTable,
  { name, argv, env = {}, user, timeout, stdio, keep }: Command & { name: string },
  context: EffectContext,
): Promise<CommandResult> {
  const jail = table.require(name)
  const [command = ''] = argv
  throwIfCancelled(context.signal, command)
  const unfit = [...argv, ...Object.entries(env).flat()].find((word) => word.includes('\0'))
  if (unfit !== undefined) throw new JailCommandNotStarted({ jail: name, command, reason: 'a word of it contains NUL' })
  if (user !== undefined) {
    const reason = 'on the embedded platform every command runs as the user who asks for it: unset exec_jail_user'
    throw new JailParameterRefused({ jail: name, parameter: `the user ${user}`, reason })
  }
  const view = jailView(table, jail)
  const { file, args } = hostCommand(view, name, argv)
  const started = startCommand(
    file,
    args,
    {
      argv0: command,
      cwd: jail.root,
      env: { ...env, PATH: hostSearchPath(view, env.PATH), [MARK]: jail.token, [COMMAND]: context.mark },
      stdio,
      keep,
    },
    context,
  )
  const { process: child, outputs } = started
  const { pid } = child
  let killed: Promise<void> | undefined
  const kill = (): void => {
    // Once it has ended, its pid may be a stranger's.
    const alive = child.exitCode === null && child.signalCode === null
    if (pid !== undefined && alive) killed ??= killTree(pid, { group: stdio !== 'inherit' })
  }
  const killer = new Killer(timeout, context.signal, kill)
  // Who cannot deliver output has failed: the command must not run on for nobody.
  for (const output of outputs) output.collected.catch(killer.fire)
  try {
    // Whoever removes the jail marks it first and then looks for its processes: one of the two sees the other.
    const removed = !table.isRunning(jail)
    if (removed) kill()
    const processes = new JailProcesses(table, jail)
    if (pid !== undefined) await processes.record(pid)
    const { code, signal } = await started.end
    killer.stop()
    await killed
    throwIfCancelled(context.signal, command)
    if (removed) throw new JailNotRunning({ jail: name })
    if (pid !== undefined) await processes.replaceLeader(pid)
    const said = await collectOutput(outputs)
    return { ...said, code, signal, ...(killer.timedOut ? { timedOut: true } : {}) }
  } catch (error) {
    if (pid !== undefined) {
      kill()
      await killed
      throw error
    }
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'the interpreter that it names is not on the host' : (code ?? message)
    throw new JailCommandNotStarted({ jail: name, command, reason }, { cause: error })
  } finally {
    killer.stop()
  }
}
