import { type Operation, OperationCancelled, type OperationOptions, operation, type Scope } from '@gaoler/core'
import type { ReceiveHeaderOptions } from '../calls/streams.ts'
import {
  ArgumentInvalid,
  BadStream,
  DatasetBusy,
  DatasetExists,
  MultipleOperationsFailure,
  NotSupportedOnEmbedded,
  ResumeExists,
  ZFSError,
} from '../errors.ts'
import { checkName, filesystemOf, isSnapshotName } from '../names.ts'
import type { NvInput } from '../nvlist/types.ts'
import type { PropertyInput } from '../properties/types.ts'
import type { Zfs } from '../zfs.ts'
import { BEGIN_RECORD_LENGTH, parseHeader, type StreamHeader } from './begin-record.ts'
import { receiveArguments, runReceive } from './command.ts'
import { PipeInflow, StreamInflow } from './inflow.ts'
import { Intake, type StreamSource } from './intake.ts'
import { Outflow } from './outflow.ts'
import { ownStreamsOf } from './own.ts'

export interface ReceiveStreamOptions extends OperationOptions {
  /** Roll the destination back to its latest snapshot first, and destroy what the stream does not have. */
  readonly force?: boolean
  /** Keep what was received when the stream breaks off or is cancelled: the error then has `details.receive_resume_token`. */
  readonly resumable?: boolean
  /** The stream was sent with the flag `raw`. Packages know that by themselves. */
  readonly raw?: boolean
  /** The snapshot that a clone is received onto. */
  readonly origin?: string
  /** Properties as received ones, as `create` takes them. Not for packages, which have their own. */
  readonly props?: NvInput
  /** Properties of the stream that are not to be taken (`zfs receive -x`). */
  readonly exclude?: readonly string[]
  /** Local values instead of those of the stream (`zfs receive -o`), as `set` takes them. */
  readonly override?: Readonly<Record<string, PropertyInput>>
  /**
   * The target is a filesystem, below which what is received is named after what was sent: `path` by all but the pool
   * (`zfs receive -d`), `last` by the last part of the name (`-e`).
   */
  readonly naming?: 'path' | 'last'
}

/** What a receive came to. */
export interface StreamReceived {
  /** The snapshot that was made; undefined for packages and with `naming`. */
  readonly snapshot: string | undefined
  /** Bytes of the stream. */
  readonly bytes: bigint
  readonly header: StreamHeader
}

/**
 * Receives a stream of bytes as a snapshot. `target` is the snapshot to be made, or the filesystem: the snapshot then has
 * the name it had where it was sent. What is received is not mounted. The stream is read to its end; in whatever pieces
 * it comes, and it is looked at before anything is made: BadStream for what is none, of another kind of ZFS, or damaged.
 *
 * Progress is in bytes, with the bytes per second as `payload.rate`. When the source fails, the error of the receive
 * (StreamTruncated, mostly) has that failure as its cause. Without `resumable`, nothing is left behind; a dataset of which
 * a part is there already is refused with ResumeExists, which has its token.
 *
 * Packages, `exclude`, `override` and `naming` go through the command `zfs receive`; the embedded ZFS has none of them, and
 * neither `props` nor `resumable` (NotSupportedOnEmbedded).
 *
 * Throws what the raw calls throw: DatasetExists, DatasetNotFound, DestinationModified, StreamMismatch, BadStream,
 * StreamTruncated, NoSpace, EncryptionKeyNotLoaded …, and ZFSCommandFailed.
 */
export function receiveStream(
  zfs: Zfs,
  target: string,
  source: StreamSource,
  options: ReceiveStreamOptions = {},
): Operation<StreamReceived> {
  const { signal, onEvent, logger, eventScope } = options
  const asked = `receive "${target}"`
  return operation('ZFSReceive', (s) => receive(s, zfs, target, source, options, asked), {
    signal,
    onEvent,
    logger,
    eventScope,
    identifier: target,
  })
}

async function receive(
  s: Scope,
  zfs: Zfs,
  target: string,
  source: StreamSource,
  options: ReceiveStreamOptions,
  asked: string,
): Promise<StreamReceived> {
  checkTarget(target, options, asked)
  const own = ownStreamsOf(zfs)
  const sent = own || isForCommand(options) ? undefined : Outflow.untouched(source)
  const inflow = sent ? new PipeInflow(sent) : new StreamInflow(new Intake(source, asked))
  const cancel = (): void => inflow.stop()
  s.signal.addEventListener('abort', cancel, { once: true })
  inflow.meter.tell(s)
  let destination = filesystemOf(target)
  try {
    const first = await inflow.first(BEGIN_RECORD_LENGTH)
    const { header, record } = parseHeader(first, own?.magic)
    destination = destinationOf(target, header, options)
    const byCommand = header.type === undefined || isForCommand(options)
    if (byCommand) refuseForCommand(options, own !== undefined, asked)
    const single = header.type !== undefined && options.naming === undefined
    const snapshot = single ? snapshotOf(target, header, asked) : undefined
    s.set({ snapshot: snapshot ?? target })
    if (own) {
      await own.receive(snapshot as string, record, (length) => inflow.take(length), plain(options))
    } else {
      const args = byCommand ? receiveArguments(snapshot ?? target, options, asked) : undefined
      await inflow.feed(args !== undefined, async (fd) => {
        if (args === undefined) return await callReceive(zfs, snapshot as string, record, options, fd)
        await runReceive(zfs, snapshot ?? target, args, asked, fd)
        return undefined
      })
    }
    inflow.meter.finish()
    return { snapshot, bytes: BigInt(inflow.meter.bytes), header }
  } catch (error) {
    inflow.stop(error as Error)
    inflow.close()
    if (s.signal.aborted) throw options.resumable ? await cancelled(zfs, destination, s.signal) : s.signal.reason
    throw await withToken(zfs, destination, options, error)
  } finally {
    s.signal.removeEventListener('abort', cancel)
  }
}

const isForCommand = ({ exclude, override, naming }: ReceiveStreamOptions): boolean =>
  exclude !== undefined || override !== undefined || naming !== undefined

/** Throws for what a command cannot do, and for a ZFS that has no command. */
function refuseForCommand({ props }: ReceiveStreamOptions, embedded: boolean, asked: string): void {
  if (embedded)
    throw new NotSupportedOnEmbedded({ name: 'receiveStream of a package, with naming, exclude or override' })
  if (props === undefined) return
  const reason = 'are for a single stream without naming, exclude and override; use `override`'
  throw new ArgumentInvalid({ argument: 'props', asked, reason })
}

function checkTarget(target: string, { naming }: ReceiveStreamOptions, asked: string): void {
  const has = typeof target === 'string' && target.includes('@')
  checkName(target, has && naming === undefined ? 'snapshot' : 'filesystem', asked)
  if (naming !== undefined && naming !== 'path' && naming !== 'last') {
    throw new ArgumentInvalid({ argument: 'naming', asked, reason: 'is "path" or "last"' })
  }
}

function snapshotOf(target: string, { toName }: StreamHeader, asked: string): string {
  if (isSnapshotName(target)) return target
  const at = toName.indexOf('@')
  const snapshot = `${target}${toName.slice(at)}`
  // The name comes from outside.
  if (at < 0) throw new BadStream({ asked, reason: 'the stream does not name a snapshot; name one' })
  checkName(snapshot, 'snapshot', asked)
  return snapshot
}

/** The options of a stream of the embedded ZFS. */
function plain({ force, origin, raw, props, resumable }: ReceiveStreamOptions): ReceiveHeaderOptions {
  if (props !== undefined) throw new NotSupportedOnEmbedded({ name: 'receiveStream with props' })
  if (resumable) throw new NotSupportedOnEmbedded({ name: 'receiveStream with resumable' })
  return { force, origin, raw }
}

async function callReceive(
  zfs: Zfs,
  snapshot: string,
  record: Uint8Array,
  { force, origin, raw, props, resumable }: ReceiveStreamOptions,
  fd: number,
): Promise<bigint> {
  const { bytes } = await zfs.receiveOne(snapshot, fd, record, { force, origin, raw, props, resumable })
  return bytes
}

/** The filesystem or volume that is made, or the first of a package's. */
function destinationOf(target: string, { toName }: StreamHeader, { naming }: ReceiveStreamOptions): string {
  if (naming === undefined) return filesystemOf(target)
  const [pool, ...below] = filesystemOf(toName).split('/')
  const last = below.at(-1) ?? pool
  return [target, ...(naming === 'path' ? below : [last])].join('/')
}

/** The error with the token by which the rest can be sent, where there is one: a part is in the way, or was kept. */
async function withToken(
  zfs: Zfs,
  destination: string,
  { resumable }: ReceiveStreamOptions,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof ZFSError) || error instanceof MultipleOperationsFailure) return error
  const inTheWay = error instanceof DatasetBusy || error instanceof DatasetExists || error instanceof ResumeExists
  const token = resumable || inTheWay ? await tokenOf(zfs, destination) : null
  if (token === null) return error
  const details = { ...error.details, receive_resume_token: token }
  // What has snapshots is there as a whole, and a part of the next one besides.
  const partial = error instanceof DatasetExists && !(await hasSnapshots(zfs, destination))
  if (partial || error instanceof DatasetBusy) {
    return new ResumeExists({ ...details, errno: undefined }, { cause: error })
  }
  const Kind = error.constructor as new (details: object, options: ErrorOptions) => ZFSError
  return new Kind(details, { cause: error.cause })
}

async function cancelled(zfs: Zfs, destination: string, { reason }: AbortSignal): Promise<unknown> {
  const receive_resume_token = await tokenOf(zfs, destination)
  if (receive_resume_token === null) return reason
  return new OperationCancelled({ operation: `receive "${destination}"`, receive_resume_token }, { cause: reason })
}

async function tokenOf(zfs: Zfs, name: string): Promise<string | null> {
  const read = await zfs.get(name, ['receive_resume_token']).catch(() => undefined)
  return read?.properties.receive_resume_token.value ?? null
}

async function hasSnapshots(zfs: Zfs, root: string): Promise<boolean> {
  const snapshots = await zfs.list({ root, depth: 1, types: ['snapshot'] }).catch(() => [])
  return snapshots.length > 0
}
