import type { NvInput } from '../nvlist/types.ts'

/**
 * What a stream may have in it: `embedded_data` (WRITE_EMBEDDED records), `large_blocks` (more than 128 KiB),
 * `compress` (blocks as they are on disk), `raw` (encrypted as on disk), `saved` (of a partially received dataset).
 */
export type SendFlag = 'embedded_data' | 'large_blocks' | 'compress' | 'raw' | 'saved'

export interface SendOptions {
  /** The snapshot or bookmark that an incremental stream begins at; without it the stream is full. */
  readonly from?: string
  readonly flags?: readonly SendFlag[]
}

/** Where to go on, as a `receive_resume_token` says. */
export interface SendResumeOptions extends SendOptions {
  /** Number of the object; default 0. */
  readonly resumeObject?: bigint | number
  /** Bytes into the object; default 0. */
  readonly resumeOffset?: bigint | number
}

export interface SendSpaceResumeOptions extends SendResumeOptions {
  /** Bytes that were sent before; default 0. */
  readonly resumeBytes?: bigint | number
  /** The part behind the `#` of the redaction bookmark. */
  readonly redactionBookmark?: string
  /** Default -1: none. */
  readonly fd?: number
}

/**
 * Sending. `fd` is an open descriptor to be written to: a pipe is written to by the kernel directly. The promise form
 * does not hold up reading files or other calls; it cannot be cancelled: close the pipe's other end.
 * All throw SnapshotNotFound, PoolsDiffer, SnapshotMismatch (`from` is not earlier in the same history),
 * EncryptionKeyNotLoaded (without `raw`), PermissionDenied; for all else StreamIOError.
 */
export interface SendCalls {
  send(snapshot: string, fd: number, options?: SendOptions): void
  sendResume(snapshot: string, fd: number, options?: SendResumeOptions): void
  /** Without what the redaction bookmark (the part behind the `#`) lists. */
  sendRedacted(snapshot: string, fd: number, redactionBookmark: string, options?: SendOptions): void
  sendResumeRedacted(snapshot: string, fd: number, redactionBookmark: string, options?: SendResumeOptions): void
  /** Estimated bytes of the stream. `from` may be a bookmark. */
  sendSpace(snapshot: string, options?: SendOptions): bigint
  /** Estimated bytes of what is left to send. */
  sendSpaceResumeRedacted(snapshot: string, options?: SendSpaceResumeOptions): bigint
  /**
   * How far a send of this process to `fd` is. Throws SnapshotNotFound when there is no such send, and
   * CallNotSupported up to OpenZFS 2.4, which declare it and do not have it.
   */
  sendProgress(snapshot: string, fd: number): { bytes: bigint; blocks: bigint }
}

export interface ReceiveOptions {
  /** Roll the destination back to its latest snapshot first, and destroy what the stream does not have. */
  readonly force?: boolean
  /** The stream is one that was sent with `raw`. */
  readonly raw?: boolean
  /** The snapshot that a clone is received onto. */
  readonly origin?: string
  /** Properties as received ones; native values. */
  readonly props?: NvInput
}

export interface ReceiveHeaderOptions extends ReceiveOptions {
  /** Keep what was received when the stream breaks off. */
  readonly resumable?: boolean
}

export interface ReceiveCmdpropsOptions extends ReceiveHeaderOptions {
  /** A value overrides a property locally, null excludes it (`zfs receive -o`, `-x`). */
  readonly cmdprops?: NvInput
  /** Wrapping key of 32 bytes, for a new encryption root. */
  readonly key?: Uint8Array
}

export interface ReceiveHealOptions extends ReceiveCmdpropsOptions {
  /** Repair damaged blocks of the snapshot, which exists, with those of the stream; nothing else changes. */
  readonly corrective?: boolean
}

/** What a receive came to. */
export interface Received {
  /** Bytes that were read behind the begin record. */
  readonly bytes: bigint
  /** zprop_errflags_t: set bits say which steps behind the data had errors. */
  readonly errorFlags: bigint
}

/**
 * Receiving. `snapshot` is to be made from the stream that `fd` gives; `beginRecord` is the stream's first record, as
 * `receiveHeader(fd)` reads it. All throw DatasetExists, DatasetNotFound, DestinationModified, StreamMismatch,
 * BadStream, StreamFeatureNotSupported, StreamTruncated and its relatives, NoSpace, QuotaExceeded, DatasetBusy,
 * EncryptionKeyNotLoaded, ReadOnlyPool, SuspendedPool, PermissionDenied; for all else StreamIOError. What was
 * received with properties that were refused throws ReceivePropertyFailure, and the data are there.
 * Any number of sends and receives may be under way: none waits for the thread of another.
 */
export interface ReceiveCalls {
  receive(snapshot: string, fd: number, options?: ReceiveOptions): void
  /** Keeps what was received when the stream breaks off: the dataset then has a `receive_resume_token`. */
  receiveResumable(snapshot: string, fd: number, options?: ReceiveOptions): void
  receiveWithHeader(snapshot: string, fd: number, beginRecord: Uint8Array, options?: ReceiveHeaderOptions): void
  receiveOne(snapshot: string, fd: number, beginRecord: Uint8Array, options?: ReceiveHeaderOptions): Received
  receiveWithCmdprops(snapshot: string, fd: number, beginRecord: Uint8Array, options?: ReceiveCmdpropsOptions): Received
  receiveWithHeal(snapshot: string, fd: number, beginRecord: Uint8Array, options?: ReceiveHealOptions): Received
}
