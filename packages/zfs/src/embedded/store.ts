import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { IocError } from '@gaoler/core'
import { isFileError } from './errors.ts'
import { announce, type BytePath, bytePath } from './files.ts'
import { FileLock, isHeld } from './lock.ts'
import { isNote, restoreMode } from './opened.ts'
import { removeTree } from './remove.ts'
import { Reserve } from './reserve.ts'
import { Draft, encode, readState, State } from './state.ts'
import { runSync, type Steps } from './steps.ts'
import { UndoLog } from './undo-log.ts'

/** How long a call waits for another one's critical section, in milliseconds; that lasts a few at most. */
const LOCK_LIMIT = 60_000
/** How often to look for what processes left behind that were killed, in milliseconds. */
const SWEEP_INTERVAL = 1_000

/** A change under way: the state as it will be, and the directories that move with it. */
export interface Transaction {
  readonly draft: Draft
  readonly log: UndoLog
  /** Throws files away; they are removed after the commit. */
  discard(path: string): void
}

/** An unsigned 64-bit number in decimal, never 0. */
export function newGuid(): string {
  return String(randomBytes(8).readBigUInt64LE() | 1n)
}

/**
 * The directory on disk. A transaction runs under the lock and without waiting for anything; its commit is the renaming
 * of one file. Directories that it moves are noted in an undo log first, which the next transaction plays back when it
 * finds one that was not committed.
 */
export class Store {
  readonly directory: string
  readonly #lock: FileLock
  readonly #reserve: Reserve
  #lease: { readonly id: string; readonly lock: FileLock } | undefined
  #staged = 0
  // At first perhaps by a process that was killed.
  #littered = true
  #cached: State = new State('', 0, [])
  #swept = Number.NEGATIVE_INFINITY

  constructor(directory: string) {
    this.directory = resolve(directory)
    this.#lock = new FileLock(this.path('lock'))
    this.#reserve = new Reserve(this.path('reserve'))
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts)
  }

  /** The files of a dataset that is not mounted. */
  data(guid: string): string {
    return this.path('data', guid)
  }

  /** What a mounted dataset hides. */
  covered(guid: string): string {
    return this.path('covered', guid)
  }

  /** The files of a snapshot. */
  snapshot(guid: string): string {
    return this.path('snapshots', guid)
  }

  /** The state after the last commit. Takes the lock only when a transaction is running or was killed. */
  *read(): Steps<State> {
    if (existsSync(this.path('undo'))) return yield* this.transact(({ draft }) => draft)
    return this.#load()
  }

  /** Runs `body` under the lock; what it changed is committed when it returns, and undone when it throws. */
  *transact<T>(body: (transaction: Transaction) => T): Steps<T> {
    const result = yield* this.#locked(body)
    if (this.#littered) yield* this.#emptyTrash()
    this.#reserve.keep()
    return result
  }

  *#locked<T>(body: (transaction: Transaction) => T): Steps<T> {
    yield* this.#lock.acquire(LOCK_LIMIT)
    try {
      this.#recover()
      try {
        return this.#attempt(body)
      } catch (error) {
        // On a full disk something must still be possible that makes it less full.
        if (!isFileError(error, 'ENOSPC', 'EDQUOT') || !this.#reserve.use()) throw error
        return this.#attempt(body)
      }
    } finally {
      this.#lock.release()
    }
  }

  #attempt<T>(body: (transaction: Transaction) => T): T {
    const before = this.#load()
    const draft = new Draft(before.txg === 0 ? this.#begin() : before)
    const log = new UndoLog(this.path('undo'), draft.txg)
    const discard = (path: string) => {
      log.move(path, this.path('trash', newGuid()))
      this.#littered = true
    }
    try {
      const result = body({ draft, log, discard })
      if (draft.changed) this.#commit(draft)
      log.close()
      return result
    } catch (thrown) {
      undoFor(thrown, log)
      throw thrown
    }
  }

  /** A path for a copy that is being made. It is taken for garbage once this process is dead. */
  *stage(): Steps<BytePath> {
    if (!this.#lease || !existsSync(this.#lease.lock.path)) {
      // Under the lock, so that nobody finds the file before it is held.
      yield* this.#lock.acquire(LOCK_LIMIT)
      try {
        const id = newGuid()
        const lock = new FileLock(this.path('leases', id))
        lock.tryAcquire()
        this.#lease = { id, lock }
      } finally {
        this.#lock.release()
      }
    }
    return bytePath(this.path('staging', `${this.#lease.id}.${++this.#staged}`))
  }

  /** Removes what was put into the trash; several processes may do it at once. */
  *#emptyTrash(): Steps<void> {
    this.#littered = false
    for (const name of list(this.path('trash'))) {
      try {
        yield* removeTree(bytePath(this.path('trash', name)))
      } catch (error) {
        // The dataset is gone all the same; the next transaction that throws something away tries again.
        if (!isFileError(error)) throw error
      }
    }
  }

  /** Makes the directory's folders. They may be passed through and not listed: datasets have their own modes. */
  #begin(): State {
    for (const folder of ['data', 'snapshots', 'covered', 'trash', 'staging', 'leases', 'mnt']) {
      mkdirSync(this.path(folder), { recursive: true, mode: folder === 'mnt' ? 0o755 : 0o711 })
    }
    return new State(newGuid(), 0, [])
  }

  #load(): State {
    this.#cached = readState(this.path('state'), this.#cached)
    return this.#cached
  }

  #commit(draft: Draft): void {
    const next = new State(draft.id, draft.txg, draft.entries())
    const text = encode(next)
    writeFileSync(this.path('state.new'), text, { mode: 0o600 })
    announce('commit', [draft.txg])
    renameSync(this.path('state.new'), this.path('state'))
    announce('committed', [draft.txg])
    this.#cached = next
    this.#reserve.want(text.length)
  }

  #recover(): void {
    const undo = this.path('undo')
    if (existsSync(undo)) UndoLog.recover(undo, this.#load().txg)
    const now = performance.now()
    if (now - this.#swept < SWEEP_INTERVAL) return
    this.#swept = now
    this.#sweep()
  }

  /** Puts into the trash what processes were copying that are dead. */
  #sweep(): void {
    const dead = list(this.path('leases')).filter((id) => id !== this.#lease?.id && !isHeld(this.path('leases', id)))
    const alive = new Set(list(this.path('leases')))
    const isDead = ([owner = '']: string[]) => dead.includes(owner) || !alive.has(owner)
    const left = list(this.path('staging')).filter((name) => isDead(name.split('.')))
    // What was opened first encloses what was opened later.
    for (const note of left.filter(isNote).sort(byNumber).reverse()) {
      runSync(restoreMode(bytePath(this.path('staging', note))))
    }
    for (const name of left.filter((name) => !isNote(name))) {
      renameSync(this.path('staging', name), this.path('trash', newGuid()))
      this.#littered = true
    }
  }
}

/** An undo that fails is tried again by the next transaction; the first error is the one to tell. */
function undoFor(thrown: unknown, log: UndoLog): void {
  try {
    log.undo()
  } catch (error) {
    if (thrown instanceof IocError) thrown.suppressed.push(error as Error)
  }
}

const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
