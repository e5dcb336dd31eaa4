import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostOptions } from '@gaoler/jail'

/** What a child is to do, and where it dies. Effects that change something are counted from 1, inverses too. */
export interface Job {
  readonly options: HostOptions
  readonly release: string
  /** A name of the table of verbs, or `recover`. */
  readonly verb: string
  readonly jail: string
  /** The effect that it is killed at; never when there are not so many. */
  readonly kill: number
  /** When the effect has run, and not before. */
  readonly after: boolean
}

/** Starts children before they are needed: reading the sources takes longer than dying in them. */
export class Killer {
  readonly #compiled = mkdtempSync(join(tmpdir(), 'gaoler-compiled-'))
  #next: ChildProcess | undefined

  /** True when it was killed, false when it came to its end. */
  async run(job: Job): Promise<boolean> {
    const child = this.#next ?? this.#spawn()
    this.#next = this.#spawn()
    const closed = once(child, 'close')
    child.stdin?.end(JSON.stringify(job))
    const [code, signal] = await closed
    if (signal === 'SIGKILL') return true
    if (code !== 0) throw new Error(`the child that was to be killed in ${job.verb} ended with ${code}`)
    return false
  }

  close(): void {
    this.#next?.kill()
    rmSync(this.#compiled, { recursive: true, force: true })
  }

  #spawn(): ChildProcess {
    return spawn(process.execPath, [join(import.meta.dirname, 'killed-child.ts')], {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: this.#compiled },
    })
  }
}
