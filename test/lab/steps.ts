import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached, tail } from './cache.ts'

export interface RunOptions {
  readonly cwd?: string | undefined
  readonly env?: Record<string, string>
  /** What becomes of the command when this process is killed: `finish` is for what must not be cut short. */
  readonly orphaned?: 'TERM' | 'KILL' | 'finish'
}

/** A piece of the set-up: says what it does, keeps the output of its commands in one log. */
export class Step {
  readonly log: (line: string) => void
  readonly file: string

  constructor(name: string, log: (line: string) => void) {
    this.log = log
    const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
    this.file = join(cached('logs'), `${time}-${name}.log`)
  }

  async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<void> {
    const { cwd = '/', env, orphaned = 'TERM' } = options
    appendFileSync(this.file, `\n+ ${command} ${args.join(' ')}\n`)
    const guard = orphaned === 'finish' ? [] : ['setpriv', '--pdeathsig', orphaned]
    const [program = command, ...rest] = [...guard, command, ...args]
    const output = { file: this.file, append: true }
    try {
      await execa(program, rest, {
        cwd,
        env: { LC_ALL: 'C.UTF-8', ...env },
        cleanup: orphaned !== 'finish',
        stdin: 'ignore',
        stdout: output,
        stderr: output,
      })
    } catch (error) {
      throw new Error(`${command} ${args[0] ?? ''} failed; the end of ${this.file}:\n${tail(this.file)}`, {
        cause: error,
      })
    }
  }

  /** Runs `work` and says what it is and how long it took. */
  async timed<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.log(`${title} …`)
    const start = performance.now()
    const result = await work()
    this.log(`${title}: ${((performance.now() - start) / 1000).toFixed(0)} s`)
    return result
  }
}
