import { read, readSync, write, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { SendOptions } from '../../calls/streams.ts'
import { BookmarkNotFound, NotSupportedOnEmbedded, SnapshotMismatch, SnapshotNotFound } from '../../errors.ts'
import { descriptor } from '../../lzc/checks.ts'
import { sendCalls } from '../../lzc/table-send.ts'
import { isBookmarkName, isSnapshotName } from '../../names.ts'
import { BEGIN_RECORD_LENGTH } from '../../stream/begin-record.ts'
import { beginRecord, type Read, type Write } from '../archive/format.ts'
import { pack } from '../archive/pack.ts'
import { isFileError } from '../errors.ts'
import { bytePath } from '../files.ts'
import { type BookmarkRecord, type Found, identityOf, type State } from '../state.ts'
import { type Steps, transfer } from '../steps.ts'
import type { Store } from '../store.ts'
import { isAncestor, pointOf } from './bookmarks.ts'

/** A stream into a descriptor. The asynchronous form waits in libuv's threads; sendStream() does not. */
export function* send(store: Store, snapshot: string, fd: number, options: SendOptions = {}): Steps<void> {
  descriptor(fd, askedOf(snapshot, options))
  yield* sendTo(store, snapshot, toDescriptor(fd), options)
}

/** A stream to wherever `write` takes it: all files, whatever it begins at. */
export function* sendTo(store: Store, snapshot: string, write: Write, options: SendOptions): Steps<void> {
  sendCalls.sendSpace.input(snapshot, options)
  const asked = askedOf(snapshot, options)
  const { found, from } = check(yield* store.read(), snapshot, options, asked)
  const begin = beginRecord({
    type: found.dataset.type,
    creation: found.snapshot.creation,
    toGuid: BigInt(identityOf(found.snapshot)),
    fromGuid: BigInt(from?.guid ?? 0),
    toName: snapshot,
  })
  try {
    yield* pack(bytePath(store.snapshot(found.snapshot.guid)), begin, write, yield* store.stage())
  } catch (error) {
    // Destroyed while it was sent.
    if (isFileError(error, 'ENOENT')) check(yield* store.read(), snapshot, options, asked)
    throw error
  }
}

/** Bytes that the files occupy. */
export function* sendSpace(store: Store, snapshot: string, options: SendOptions = {}): Steps<bigint> {
  sendCalls.sendSpace.input(snapshot, options)
  const asked = `estimate to ${askedOf(snapshot, options)}`
  const { found } = check(yield* store.read(), snapshot, options, asked)
  return BigInt(BEGIN_RECORD_LENGTH + found.snapshot.referenced)
}

const askedOf = (snapshot: string, { from }: SendOptions): string =>
  `send "${snapshot}"${from === undefined ? '' : ` from "${from}"`}`

function check(
  state: State,
  snapshot: string,
  { from }: SendOptions,
  asked: string,
): { found: Found; from: BookmarkRecord | undefined } {
  if (!isSnapshotName(snapshot)) throw new NotSupportedOnEmbedded({ name: 'send of what is no snapshot', asked })
  const found = state.snapshot(snapshot)
  if (!found) throw new SnapshotNotFound({ name: snapshot, asked })
  // Real ZFS has a volume's size among its data; here the stream has files only.
  if (found.dataset.type === 'volume') throw new NotSupportedOnEmbedded({ name: 'send of a volume', asked })
  if (from === undefined) return { found, from: undefined }
  const point = pointOf(state, from)
  if (!point) throw new (isBookmarkName(from) ? BookmarkNotFound : SnapshotNotFound)({ name: from, asked })
  const earlier = isAncestor(state, found.dataset, from) && point.createtxg < found.snapshot.createtxg
  if (!earlier) throw new SnapshotMismatch({ name: from, asked })
  return { found, from: point }
}

const writeAsync = promisify(write)
const readAsync = promisify(read)

function toDescriptor(fd: number): Write {
  return function* (bytes) {
    for (let at = 0; at < bytes.length; ) {
      at += yield* transfer(
        () => writeSync(fd, bytes, at),
        async () => (await writeAsync(fd, bytes, at)).bytesWritten,
      )
    }
  }
}

/** Reads from a descriptor, however few bytes it gives at a time. */
export function fromDescriptor(fd: number): Read {
  return function* (length) {
    const bytes = Buffer.alloc(length)
    let filled = 0
    while (filled < length) {
      const count: number = yield* transfer(
        () => readSync(fd, bytes, filled, length - filled, null),
        async () => (await readAsync(fd, bytes, filled, length - filled, null)).bytesRead,
      )
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  }
}
