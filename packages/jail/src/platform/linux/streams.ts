import type { Readable, Writable } from 'node:stream'
import { isatty } from 'node:tty'
import type { EffectContext } from '@gaoler/core'
import type { Command } from '../platform.ts'
import { ProcessOutput } from '../process-output.ts'

/**
 * Where a command in a jail reads and writes.
 *
 * The host's terminal never gets into the jail, where TIOCSTI could type commands into the host's shell (ioctl_tty(2)).
 * A caller at a terminal is given a new one, made inside the jail, that crun relays; where only some streams are a
 * terminal, those go through pipes.
 */
export interface StreamPlan {
  readonly terminal: boolean
  readonly stdin: 'ignore' | 'inherit' | 'pipe'
  readonly stdout: 'inherit' | 'pipe'
  readonly stderr: 'inherit' | 'pipe'
}

export function planStreams(stdio: Command['stdio'], isTerminal: (fd: number) => boolean = isatty): StreamPlan {
  if (stdio !== 'inherit') return { terminal: false, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' }
  if (isTerminal(0) && isTerminal(1)) return { terminal: true, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' }
  const stream = (fd: number): 'inherit' | 'pipe' => (isTerminal(fd) ? 'pipe' : 'inherit')
  return { terminal: false, stdin: stream(0), stdout: stream(1), stderr: stream(2) }
}

export interface ConnectedStreams {
  /** Those of the command's streams that come through this process. */
  readonly outputs: readonly ProcessOutput[]
  disconnect(): void
}

/** Connects the pipes of a started command: to the context, or with `inherit` to this process's own terminal. */
export function connectStreams(
  child: { stdin: Writable | null; stdout: Readable | null; stderr: Readable | null },
  stdio: Command['stdio'],
  context: EffectContext,
): ConnectedStreams {
  const receiver = stdio === 'inherit' ? { ...context, output: writeToOwn } : context
  const outputs = (['stdout', 'stderr'] as const).flatMap((name) => {
    const stream = child[name]
    return stream ? [new ProcessOutput(stream, name, receiver)] : []
  })
  const { stdin } = child
  if (stdin === null) return { outputs, disconnect: () => {} }
  stdin.on('error', () => {})
  process.stdin.pipe(stdin)
  return {
    outputs,
    disconnect: () => {
      process.stdin.unpipe(stdin).pause()
    },
  }
}

function writeToOwn(text: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
  return new Promise((resolve, reject) => {
    process[stream].write(text, (error) => (error ? reject(error) : resolve()))
  })
}
