import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../errno.ts'
import { JailLaunchFailed } from '../../errors.ts'
import { isLocked } from '../../host/lock.ts'
import { takeLock } from './host.ts'
import { type IdRange, idCount, lowestFree, parseSubordinateIds } from './ids.ts'
import { decodeName, filesOf, type JailFiles, type Layout } from './layout.ts'
import type { Grants } from './parameters.ts'
import { hasEnded, readStat } from './proc.ts'

/** A process, for ever: the start time (ticks after boot) shows that its pid was not given anew. */
export interface Init {
  readonly pid: number
  readonly startTime: number
}

/** What is kept of a jail for later processes, in its bundle. */
export interface JailRecord {
  readonly name: string
  /** Absolute path of the root on the host. */
  readonly path: string
  readonly ids: IdRange
  readonly grants: Grants
  /** The jail's process 1; set last, when the jail is whole. What has none is a leftover, or still being made. */
  readonly init?: Init
}

/** Null when there is none, or when its creation has not come so far. */
function readRecord(files: JailFiles): JailRecord | null {
  return readJson<JailRecord>(files.record)
}

/**
 * Takes the lowest ids that no other jail and no user of the host has, and records them in the jail's bundle. One directory
 * names those of all jails: so the fiftieth costs what the first does. One process at a time: two at once get different ids.
 */
export async function claimIds(
  layout: Layout,
  files: JailFiles,
  wanted: Omit<JailRecord, 'ids'>,
  signal: AbortSignal,
): Promise<JailRecord> {
  const lock = await takeLock(join(layout.locks, '.ids'), 'choose ids', signal)
  try {
    const taken = readdirSync(layout.ids).map((first) => ({ first: Number(first), count: idCount }))
    const ids = lowestFree([...taken, ...idsOfUsers()])
    if (ids === null) throw new JailLaunchFailed({ jail: wanted.name, reason: 'no 65536 ids of the host are free' })
    symlinkSync(files.id, join(layout.ids, String(ids.first)))
    const record = { ...wanted, ids }
    commit(files, record)
    return record
  } finally {
    lock[Symbol.dispose]()
  }
}

/** Gives back what the jail has claimed, also where its creator died before it could record that. */
export function releaseIds(layout: Layout, files: JailFiles): void {
  const record = readRecord(files)
  for (const first of record ? [String(record.ids.first)] : readNames(layout.ids)) {
    const link = join(layout.ids, first)
    if (readLink(link) === files.id) unlinkSync(link)
  }
}

function idsOfUsers(): IdRange[] {
  return ['/etc/subuid', '/etc/subgid'].flatMap((path) => parseSubordinateIds(readIfThere(path) ?? ''))
}

/** What crun recorded of the process 1 that it started; null when it has started none. */
export function startedInit(files: JailFiles): Init | null {
  const status = readJson<{ pid: number; 'process-start-time': number }>(join(files.crunRecords, 'status'))
  return status && { pid: status.pid, startTime: status['process-start-time'] }
}

/** Records that the jail is whole. */
export function commit(files: JailFiles, record: JailRecord): void {
  // Renamed into place: a reader finds the old record or the new one, never half of it.
  writeFileSync(`${files.record}.new`, JSON.stringify(record))
  renameSync(`${files.record}.new`, files.record)
}

/** The record of a jail that is whole and runs; null otherwise. */
export function findRunning(files: JailFiles): (JailRecord & { init: Init }) | null {
  const record = readRecord(files)
  if (!record?.init) return null
  const stat = readStat(record.init.pid)
  if (stat === null || hasEnded(stat) || stat.startTime !== record.init.startTime) return null
  return { ...record, init: record.init }
}

/** A file that names the user namespace of a whole jail, also of one that has ended by itself. */
export function namespaceOf(files: JailFiles): string | null {
  const record = readRecord(files)
  return record?.init && existsSync(files.namespace) ? files.namespace : null
}

/** Whether a bundle is there whose jail does not run, and that nobody makes or removes now. */
export function isLeftover(files: JailFiles): boolean {
  return existsSync(files.bundle) && findRunning(files) === null && !isLocked(files.lock)
}

/** The records of all jails that run; a jail that does not run has no bundle. */
export function listRunning(layout: Layout): (JailRecord & { init: Init })[] {
  return bundlesOf(layout).flatMap((id) => findRunning(filesOf(layout, decodeName(id))) ?? [])
}

/** Names of bundles whose jail does not run, and that nobody makes or removes now. */
export function listLeftovers(layout: Layout): string[] {
  return bundlesOf(layout)
    .map((id) => filesOf(layout, decodeName(id)))
    .filter(isLeftover)
    .map(({ name }) => name)
}

function bundlesOf(layout: Layout): string[] {
  return readNames(layout.bundles)
}

function readNames(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Null when the file is not there, or was read in the moment in which it is written. */
function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readIfThere(path) ?? 'null')
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null
    throw error
  }
}
