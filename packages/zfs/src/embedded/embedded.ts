import { commandTable } from '../command/table.ts'
import { ArgumentInvalid, NotSupportedOnEmbedded } from '../errors.ts'
import { requireForms } from '../forms.ts'
import { table } from '../lzc/table.ts'
import { type OwnStreams, ownStreams } from '../stream/own.ts'
import type { Dataset, ListOptions, LzcCalls, Zfs, ZfsCalls } from '../zfs.ts'
import { STREAM_MAGIC } from './archive/format.ts'
import { bookmark, destroyBookmarks, getBookmarkProps, getBookmarks } from './calls/bookmarks.ts'
import { clone } from './calls/clone.ts'
import { create } from './calls/create.ts'
import { destroy, destroySnaps } from './calls/destroy.ts'
import { getHolds, hold, release } from './calls/holds.ts'
import { mount, unmount } from './calls/mount.ts'
import { promote } from './calls/promote.ts'
import { inherit, set } from './calls/property.ts'
import { exists, get, list, names } from './calls/query.ts'
import { receive, receiveFrom, receiveOne, receiveWithHeader } from './calls/receive.ts'
import { rename } from './calls/rename.ts'
import { rollback, rollbackTo } from './calls/rollback.ts'
import { send, sendSpace, sendTo } from './calls/send.ts'
import { snapshot } from './calls/snapshot.ts'
import { snapshotDirectory } from './calls/snapshot-directory.ts'
import { zfsError } from './errors.ts'
import { embeddedPools } from './pools.ts'
import { runAsync, runSync, type Steps, transfer } from './steps.ts'
import { Store } from './store.ts'

export interface EmbeddedZfsOptions {
  /** Where everything is kept; made when it is missing. Mountpoints must be on the same file system. */
  readonly directory: string
}

/** What only the embedded ZFS has. */
export interface EmbeddedOnly {
  /**
   * The directory with the files of a snapshot: what `.zfs/snapshot/<name>` is to a mounted real one.
   * It must only be read. Throws SnapshotNotFound.
   */
  snapshotDirectory(name: string): string
}

/** ZFS on plain directories. */
export type EmbeddedZfs = Zfs & EmbeddedOnly & { readonly kind: 'embedded'; readonly directory: string }

type Calls = LzcCalls & ZfsCalls
type Implementation = {
  readonly [K in keyof Calls]?: (store: Store, ...args: Parameters<Calls[K]>) => Steps<ReturnType<Calls[K]>>
}

/** What it can do; every other call of the tables throws NotSupportedOnEmbedded. */
const calls: Implementation = {
  create,
  clone,
  snapshot,
  destroy,
  destroySnaps,
  exists,
  rename,
  promote,
  rollback,
  rollbackTo,
  hold,
  release,
  getHolds,
  bookmark,
  getBookmarks,
  getBookmarkProps,
  destroyBookmarks,
  send,
  sendSpace,
  receive,
  receiveWithHeader,
  receiveOne,
  list,
  names,
  get,
  set,
  inherit,
  mount,
  unmount,
}

/**
 * Opens the embedded ZFS in a directory. Nothing is read or written before the first call; several of them, in several
 * processes, may be open in one directory. Throws ArgumentInvalid for what is no path.
 */
export function embeddedZfs({ directory }: EmbeddedZfsOptions): EmbeddedZfs {
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw new ArgumentInvalid({ argument: 'directory', asked: 'open an embedded ZFS', reason: 'must be a path' })
  }
  const store = new Store(directory)
  const zfs: Record<string, unknown> = {
    kind: 'embedded',
    directory: store.directory,
    isSupported: (call: string) => Object.hasOwn(calls, call),
    pools: embeddedPools(store, named),
    snapshotDirectory: (name: string) => runSync(named('snapshotDirectory', name, snapshotDirectory(store, name))),
  }
  for (const call of [...Object.keys(table), ...Object.keys(commandTable)]) {
    const refuse = (): never => {
      throw new NotSupportedOnEmbedded({ name: call })
    }
    zfs[call] = async () => refuse()
    zfs[`${call}Sync`] = refuse
  }
  for (const [call, implementation] of Object.entries(calls)) {
    const start = (args: unknown[]) => {
      requireForms(call, args)
      return named(
        call,
        args[0],
        (implementation as (store: Store, ...args: unknown[]) => Steps<unknown>)(store, ...args),
      )
    }
    zfs[call] = async (...args: unknown[]) => runAsync(start(args))
    zfs[`${call}Sync`] = (...args: unknown[]) => runSync(start(args))
  }
  zfs.iterate = (options?: ListOptions): AsyncGenerator<Dataset, void, void> => {
    requireForms('list', [options])
    return iterate(zfs as unknown as Zfs, options)
  }
  return Object.freeze(Object.assign(zfs, { [ownStreams]: streamsOf(store) })) as unknown as EmbeddedZfs
}

/** The state is in memory as a whole anyway. */
async function* iterate(zfs: Zfs, options?: ListOptions): AsyncGenerator<Dataset, void, void> {
  yield* await zfs.list(options)
}

/** Streams that go through this process: they can only be waited for. */
function streamsOf(store: Store): OwnStreams {
  const never = (): never => {
    throw new TypeError('a stream has no blocking form')
  }
  return {
    magic: STREAM_MAGIC,
    send: (snapshot, write, options) => {
      const steps = sendTo(store, snapshot, (bytes) => transfer(never, () => write(bytes)), options)
      return runAsync(named('send', snapshot, steps))
    },
    receive: (snapshot, record, read, options) => {
      const steps = receiveFrom(store, snapshot, record, (length) => transfer(never, () => read(length)), options)
      return runAsync(named('receive', snapshot, steps))
    },
  }
}

/** An error of the file system becomes one of ZFS that says what was asked. */
function* named<T>(call: string, subject: unknown, steps: Steps<T>): Steps<T> {
  try {
    return yield* steps
  } catch (error) {
    const first = Array.isArray(subject) ? subject[0] : subject
    const name = typeof first === 'string' ? first : undefined
    throw zfsError(error, name, name === undefined ? call : `${call} "${name}"`)
  }
}
