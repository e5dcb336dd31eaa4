import { closeSync, constants, fstatSync, ftruncateSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Completion, Inverse } from '@gaoler/core'
import { tryLockFile } from '../host/lock.ts'
import { JournalDamaged } from './errors.ts'
import { FORMAT, JOURNAL } from './journal.ts'

/** What an operation was about to do, and has not undone. */
export interface Pending {
  readonly mark: string
  readonly effect: string
  readonly inverse: Inverse | null
  readonly completion: Completion | null
  readonly event: string
  readonly identifier: string | null
  /** It is known to have run to its end; only of what has no inverse. */
  readonly done: boolean
}

export interface JournalContent {
  readonly path: string
  /** The kind of the operation's event, and what it is about. */
  readonly type: string
  readonly identifier: string | null
  readonly pid: number
  /** Milliseconds since 1970. */
  readonly started: number
  /** In the order in which they were begun. */
  readonly pending: readonly Pending[]
  /** Datasets whose locks it held. */
  readonly locks: readonly string[]
}

/** More than any operation writes. */
const LIMIT = 64 * 1024 * 1024

/** Journals, alive or dead, the newest first; none where there never was one. */
export function listJournals(directory: string, suffix: string = JOURNAL): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(suffix))
    return names
      .sort()
      .reverse()
      .map((name) => join(directory, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Whether a journal's process has died. False when the journal is gone. */
export function isDead(path: string): boolean {
  const fd = openJournal(path)
  if (fd === null) return false
  try {
    // Shared: two processes that ask at once must not take each other for the owner.
    return tryLockFile(fd, 'shared') && isAt(fd, path)
  } finally {
    closeSync(fd)
  }
}

/** Opens a journal; null when there is none. Throws JournalDamaged for what may be somebody else's. */
export function openJournal(path: string): number | null {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new JournalDamaged({ path, line: 0, reason: `it cannot be opened (${code})` }, { cause: error })
  }
  const { mode, uid, size } = fstatSync(fd)
  const mine = (mode & constants.S_IFMT) === constants.S_IFREG && uid === process.geteuid?.() && (mode & 0o077) === 0
  if (mine && size <= LIMIT) return fd
  closeSync(fd)
  const reason = mine ? `it has ${size} bytes` : 'it is no plain file that only this user can read and write'
  throw new JournalDamaged({ path, line: 0, reason })
}

/** Whether a path still leads to an open file. */
export function isAt(fd: number, path: string): boolean {
  const open = fstatSync(fd, { bigint: true })
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found?.ino === open.ino && found.dev === open.dev
}

/** Reads up to where a crash has cut it. Throws JournalDamaged; `knows` says whether there is an effect of that name. */
export function readJournal(fd: number, path: string, knows: (effect: string) => boolean): JournalContent {
  // What is behind the last line break was cut off, and its effect did not run.
  const lines = readAll(fd).split('\n').slice(0, -1)
  const damaged = (line: number, reason: string): JournalDamaged => new JournalDamaged({ path, line, reason })
  const records = lines.map((text, index) => {
    const record = parse(text)
    if (record === null) throw damaged(index + 1, 'it is no JSON object')
    return record
  })
  const [head, ...rest] = records
  const pending = new Map<string, Pending>()
  const locks = new Set<string>()
  const content = { path, pending: [] as Pending[], locks: [] as string[] }
  if (!head) return { ...content, type: 'IocEvent', identifier: null, pid: 0, started: 0 }
  if (head.gaoler !== FORMAT) throw damaged(1, 'it is no journal of this version')
  for (const [index, record] of rest.entries()) {
    const { undone, done } = record
    const ended = typeof done === 'string' && pending.get(done)
    if (typeof undone === 'string') pending.delete(undone)
    else if (ended) pending.set(ended.mark, { ...ended, done: true })
    else if (typeof done !== 'string') {
      const reason = faultOf(record, knows)
      if (reason !== null) throw damaged(index + 2, reason)
      const intent = record as unknown as Pending & { locks: string[] }
      pending.set(intent.mark, { ...intent, done: false })
      for (const dataset of intent.locks) locks.add(dataset)
    }
  }
  return {
    path,
    type: typeof head.type === 'string' ? head.type : 'IocEvent',
    identifier: typeof head.identifier === 'string' ? head.identifier : null,
    pid: Number(head.pid) || 0,
    started: Number(head.started) || 0,
    pending: [...pending.values()],
    locks: [...locks],
  }
}

/** What is wrong with an intent; null when nothing is. */
function faultOf(record: Record<string, unknown>, knows: (effect: string) => boolean): string | null {
  const { mark, effect, inverse, completion, locks } = record
  if (typeof mark !== 'string' || typeof effect !== 'string' || !knows(effect)) return 'it names no effect of this host'
  if (inverse !== null) {
    if (!Array.isArray(inverse) || inverse.length !== 2 || !isObject(inverse[1])) return 'its inverse is none'
    if (typeof inverse[0] !== 'string' || !knows(inverse[0])) return 'its inverse is no effect of this host'
  }
  if (
    completion !== null &&
    !(isObject(completion) && typeof completion.verb === 'string' && isObject(completion.args))
  ) {
    return 'its completion is none'
  }
  if (!Array.isArray(locks) || !locks.every((dataset) => typeof dataset === 'string')) return 'its locks are none'
  return null
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const data: unknown = JSON.parse(text)
    return isObject(data) ? data : null
  } catch {
    return null
  }
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}

/** Takes a line away that a crash has cut, so that another one can follow. */
export function trimJournal(fd: number): void {
  const text = readAll(fd)
  const whole = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1))
  if (whole < fstatSync(fd).size) ftruncateSync(fd, whole)
}

function readAll(fd: number): string {
  const buffer = Buffer.alloc(fstatSync(fd).size)
  let length = 0
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(fd, buffer, length, buffer.length - length, length)
  }
  return buffer.toString('utf8', 0, length)
}
