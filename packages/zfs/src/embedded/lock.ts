import { mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { ZFSInitializationFailed } from '../errors.ts'
import { EmbeddedFileError, EmbeddedLocked } from './errors.ts'
import { pause, type Steps } from './steps.ts'

type Sqlite = typeof import('node:sqlite')

/*
 * SQLite is used for its lock on a file alone. That lock belongs to the kernel (fcntl), so it is gone with its holder
 * however that dies, it holds between the threads of one process too, and it is Node's only way to one without native
 * code. No table is ever made.
 */
let loaded: Sqlite | undefined

function sqlite(): Sqlite {
  if (loaded) return loaded
  // Node 22 prints a warning when the module is loaded; whoever uses a lock should not have to see it.
  const emit = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes('SQLite')) Reflect.apply(emit, process, [warning, ...rest])
  }) as typeof process.emitWarning
  try {
    loaded = process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emit
  }
  if (!loaded) throw new ZFSInitializationFailed({ reason: 'the embedded ZFS needs a Node that was built with SQLite' })
  return loaded
}

function isLocked(thrown: unknown): boolean {
  // SQLITE_BUSY, and SQLITE_LOCKED for a connection of the same process.
  const { errcode } = thrown as { errcode?: number }
  return errcode !== undefined && [5, 6].includes(errcode & 0xff)
}

function isOfSqlite(thrown: unknown): thrown is Error {
  return (thrown as { code?: string }).code === 'ERR_SQLITE_ERROR'
}

/** A lock between threads and processes, on a file that stays empty. The kernel frees it when its holder ends. */
export class FileLock {
  readonly path: string
  #database: DatabaseSync | undefined
  #inode: bigint | undefined

  constructor(path: string) {
    this.path = path
  }

  /** Takes the lock if it is free. */
  tryAcquire(): boolean {
    try {
      this.#open().exec('BEGIN EXCLUSIVE')
    } catch (thrown) {
      if (isLocked(thrown)) return false
      if (!isOfSqlite(thrown)) throw thrown
      const reason = `it cannot be opened as a lock: ${thrown.message}`
      throw new EmbeddedFileError({ path: this.path, syscall: 'open', reason }, { cause: thrown })
    }
    return true
  }

  /** Takes the lock, waiting at most `limit` milliseconds. Throws EmbeddedLocked. */
  *acquire(limit: number): Steps<void> {
    const started = performance.now()
    for (let tries = 0; !this.tryAcquire(); tries++) {
      const waited = Math.round(performance.now() - started)
      if (waited > limit) throw new EmbeddedLocked({ path: this.path, waited })
      // Random, so that two that wait do not stay in step.
      yield* pause(Math.min(10, 0.3 + tries * 0.2) * (0.5 + Math.random()))
    }
  }

  release(): void {
    this.#database?.exec('ROLLBACK')
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
  }

  #open(): DatabaseSync {
    // Whoever removed and made the directory anew must not meet a lock on the file that was removed.
    if (this.#database && inodeOf(this.path) !== this.#inode) this.close()
    if (!this.#database) {
      mkdirSync(dirname(this.path), { recursive: true })
      const database = new (sqlite().DatabaseSync)(this.path, { timeout: 0 })
      // Nothing is written, so no journal is wanted beside the file.
      database.exec('PRAGMA journal_mode = MEMORY')
      this.#inode = inodeOf(this.path)
      this.#database = database
    }
    return this.#database
  }
}

/** Whether the holder of the lock at `path` is alive; a dead one's file is removed. */
export function isHeld(path: string): boolean {
  const lock = new FileLock(path)
  try {
    if (!lock.tryAcquire()) return true
    rmSync(path, { force: true })
    return false
  } finally {
    lock.close()
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}
