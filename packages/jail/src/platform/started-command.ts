import type { ChildProcess } from 'node:child_process'
import type { EffectContext } from '@gaoler/core'
import { execa } from 'execa'
import type { Command, CommandResult } from './platform.ts'
import { type ProcessEnd, processEnd } from './process.ts'
import { ProcessOutput } from './process-output.ts'

export interface StartOptions extends Pick<Command, 'stdio' | 'keep'> {
  readonly cwd: string
  /** The whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>
  /** What the program is told that it is called. */
  readonly argv0?: string
}

/** A command of the host that runs: its end, and its output on the way to the consumer. */
export interface StartedCommand {
  readonly process: ChildProcess
  /** Rejects when it could not be started. */
  readonly end: Promise<ProcessEnd>
  readonly outputs: readonly ProcessOutput[]
}

/** Starts a program with pipes, in a session and group of its own; with `inherit`, in the caller's. */
export function startCommand(
  file: string,
  args: readonly string[],
  { stdio, keep, ...options }: StartOptions,
  context: EffectContext,
): StartedCommand {
  const piped = stdio !== 'inherit'
  const child = execa(file, args, {
    ...options,
    extendEnv: false,
    stdin: piped ? 'ignore' : 'inherit',
    stdout: piped ? 'pipe' : 'inherit',
    stderr: piped ? 'pipe' : 'inherit',
    detached: piped,
    buffer: false,
    reject: false,
  })
  const end = processEnd(child.nodeChildProcess)
  const outputs: ProcessOutput[] = []
  if (child.stdout) outputs.push(new ProcessOutput(child.stdout, 'stdout', context, keep))
  if (child.stderr) outputs.push(new ProcessOutput(child.stderr, 'stderr', context, keep))
  return { process: child.nodeChildProcess, end, outputs }
}

/** All that a command has said, once it has ended; null where it had the caller's own terminal. */
export async function collectOutput(
  outputs: readonly ProcessOutput[],
): Promise<Pick<CommandResult, 'stdout' | 'stderr' | 'leftOut'>> {
  for (const output of outputs) output.commandEnded()
  await Promise.all(outputs.map((output) => output.collected))
  const [stdout = null, stderr = null] = outputs.map((output) => output.text)
  return { stdout, stderr, ...leftOutOf(outputs) }
}

/** For the result of a command: what of its output was not kept. */
export function leftOutOf(outputs: readonly ProcessOutput[]): Pick<CommandResult, 'leftOut'> {
  const leftOut = outputs.reduce((sum, output) => sum + output.leftOut, 0)
  return leftOut > 0 ? { leftOut } : {}
}
