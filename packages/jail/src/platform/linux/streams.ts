import { closeSync, constants, fchownSync, openSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import type { Command } from '../platform.ts'
import { type OutputReceiver, ProcessOutput } from '../process-output.ts'
import { makeFifo } from './syscalls.ts'

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

/**
 * The streams of one command, to be made before it is started.
 *
 * What comes through this process comes through pipes, and not through the sockets that Node calls pipes: a program
 * that opens /dev/stdout must be able to. So they belong to the command's user.
 */
export class CommandStreams {
  readonly plan: StreamPlan
  /** For execa: a descriptor where it does not say otherwise. */
  readonly stdio: { stdin: StreamPlan['stdin']; stdout: 'inherit'; stderr: 'inherit' }
  readonly #pipes: Partial<Record<OutputName, Pipe>> = {}
  #outputs: ProcessOutput[] = []
  #stdin: Writable | null = null

  /** `folder`: where the pipes are made; `owner`: the host's id of the command's user. */
  constructor(plan: StreamPlan, folder: string, owner: number) {
    this.plan = plan
    const open = (name: OutputName): 'inherit' => {
      if (plan[name] === 'inherit') return 'inherit'
      const pipe = openPipe(join(folder, name), owner)
      this.#pipes[name] = pipe
      // execa hands on any descriptor, but its types know those below 10 only.
      return pipe.writer as unknown as 'inherit'
    }
    this.stdio = { stdin: plan.stdin, stdout: open('stdout'), stderr: open('stderr') }
  }

  /** After the command was started: what it writes goes to `context`, or with `inherit` to this process's own streams. */
  connect(
    stdin: Writable | null,
    { stdio, keep }: Pick<Command, 'stdio' | 'keep'>,
    context: OutputReceiver,
  ): readonly ProcessOutput[] {
    const receiver = stdio === 'inherit' ? { output: writeToOwn } : context
    this.#outputs = Object.entries(this.#pipes).map(([name, pipe]) => {
      closeSync(pipe.writer)
      return new ProcessOutput(new Socket({ fd: pipe.reader, writable: false }), name as OutputName, receiver, keep)
    })
    if (stdin) {
      stdin.on('error', () => {})
      process.stdin.pipe(stdin)
      this.#stdin = stdin
    }
    return this.#outputs
  }

  disconnect(): void {
    if (this.#stdin) process.stdin.unpipe(this.#stdin).pause()
  }
}

type OutputName = 'stdout' | 'stderr'

interface Pipe {
  readonly reader: number
  readonly writer: number
}

function openPipe(path: string, owner: number): Pipe {
  makeFifo(path)
  // The reader first and without waiting: a named pipe opens only where there are both ends.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY)
  fchownSync(writer, owner, owner)
  unlinkSync(path)
  return { reader, writer }
}

function writeToOwn(text: string, stream: OutputName = 'stdout'): Promise<void> {
  return new Promise((resolve, reject) => {
    process[stream].write(text, (error) => (error ? reject(error) : resolve()))
  })
}
