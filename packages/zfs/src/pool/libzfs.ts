import { closeSync, openSync } from 'node:fs'
import { ArgumentInvalid, PermissionDenied, PoolNotFound, ZFSGenericError, ZFSInitializationFailed } from '../errors.ts'
import { type Handle, isNull, libzfs } from '../libzfs/library.ts'
import { cell, takeList } from '../lzc/lists.ts'
import type { NvList } from '../nvlist/types.ts'

/** The handle of this thread's blocking calls, which are short; it is never given back, as libzfs_core's is not. */
let handle: Handle | undefined

function open(): Handle {
  handle ??= libzfs('libzfs_init')() as Handle
  if (!isNull(handle)) return handle
  handle = undefined
  throw new ZFSInitializationFailed({ reason: 'libzfs cannot be initialised: /dev/zfs cannot be opened' })
}

function failure(asked: string, name?: string): Error {
  const description = String(libzfs('libzfs_error_description')(handle))
  if (/permission denied/i.test(description)) return new PermissionDenied({ name, asked, privilege: 'root' })
  return new ZFSGenericError({ name, asked, description })
}

/** The end of the queue of events (ZEVENT_SEEK_END), and reading without waiting (ZEVENT_NONBLOCK). */
const END = 0xffff_ffff_ffff_ffffn
const NONBLOCK = 1

/** The kernel's queue of events, from one place on. */
export class EventQueue implements Disposable {
  readonly #fd: number
  readonly #asked = 'read events'

  /** `from`: the oldest event that is kept, the next new one, or the one after this number. */
  constructor(from: 'oldest' | 'now' | bigint) {
    open()
    try {
      this.#fd = openSync('/dev/zfs', 'r+')
    } catch (cause) {
      throw new PermissionDenied({ asked: this.#asked, privilege: 'root' }, { cause })
    }
    // Asked for the first event only to learn whether it is allowed: seeking tells that by a number alone.
    if (from !== 'oldest' && libzfs('zpool_events_seek')(open(), from === 'now' ? END : from, this.#fd) !== 0) {
      const error = failure(this.#asked)
      closeSync(this.#fd)
      if (error instanceof PermissionDenied) throw error
      const reason = `is ${from}, which is the number of no event that is kept`
      throw new ArgumentInvalid({ argument: 'from', asked: this.#asked, reason })
    }
  }

  /** The next event, or undefined where there is none yet; with the number of those lost since the last. */
  next(): { readonly list: NvList; readonly dropped: number } | undefined {
    const list = cell()
    const dropped = cell()
    if (libzfs('zpool_events_next')(open(), list, dropped, NONBLOCK, this.#fd) !== 0) throw failure(this.#asked)
    const taken = takeList(list[0] as bigint)
    return taken && { list: taken, dropped: new Int32Array(dropped.buffer)[0] as number }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

/** The records of a pool's history, a part at a time. Throws PoolNotFound, PermissionDenied. */
export function* readHistory(pool: string, asked: string): Generator<readonly NvList[]> {
  const opened = libzfs('zpool_open_canfail')(open(), pool) as Handle
  if (isNull(opened)) throw new PoolNotFound({ name: pool, asked })
  try {
    const offset = cell()
    const end = cell()
    while (end[0] === 0n) {
      const list = cell()
      if (libzfs('zpool_get_history')(opened, list, offset, end) !== 0) throw failure(asked, pool)
      const records = takeList(list[0] as bigint)?.get('history record')
      if (Array.isArray(records)) yield records as NvList[]
    }
  } finally {
    libzfs('zpool_close')(opened)
  }
}
