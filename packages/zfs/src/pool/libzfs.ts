import { closeSync, openSync } from 'node:fs'
import type { LibraryHandle } from 'koffi'
import {
  CallNotSupported,
  PermissionDenied,
  PoolNotFound,
  ZFSGenericError,
  ZFSInitializationFailed,
} from '../errors.ts'
import { loadKoffi } from '../lzc/koffi.ts'
import { cell, takeList } from '../lzc/lists.ts'
import type { NvList } from '../nvlist/types.ts'

// Only what has had one signature since OpenZFS 2.0, and gives its answer as a list: events and history. The rest of
// libzfs changes with every minor release.
const names = ['libzfs.so.7', 'libzfs.so.6', 'libzfs.so.5', 'libzfs.so.4', 'libzfs.so']

const signatures = {
  libzfs_init: ['uintptr_t', []],
  libzfs_error_description: ['const char *', ['uintptr_t']],
  zpool_open_canfail: ['uintptr_t', ['uintptr_t', 'const char *']],
  zpool_close: ['void', ['uintptr_t']],
  zpool_get_history: ['int', ['uintptr_t', 'void *', 'void *', 'void *']],
  zpool_events_next: ['int', ['uintptr_t', 'void *', 'void *', 'unsigned int', 'int']],
  zpool_events_seek: ['int', ['uintptr_t', 'uint64_t', 'int']],
} as const satisfies Record<string, readonly [string, readonly string[]]>

let library: LibraryHandle | undefined
let handle: number | bigint | undefined
const functions = new Map<string, (...args: unknown[]) => unknown>()

/** A function of libzfs. Its calls are short, and made in this thread only: a handle is of one thread. */
function call(name: keyof typeof signatures, ...args: unknown[]): unknown {
  let found = functions.get(name)
  if (!found) {
    const [result, parameters] = signatures[name]
    try {
      found = load().func(name, result, [...parameters]) as unknown as (...args: unknown[]) => unknown
    } catch (cause) {
      if (cause instanceof ZFSInitializationFailed) throw cause
      throw new CallNotSupported({ name, since: '2.0' }, { cause })
    }
    functions.set(name, found)
  }
  return found(...args)
}

function load(): LibraryHandle {
  let cause: unknown
  for (const name of library ? [] : names) {
    try {
      library = loadKoffi().load(name)
      break
    } catch (error) {
      cause ??= error
    }
  }
  if (!library) throw new ZFSInitializationFailed({ reason: `${names[0]} cannot be loaded` }, { cause })
  return library
}

/** The handle of this thread; it is never given back, as libzfs_core's is not. */
function open(): number | bigint {
  handle ??= call('libzfs_init') as number | bigint
  if (Number(handle) !== 0) return handle
  handle = undefined
  throw new ZFSInitializationFailed({ reason: 'libzfs cannot be initialised: /dev/zfs cannot be opened' })
}

function failure(asked: string, name?: string): Error {
  const description = String(call('libzfs_error_description', handle))
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
    if (from !== 'oldest' && call('zpool_events_seek', open(), from === 'now' ? END : from, this.#fd) !== 0) {
      const error = failure(this.#asked)
      closeSync(this.#fd)
      throw error
    }
  }

  /** The next event, or undefined where there is none yet; with the number of those lost since the last. */
  next(): { readonly list: NvList; readonly dropped: number } | undefined {
    const list = cell()
    const dropped = cell()
    if (call('zpool_events_next', open(), list, dropped, NONBLOCK, this.#fd) !== 0) throw failure(this.#asked)
    const taken = takeList(list[0] as bigint)
    return taken && { list: taken, dropped: new Int32Array(dropped.buffer)[0] as number }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

/** The records of a pool's history, a part at a time. Throws PoolNotFound, PermissionDenied. */
export function* readHistory(pool: string, asked: string): Generator<readonly NvList[]> {
  const opened = call('zpool_open_canfail', open(), pool) as number | bigint
  if (Number(opened) === 0) throw new PoolNotFound({ name: pool, asked })
  try {
    const offset = cell()
    const end = cell()
    while (end[0] === 0n) {
      const list = cell()
      if (call('zpool_get_history', opened, list, offset, end) !== 0) throw failure(asked, pool)
      const records = takeList(list[0] as bigint)?.get('history record')
      if (Array.isArray(records)) yield records as NvList[]
    }
  } finally {
    call('zpool_close', opened)
  }
}
