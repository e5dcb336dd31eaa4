import type { Received, ReceiveHeaderOptions, ReceiveOptions } from '../../calls/streams.ts'
import {
  DatasetBusy,
  DatasetExists,
  DatasetNotFound,
  DestinationModified,
  NotSupportedOnEmbedded,
  SnapshotIsHeld,
  StreamMismatch,
} from '../../errors.ts'
import { receiveCalls } from '../../lzc/table-receive.ts'
import { filesystemOf, parentOf } from '../../names.ts'
import { BEGIN_RECORD_LENGTH, parseHeader, type StreamHeader } from '../../stream/begin-record.ts'
import { type Read, STREAM_MAGIC } from '../archive/format.ts'
import { unpack } from '../archive/unpack.ts'
import { copyTree } from '../copy.ts'
import { type BytePath, textPath } from '../files.ts'
import { removeTree } from '../remove.ts'
import { isModified, replaceFiles } from '../replace.ts'
import { type DatasetRecord, identityOf, type SnapshotRecord, type State } from '../state.ts'
import type { Steps } from '../steps.ts'
import { newGuid, type Store, type Transaction } from '../store.ts'
import { checkNew, newRecord } from './create.ts'
import { discardSnapshot, reasonToKeep } from './destroy.ts'
import { fromDescriptor } from './send.ts'

export function* receive(store: Store, snapshot: string, fd: number, options: ReceiveOptions = {}): Steps<void> {
  receiveCalls.receive.input(snapshot, fd, options)
  const read = fromDescriptor(fd)
  yield* receiveFrom(store, snapshot, yield* read(BEGIN_RECORD_LENGTH), read, options)
}

export function* receiveWithHeader(
  store: Store,
  snapshot: string,
  fd: number,
  record: Uint8Array,
  options: ReceiveHeaderOptions = {},
): Steps<void> {
  receiveCalls.receiveWithHeader.input(snapshot, fd, record, options)
  yield* receiveFrom(store, snapshot, record, fromDescriptor(fd), options)
}

export function* receiveOne(
  store: Store,
  snapshot: string,
  fd: number,
  record: Uint8Array,
  options: ReceiveHeaderOptions = {},
): Steps<Received> {
  receiveCalls.receiveOne.input(snapshot, fd, record, options)
  const read = fromDescriptor(fd)
  let bytes = 0n
  function* counted(length: number): Steps<Uint8Array> {
    const read_ = yield* read(length)
    bytes += BigInt(read_.length)
    return read_
  }
  yield* receiveFrom(store, snapshot, record, counted, options)
  return { bytes, errorFlags: 0n }
}

/**
 * Makes a snapshot of a stream whose begin record was read. The files are unpacked beside everything, and copied once
 * more for the dataset itself; then both appear at once.
 */
export function* receiveFrom(
  store: Store,
  snapshot: string,
  begin: Uint8Array,
  read: Read,
  options: ReceiveHeaderOptions,
): Steps<void> {
  const asked = `receive "${snapshot}"`
  const refused = (['props', 'resumable'] as const).find((name) => options[name])
  if (refused) throw new NotSupportedOnEmbedded({ name: `receive with ${refused}`, asked })
  const { header } = parseHeader(begin, STREAM_MAGIC)
  check(yield* store.read(), snapshot, header, options, asked)
  const [files, copy] = [yield* store.stage(), yield* store.stage()]
  try {
    const bytes = yield* unpack(begin, read, files, asked)
    yield* copyTree(files, copy)
    yield* refuseModified(store, yield* store.read(), snapshot, header, options, asked)
    yield* store.transact((transaction) => {
      const later = check(transaction.draft, snapshot, header, options, asked)
      for (const each of later) drop(store, transaction, filesystemOf(snapshot), each, asked)
      commit(store, transaction, snapshot, header, { files, copy, bytes }, options, asked)
    })
  } finally {
    yield* removeTree(files)
    yield* removeTree(copy)
  }
}

/** Whether the stream fits what is there; gives the snapshots that it has not and that are to go, when forced. */
function check(
  state: State,
  snapshot: string,
  { fromGuid }: StreamHeader,
  { force = false, origin }: ReceiveOptions,
  asked: string,
): readonly SnapshotRecord[] {
  const name = filesystemOf(snapshot)
  const dataset = state.dataset(name)
  if (!dataset) {
    const base = origin === undefined ? undefined : state.snapshot(origin)
    if (origin !== undefined && !base) throw new DatasetNotFound({ name: origin, asked })
    const parent = parentOf(name)
    if (parent !== undefined && !state.dataset(parent)) throw new DatasetNotFound({ name: parent, asked })
    if (fromGuid !== 0n && !base) throw new DatasetNotFound({ name, asked })
    if (base && fromGuid !== BigInt(identityOf(base.snapshot))) throw new StreamMismatch({ name, asked })
    checkNew(state, name, asked)
    return []
  }
  if (state.snapshot(snapshot)) throw new DatasetExists({ name: snapshot, asked })
  if (fromGuid === 0n) {
    if (!force) throw new DatasetExists({ name, asked })
    return dataset.snapshots
  }
  const at = dataset.snapshots.findLastIndex((each) => BigInt(identityOf(each)) === fromGuid)
  const later = dataset.snapshots.slice(at + 1)
  if (at < 0 || (later.length > 0 && !force)) throw new StreamMismatch({ name, asked })
  return later
}

/** Looked at as late as can be without holding up everybody. */
function* refuseModified(
  store: Store,
  state: State,
  snapshot: string,
  { fromGuid }: StreamHeader,
  { force = false }: ReceiveOptions,
  asked: string,
): Steps<void> {
  const name = filesystemOf(snapshot)
  const dataset = state.dataset(name)
  const latest = dataset?.snapshots.at(-1)
  if (!dataset || !latest || force || fromGuid === 0n) return
  if (yield* isModified(store, state, dataset, latest.guid)) throw new DestinationModified({ name, asked })
}

function drop(store: Store, transaction: Transaction, name: string, snapshot: SnapshotRecord, asked: string): void {
  const found = { dataset: transaction.draft.dataset(name) as DatasetRecord, snapshot }
  const reason = reasonToKeep(transaction.draft, found)
  const full = `${name}@${snapshot.name}`
  if (reason instanceof SnapshotIsHeld) throw new DatasetBusy({ name: full, asked, reason: 'it is held' })
  if (reason) throw new DatasetExists({ name: full, asked })
  discardSnapshot(store, transaction, found)
}

interface Unpacked {
  readonly files: BytePath
  readonly copy: BytePath
  readonly bytes: number
}

function commit(
  store: Store,
  transaction: Transaction,
  snapshot: string,
  header: StreamHeader,
  { files, copy, bytes }: Unpacked,
  { origin }: ReceiveOptions,
  asked: string,
): void {
  const { draft, log } = transaction
  const name = filesystemOf(snapshot)
  const there = draft.dataset(name)
  if (there) {
    replaceFiles(store, transaction, name, copy, asked)
  } else {
    const type = header.type ?? 'filesystem'
    const base = origin === undefined ? undefined : draft.snapshot(origin)?.snapshot.guid
    const made = newRecord({ name, type }, draft.txg, {}, base)
    log.move(textPath(copy), store.data(made.guid))
    draft.put(made)
  }
  const identity = String(header.toGuid)
  // The directory of a snapshot is named by its guid, which the sent one may have here already.
  const taken = draft.snapshotOf(identity) !== undefined
  const record: SnapshotRecord = {
    name: snapshot.slice(name.length + 1),
    guid: taken ? newGuid() : identity,
    ...(taken ? { received: identity } : {}),
    createtxg: draft.txg,
    creation: Number(header.creation),
    referenced: bytes,
    values: {},
    holds: [],
    deferred: false,
  }
  log.move(textPath(files), store.snapshot(record.guid))
  const dataset = draft.dataset(name) as DatasetRecord
  draft.put({ ...dataset, snapshots: [...dataset.snapshots, record] })
}
