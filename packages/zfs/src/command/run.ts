import { OperationCancelled } from '@gaoler/core'
import { execa, execaSync } from 'execa'
import { ZFSInitializationFailed } from '../errors.ts'
import { inProcess, inProcessSync } from '../libzfs/process.ts'

/** What a command left behind. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | undefined
}

/**
 * Commands to run, one after the other, each as the arguments of `zfs` or `zpool`: what each face runs in its own way.
 * A body is written once and yields; both faces give it the results.
 */
export type Program<R> = Generator<readonly string[], R, CommandResult>

/** The two that are run. */
type Command = 'zfs' | 'zpool'

/** The longest output taken, in characters: below the longest string that V8 holds. */
const MOST = 500_000_000

/** What a command finds in its environment, beside what this process has. */
export function environment(): Record<string, string> {
  return {
    // English, yet with UTF-8: in the locale C, `zfs -j` cuts its output off at the first byte that is not ASCII.
    LC_ALL: 'C.UTF-8',
    // Where the command is on systems that leave it out of a user's PATH.
    PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`,
  }
}

const settings = () =>
  ({
    stdin: 'ignore',
    reject: false,
    stripFinalNewline: false,
    maxBuffer: MOST,
    env: environment(),
  }) as const

/** Runs a program's commands one after the other. Throws OperationCancelled when `signal` fires. */
export async function run<R>(program: Program<R>, signal?: AbortSignal, command: Command = 'zfs'): Promise<R> {
  let step = program.next()
  while (!step.done) {
    const args = step.value
    if (signal?.aborted) throw cancelled(command, args, signal)
    const result = (command === 'zfs' && (await inProcess(args))) || (await spawned(command, args, signal))
    if (signal?.aborted) throw cancelled(command, args, signal)
    step = program.next(result)
  }
  return step.value
}

async function spawned(command: Command, args: readonly string[], signal?: AbortSignal): Promise<CommandResult> {
  return outcome(command, await execa(command, args, { ...settings(), ...(signal && { cancelSignal: signal }) }))
}

/**
 * The lines that `zfs` prints, several at once, as they come; then its result. It is ended when the consumer leaves.
 * Throws OperationCancelled when `signal` fires.
 */
export async function* runLines(
  args: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<string[], CommandResult, void> {
  if (signal?.aborted) throw cancelled('zfs', args, signal)
  const buffer = { stdout: false, stderr: true } as const
  const child = execa('zfs', args, { ...settings(), buffer, ...(signal && { cancelSignal: signal }) })
  let rest = ''
  let ended = false
  try {
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      if (lines.length > 0) yield lines
    }
    ended = true
  } catch (error) {
    if (signal?.aborted) throw cancelled('zfs', args, signal)
    throw error
  } finally {
    if (!ended) child.kill()
    await child
  }
  if (signal?.aborted) throw cancelled('zfs', args, signal)
  if (rest !== '') yield [rest]
  return outcome('zfs', { ...(await child), stdout: '' })
}

/** Runs a program's commands, blocking. */
export function runSync<R>(program: Program<R>, command: Command = 'zfs'): R {
  let step = program.next()
  while (!step.done) {
    const args = step.value
    const done = command === 'zfs' && inProcessSync(args)
    step = program.next(done || outcome(command, execaSync(command, args, settings())))
  }
  return step.value
}

interface Raw {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode?: number
  readonly code?: string
  readonly signal?: string
  readonly isMaxBuffer?: boolean
  readonly cause?: unknown
}

function outcome(command: Command, raw: Raw): CommandResult {
  if (raw.code === 'ENOENT') {
    throw new ZFSInitializationFailed({ reason: `there is no command \`${command}\`` }, { cause: raw })
  }
  const { stdout, stderr, exitCode } = raw
  if (raw.isMaxBuffer) return { stdout, stderr: `more than ${MOST} characters of output`, exitCode }
  // Its arguments were too long, there are too many processes, or somebody ended it: it has said nothing of that itself.
  const silent = stderr === '' && exitCode === undefined
  return { stdout, stderr: silent ? `${command} did not run to its end (${raw.signal ?? raw.code})` : stderr, exitCode }
}

function cancelled(command: Command, args: readonly string[], signal: AbortSignal): OperationCancelled {
  const reason = signal.reason instanceof Error ? signal.reason.message : String(signal.reason)
  return new OperationCancelled({ operation: `${command} ${args[0]}`, reason }, { cause: signal.reason })
}
