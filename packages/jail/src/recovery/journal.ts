import { randomUUID } from 'node:crypto'
import { closeSync, constants, fdatasync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Completion, Intent, Journal } from '@gaoler/core'
import { HostLock, tryLockFile } from '../host/lock.ts'

const toDisk = promisify(fdatasync)

/** The version of the form of journals. */
export const FORMAT = 1

/** How the name of a journal ends. */
export const JOURNAL = '.journal'

/** How the name of a journal ends that was not finished when its process died: nothing was done. */
export const UNFINISHED = '.unfinished'

/**
 * The journal of one operation: a file of JSON lines, which its process keeps locked as long as it lives.
 * It comes to be with the first intent and goes when the operation has ended: most of the time there is none.
 */
export class FileJournal implements Journal {
  readonly #directory: string
  readonly #about: object
  /** Datasets whose locks the operation has taken and that are not written yet. */
  #locks: string[] = []
  protected file: { readonly fd: number; readonly path: string } | undefined

  /** `about`: what operators are told of the operation. */
  constructor(directory: string, about: { readonly type: string; readonly identifier: string | null }) {
    this.#directory = directory
    this.#about = about
  }

  using(resource: object): void {
    if (resource instanceof HostLock) this.#locks.push(resource.dataset)
  }

  async intend({ volatile, ...intent }: Intent): Promise<void> {
    this.file ??= this.#open()
    this.#write({ ...intent, locks: this.#locks })
    this.#locks = []
    if (!volatile) await toDisk(this.file.fd)
  }

  /** Not flushed: after a power cut it may have been done, and is done again. */
  done(mark: string): void {
    this.#write({ done: mark })
  }

  undone(mark: string): void {
    this.#write({ undone: mark })
  }

  end(): void {
    const { file } = this
    this.file = undefined
    if (!file) return
    // Removed under its lock: nobody takes it for that of a dead process.
    rmSync(file.path, { force: true })
    closeSync(file.fd)
  }

  #open(): { fd: number; path: string } {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const name = `${Date.now().toString(36).padStart(9, '0')}-${randomUUID()}`
    const path = join(this.#directory, name + JOURNAL)
    const unfinished = join(this.#directory, name + UNFINISHED)
    const fd = openSync(unfinished, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600)
    try {
      tryLockFile(fd, 'exclusive')
      writeLine(fd, { gaoler: FORMAT, pid: process.pid, started: Date.now(), ...this.#about })
      renameSync(unfinished, path)
      flushDirectory(this.#directory)
    } catch (error) {
      closeSync(fd)
      rmSync(unfinished, { force: true })
      throw error
    }
    return { fd, path }
  }

  #write(line: object): void {
    if (this.file) writeLine(this.file.fd, line)
  }
}

/** What who recovers writes to the end of the journal that it works through, so that it may die too. */
export class ContinuedJournal extends FileJournal {
  /** How the operation is completed, as soon as that has begun. */
  completion: Completion | null = null

  constructor(directory: string) {
    super(directory, { type: 'HostRecover', identifier: null })
  }

  /** Goes on in the journal of a dead process, which the caller has claimed, until that is disposed of. */
  continue(fd: number, path: string): Disposable {
    this.file = { fd, path }
    return {
      [Symbol.dispose]: () => {
        this.file = undefined
        this.completion = null
      },
    }
  }

  /** The journals are removed one by one. */
  override end(): void {}
}

/** One write for one line: of a line that a crash has cut, the end is missing. */
export function writeLine(fd: number, line: object): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
}

function flushDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
