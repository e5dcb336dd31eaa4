import type { Readable } from 'node:stream'
import { type Operation, OperationCancelled, type OperationOptions, operation } from '@gaoler/core'
import type { SendFlag, SendOptions, SendResumeOptions } from '../calls/streams.ts'
import {
  ArgumentInvalid,
  BookmarkNotFound,
  NotSupportedOnEmbedded,
  ResumeRedactionUnknown,
  SnapshotMismatch,
} from '../errors.ts'
import { filesystemOf } from '../names.ts'
import type { Zfs } from '../zfs.ts'
import { estimate, runSend, sendArguments } from './command.ts'
import { fromPipe, fromWrites, Outflow } from './outflow.ts'
import { ownStreamsOf } from './own.ts'
import { progressOf } from './progress.ts'
import { parseResumeToken, type ResumeToken } from './token.ts'

export interface SendStreamOptions extends OperationOptions {
  /** The snapshot or bookmark that an incremental stream begins at; without it the stream is full. */
  readonly from?: string
  readonly flags?: readonly SendFlag[]
  /**
   * The part behind the `#` of a bookmark that redact() made of this snapshot: what it lists is left out. With a
   * `resumeToken`, null says that the interrupted stream was not redacted.
   */
  readonly redactionBookmark?: string | null
  /**
   * A `receive_resume_token`: the rest of an interrupted stream. It says by itself where that began and goes on, but not that
   * a stream was redacted, and a rest that has what was to be left out is taken. So `redactionBookmark` must be given with it
   * where the filesystem has redaction bookmarks: the same again, or null. Else ResumeRedactionUnknown.
   */
  readonly resumeToken?: string
  /** A package with all datasets below, their snapshots and properties (`zfs send -R`). */
  readonly replicate?: boolean
  /** A package with every snapshot between `from` and this one (`zfs send -I`). */
  readonly intermediates?: boolean
  /** A package with the dataset's properties (`zfs send -p`). */
  readonly properties?: boolean
}

/** What a send came to. */
export interface Sent {
  readonly snapshot: string
  /** Bytes of the stream. */
  readonly bytes: bigint
}

export interface SendStream {
  /** The stream. `Readable.toWeb(readable)` makes a Web stream of it. */
  readonly readable: Readable
  /** Tells how far it is, and ends when all was read. */
  readonly operation: Operation<Sent>
}

/**
 * Sends a snapshot as a stream of bytes. It begins when `readable` is first read; `operation` watches it, and need not be
 * used: `await Promise.all([drain(operation), pipeline(readable, …)])`. A `readable` that is given to receiveStream() unread
 * becomes a pipe from kernel to kernel: nothing passes through this process, and progress is what the kernel tells.
 *
 * Progress of `operation` is in bytes, of an estimate (sendSpace), with the bytes per second as `payload.rate`. Cancelling it
 * destroys `readable`; destroying `readable` ends the send, which `operation` tells as StreamIOError. What makes the send
 * fail destroys `readable` with the error that `operation` throws.
 *
 * No thread of libuv's waits for the stream. A package (`replicate`, `intermediates`, `properties`) is made by the command
 * `zfs send`; the embedded ZFS has none, and neither redacts nor resumes (NotSupportedOnEmbedded).
 *
 * Throws, when the stream is begun, what the raw calls throw (SnapshotNotFound, SnapshotMismatch, BookmarkNotFound,
 * EncryptionKeyNotLoaded, PermissionDenied, StreamIOError), ArgumentInvalid for a token that is none, and
 * ResumeRedactionUnknown for one that may be of a redacted stream.
 */
export function sendStream(zfs: Zfs, snapshot: string, options: SendStreamOptions = {}): SendStream {
  const { from, signal, onEvent, logger, eventScope } = options
  const asked = `send "${snapshot}"${from === undefined ? '' : ` from "${from}"`}`
  const own = ownStreamsOf(zfs)
  const outflow = new Outflow(
    asked,
    own
      ? fromWrites(asked, (write) => own.send(snapshot, write, plain(options)))
      : fromPipe(
          asked,
          (fd) => produce(zfs, snapshot, options, asked, fd),
          isPackage(options) ? undefined : progressOf(zfs, snapshot),
        ),
  )
  const { readable, meter } = outflow
  const payload = { snapshot, ...(from === undefined ? {} : { from }) }
  const init = { signal, onEvent, logger, eventScope, identifier: snapshot, payload }
  const made = operation(
    'ZFSSend',
    async (s) => {
      // Whoever pulls here is told of a failure; the stream need have no listener for it.
      readable.on('error', () => {})
      const cancel = (): void => void readable.destroy(cancelled(asked, s.signal))
      s.signal.addEventListener('abort', cancel, { once: true })
      meter.tell(s)
      try {
        void expect(zfs, snapshot, options, asked).then(
          (total) => {
            meter.total = total
          },
          () => {},
        )
        await outflow.done
      } catch (error) {
        throw s.signal.aborted ? s.signal.reason : error
      } finally {
        s.signal.removeEventListener('abort', cancel)
      }
      meter.finish()
      return { snapshot, bytes: BigInt(meter.bytes) }
    },
    init,
  )
  if (signal) cancelBy(signal, readable, asked)
  return { readable, operation: made }
}

/** The signal is one of both, whichever is used. */
function cancelBy(signal: AbortSignal, readable: Readable, asked: string): void {
  const cancel = (): void => {
    // Who cancels need not be told, unless he reads.
    readable.on('error', () => {})
    readable.destroy(cancelled(asked, signal))
  }
  if (signal.aborted) cancel()
  else signal.addEventListener('abort', cancel, { once: true })
  readable.once('close', () => signal.removeEventListener('abort', cancel))
}

function cancelled(asked: string, { reason }: AbortSignal): OperationCancelled {
  return new OperationCancelled({ operation: asked }, { cause: reason })
}

const isPackage = ({ replicate, intermediates, properties }: SendStreamOptions): boolean =>
  Boolean(replicate || intermediates || properties)

/** The options of a stream of the embedded ZFS. */
function plain(options: SendStreamOptions): SendOptions {
  const { from, flags, redactionBookmark, resumeToken } = options
  const unknown = Object.entries({ packages: isPackage(options), redactionBookmark, resumeToken })
  const name = unknown.find(([, value]) => value != null && value !== false)?.[0]
  if (name !== undefined) throw new NotSupportedOnEmbedded({ name: `sendStream with ${name}` })
  return { from, flags }
}

/** Writes the stream into a descriptor. */
async function produce(
  zfs: Zfs,
  snapshot: string,
  options: SendStreamOptions,
  asked: string,
  fd: number,
): Promise<void> {
  const { from, flags, redactionBookmark, resumeToken } = options
  if (isPackage(options)) {
    if (resumeToken !== undefined) {
      throw new ArgumentInvalid({
        argument: 'resumeToken',
        asked,
        reason: 'goes on with one stream, not with a package',
      })
    }
    await runSend(zfs, snapshot, sendArguments(snapshot, options, asked), asked, fd)
  } else if (resumeToken !== undefined) {
    const token = parseResumeToken(resumeToken)
    const place = await placeOf(zfs, snapshot, token, asked)
    const bookmark = await redactionOf(zfs, snapshot, token, redactionBookmark, asked)
    if (bookmark === null) await zfs.sendResume(snapshot, fd, place)
    else await zfs.sendResumeRedacted(snapshot, fd, bookmark, place)
  } else if (redactionBookmark != null) {
    await zfs.sendRedacted(snapshot, fd, redactionBookmark, { from, flags })
  } else {
    await zfs.send(snapshot, fd, { from, flags })
  }
}

async function expect(
  zfs: Zfs,
  snapshot: string,
  options: SendStreamOptions,
  asked: string,
): Promise<number | undefined> {
  const { from, flags, redactionBookmark, resumeToken } = options
  if (isPackage(options)) {
    const bytes = await estimate(sendArguments(snapshot, options, asked))
    return bytes === undefined ? undefined : Number(bytes)
  }
  if (resumeToken !== undefined) {
    const token = parseResumeToken(resumeToken)
    const place = await placeOf(zfs, snapshot, token, asked)
    const rest = { ...place, resumeBytes: token.bytes, redactionBookmark: redactionBookmark ?? undefined }
    return Number(await zfs.sendSpaceResumeRedacted(snapshot, rest))
  }
  if (redactionBookmark != null) {
    return Number(await zfs.sendSpaceResumeRedacted(snapshot, { from, flags, redactionBookmark }))
  }
  return Number(await zfs.sendSpace(snapshot, { from, flags }))
}

/** Where a token goes on: the names that its guids have here. */
async function placeOf(zfs: Zfs, snapshot: string, token: ResumeToken, asked: string): Promise<SendResumeOptions> {
  const guid = (await zfs.get(snapshot, ['guid'])).properties.guid.value
  if (guid !== token.toGuid) {
    throw new SnapshotMismatch({ name: snapshot, asked, reason: `the token is for ${token.toName}` })
  }
  const from = token.fromGuid === undefined ? undefined : await named(zfs, snapshot, token.fromGuid, asked)
  return { from, flags: token.flags, resumeObject: token.object, resumeOffset: token.offset }
}

/** The snapshot or bookmark of a guid: of the same filesystem, or the origin that it was cloned from. */
async function named(zfs: Zfs, snapshot: string, guid: bigint, asked: string): Promise<string> {
  const filesystem = filesystemOf(snapshot)
  const { value: origin } = (await zfs.get(filesystem, ['origin'])).properties.origin
  const roots = origin === null ? [filesystem] : [filesystem, filesystemOf(origin)]
  for (const root of roots) {
    const found = await zfs.list({ root, depth: 1, types: ['snapshot', 'bookmark'], properties: ['guid'] })
    const match = found.find(({ properties }) => properties.guid.value === guid)
    if (match) return match.name
  }
  throw new BookmarkNotFound({ name: `${filesystem}#`, asked, reason: `nothing here has the guid ${guid}` })
}

/** What the rest is redacted by; null: by nothing. Only the caller knows, wherever there is anything that it may be. */
async function redactionOf(
  zfs: Zfs,
  snapshot: string,
  { redactSnaps }: ResumeToken,
  given: string | null | undefined,
  asked: string,
): Promise<string | null> {
  if (given !== undefined) return given
  // Of whatever snapshot: the kernel redacts one by the bookmark of another as well.
  const all = Object.entries(await zfs.getBookmarks(filesystemOf(snapshot), ['redact_snaps']))
  const bookmarks = all.flatMap(([name, { redact_snaps }]) => (redact_snaps ? name : []))
  if (bookmarks.length === 0 && redactSnaps === undefined) return null
  throw new ResumeRedactionUnknown({ name: snapshot, asked, bookmarks })
}
