import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { constants as os } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { IocError, registerErrors } from '@gaoler/core'

/**
 * Somebody else holds the lock: `pid` and `purpose` are what the holder wrote, null when that cannot be told;
 * `resource` is what is locked, by the name of its dataset.
 * @remedy Wait until it has ended, or end it.
 */
export class ResourceLocked extends IocError<{
  path: string
  resource?: string
  pid: number | null
  purpose: string | null
}> {
  static override readonly code: string = 'RESOURCE_LOCKED'
  constructor(
    details: { path: string; resource?: string; pid: number | null; purpose: string | null },
    options: ErrorOptions = {},
  ) {
    const { path, resource = path, pid } = details
    const purpose = details.purpose === null ? '' : ` (${details.purpose})`
    const holder = pid === null ? 'another process' : pid === process.pid ? 'this process itself' : `process ${pid}`
    const remedy = pid === process.pid ? 'await that before' : 'wait until it has ended, or end it'
    super(`${resource} is locked by ${holder}${purpose}: ${remedy}`, details, options)
  }
}

/**
 * The file system of the lock, or the system itself, has no flock(2).
 * @remedy Put the run directory on a local file system.
 */
export class LockFailed extends IocError<{ path: string; errno: number }> {
  static override readonly code: string = 'LOCK_FAILED'
  constructor(details: { path: string; errno: number }, options: ErrorOptions = {}) {
    super(`${details.path} cannot be locked (errno ${details.errno}): put it on a local file system`, details, options)
  }
}

registerErrors({ ResourceLocked, LockFailed })

// The same on Linux, FreeBSD and macOS.
const LOCK_SH = 1
const LOCK_EX = 2
const LOCK_NB = 4

interface Libc {
  flock(fd: number, operation: number): number
  errno(): number
}

let libc: Libc | undefined

/** Loaded when the first lock is taken: most of what uses this package never takes one. */
function loadLibc(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  // Node's own program has libc loaded: its file has another name on every system.
  const flock = koffi.load(null).func('int flock(int fd, int operation)')
  return { flock: (fd, operation) => flock(fd, operation), errno: () => koffi.errno() }
}

/** 0, or the error number. */
function tryFlock(fd: number, kind: number = LOCK_EX): number {
  libc ??= loadLibc()
  while (libc.flock(fd, kind | LOCK_NB) !== 0) {
    const errno = libc.errno()
    if (errno !== os.errno.EINTR) return errno
  }
  return 0
}

/** Takes the lock on an open file if nobody has it; closing the file gives it back. Throws LockFailed. */
export function tryLockFile(fd: number, kind: 'shared' | 'exclusive'): boolean {
  const errno = tryFlock(fd, kind === 'shared' ? LOCK_SH : LOCK_EX)
  if (errno !== 0 && errno !== os.errno.EWOULDBLOCK) throw new LockFailed({ path: `file ${fd}`, errno })
  return errno === 0
}

/** Whether somebody holds the lock on the file `path`; of one that can be shared, whether anybody does. */
export function isLocked(path: string, kind: 'shared' | 'exclusive' = 'exclusive'): boolean {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  try {
    // Two that ask for an exclusive one at once must not take each other for its holder.
    return !tryLockFile(fd, kind === 'shared' ? 'exclusive' : 'shared')
  } finally {
    closeSync(fd)
  }
}

/** A lock of a host, and on which dataset. */
export class HostLock implements Disposable {
  readonly dataset: string
  readonly #lock: Disposable

  constructor(dataset: string, lock: Disposable) {
    this.dataset = dataset
    this.#lock = lock
  }

  [Symbol.dispose](): void {
    this.#lock[Symbol.dispose]()
  }
}

/**
 * Takes the lock on the file `path`, or throws ResourceLocked at once; disposing releases it and removes the file.
 *
 * The lock is the kernel's: it is gone when its holder ends, however that happens, and no child process inherits it.
 * It holds between the threads of one process too, and is not reentrant. A `shared` one stands beside others that are shared.
 * `resource` is what errors call it, instead of the path.
 */
export function acquireLock(
  path: string,
  { purpose, shared = false, resource }: { purpose: string; shared?: boolean; resource?: string },
): Disposable {
  mkdirSync(dirname(path), { recursive: true })
  for (;;) {
    // Node opens every file with O_CLOEXEC: that is what keeps the lock from children.
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
    try {
      const errno = tryFlock(fd, shared ? LOCK_SH : LOCK_EX)
      if (errno === os.errno.EWOULDBLOCK)
        throw new ResourceLocked({ path, ...(resource && { resource }), ...readHolder(fd) })
      if (errno !== 0) throw new LockFailed({ path, errno })
      // The file's former holder may have removed it after we opened it: then it locks nothing.
      if (isFileAt(fd, path)) return hold(fd, path, { purpose, shared })
    } catch (error) {
      closeSync(fd)
      throw error
    }
    closeSync(fd)
  }
}

/**
 * Takes the lock as soon as it is free: flock(2) has no way of waiting that could be left.
 * Throws ResourceLocked after `patience` milliseconds, or what `signal` was aborted with.
 */
export async function waitForLock(
  path: string,
  {
    purpose,
    patience = Number.POSITIVE_INFINITY,
    signal,
  }: { purpose: string; patience?: number; signal?: AbortSignal },
): Promise<Disposable> {
  const started = performance.now()
  for (;;) {
    try {
      return acquireLock(path, { purpose })
    } catch (error) {
      const late = performance.now() - started > patience
      if (!(error instanceof ResourceLocked) || error.details.path !== path || late) throw error
    }
    signal?.throwIfAborted()
    // Random, so that two that wait do not stay in step.
    await sleep(1 + Math.random() * 4)
  }
}

function hold(fd: number, path: string, { purpose, shared }: { purpose: string; shared: boolean }): Disposable {
  const holder = JSON.stringify({ pid: process.pid, purpose: printable(purpose) })
  ftruncateSync(fd)
  writeSync(fd, holder, 0)
  let held = true
  return {
    [Symbol.dispose]() {
      if (!held) return
      held = false
      try {
        // Under the lock still, so that it is not a successor's file that goes; of several holders, the last one's work.
        if ((!shared || tryFlock(fd, LOCK_EX) === 0) && isFileAt(fd, path)) unlinkSync(path)
      } finally {
        closeSync(fd)
      }
    },
  }
}

function isFileAt(fd: number, path: string): boolean {
  const open = fstatSync(fd, { bigint: true })
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found?.ino === open.ino && found.dev === open.dev
}

/** What the holder wrote. Others may have written there too: nothing of it is believed but its form. */
function readHolder(fd: number): { pid: number | null; purpose: string | null } {
  const buffer = Buffer.alloc(4096)
  const text = buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, 0))
  let data: { pid?: unknown; purpose?: unknown } | null = null
  try {
    data = JSON.parse(text)
  } catch {
    // Its holder has just taken it, and not yet written.
  }
  const pid = Number.isInteger(data?.pid) && Number(data?.pid) > 0 ? Number(data?.pid) : null
  // A process that is no more held it before: who holds it now has not written yet.
  if (pid === null || !isAlive(pid)) return { pid: null, purpose: null }
  const purpose = typeof data?.purpose === 'string' ? printable(data.purpose) : null
  return { pid, purpose: purpose || null }
}

/** Without what could steer a terminal or hide text, and short. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 120)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
