import { registerErrors } from '@gaoler/core'
import { E, errnoName } from '../errno.ts'
import { shown, type Text, ZFSError, type ZfsErrorInput } from './base.ts'

export class SnapshotNotLatest extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_NOT_LATEST'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `${shown(d, 'the snapshot')} is not the latest snapshot; destroy the later ones first`
}
/** The snapshot has a clone, which needs it. */
export class SnapshotIsCloned extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_IS_CLONED'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} has clones; destroy or promote them first, or destroy it deferred`
}
export class SnapshotIsHeld extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_IS_HELD'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} is held; release its holds first, or destroy it deferred`
}
export class DuplicateSnapshots extends ZFSError {
  static override readonly code: string = 'ZFS_DUPLICATE_SNAPSHOTS'
  static override readonly errno: number = E.EXDEV
  static override readonly text: Text = (d) =>
    `two snapshots of one filesystem were asked for in one call${d.name === undefined ? '' : ` ("${d.name}")`}; make two calls`
}
export class SnapshotMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_MISMATCH'
  static override readonly errno: number = E.ENODEV
  static override readonly text: Text = (d) =>
    `${shown(d, 'the snapshot')} is of another filesystem, or not later; give two of one filesystem, in order`
}

export class BookmarkExists extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_EXISTS'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the bookmark ${shown(d)} exists already; choose another name or destroy it`
}
export class BookmarkNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) =>
    `the bookmark ${shown(d)} does not exist; check the name with \`zfs list -t bookmark\``
}
export class BookmarkMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_MISMATCH'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `the source ${shown(d)} is not an ancestor of the bookmark's filesystem; bookmark it where it was taken`
}
export class BookmarkSourceInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_SOURCE_INVALID'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `the source ${shown(d)} cannot be bookmarked; give a snapshot or a bookmark`
}
export class BookmarkNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = (d) =>
    `the pool of ${shown(d)} has no feature "bookmarks" (or "bookmark_v2"); run \`zpool upgrade\``
}

export class BadHoldCleanupFD extends ZFSError {
  static override readonly code: string = 'ZFS_BAD_HOLD_CLEANUP_FD'
  static override readonly errno: number = E.EBADF
  static override readonly text: Text = () =>
    'cleanupFd is not an open descriptor of /dev/zfs; open one, or leave it out'
}
/** `name` is the snapshot. */
export class HoldExists extends ZFSError {
  static override readonly code: string = 'ZFS_HOLD_EXISTS'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} has a hold of this tag already; choose another tag`
}
/** `name` is the snapshot. */
export class HoldNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_HOLD_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) => `the snapshot ${shown(d)} has no hold of this tag; see getHolds()`
}

export class StreamMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_MISMATCH'
  static override readonly errno: number = E.ENODEV
  static override readonly text: Text = (d) =>
    `the incremental stream does not begin at the latest snapshot of ${shown(d)}; send from that one`
}
export class DestinationModified extends ZFSError {
  static override readonly code: string = 'ZFS_DESTINATION_MODIFIED'
  static override readonly errno: number = E.ETXTBSY
  static override readonly text: Text = (d) =>
    `${shown(d, 'the destination')} was modified since its latest snapshot; roll it back, or receive with force`
}
export class BadStream extends ZFSError {
  static override readonly code: string = 'ZFS_BAD_STREAM'
  static override readonly errno: number = E.ECKSUM
  static override readonly text: Text = () => 'the stream is damaged or is no ZFS stream; send it again'
}
export class StreamFeatureNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_FEATURE_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = () =>
    'the stream has a feature that the receiving pool lacks; upgrade the pool or send without it'
}
export class UnknownStreamFeature extends ZFSError {
  static override readonly code: string = 'ZFS_UNKNOWN_STREAM_FEATURE'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = () => 'a flag of the stream is unknown to this system; upgrade OpenZFS here'
}
export class StreamFeatureInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_FEATURE_INVALID'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = () => 'the feature asked for does not go with this kind of stream; leave it out'
}
export class StreamFeatureIncompatible extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_FEATURE_INCOMPATIBLE'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = () =>
    'the stream has features that do not go together with how it is received; send it without them'
}
/** The stream ended early; with a resumable receive it can be continued. */
export class StreamTruncated extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_TRUNCATED'
  static override readonly errno: number = E.STREAM_TRUNCATED
  static override readonly text: Text = () => 'the stream ended before its end record; send it again, or resume it'
}
/** Reading or writing the stream failed; `errno` says how. */
export class StreamIOError extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_IO'
  static override readonly errno: number = E.EIO
  static override readonly text: Text = (d) =>
    `the stream could not be read or written (${errnoName(d.errno)}); see what is at its other end`
}

/** A program's own error, as the kernel told it, is in `details.message`. */
export class ZCPError extends ZFSError<ZfsErrorInput & Readonly<{ message?: string }>> {
  static override readonly code: string = 'ZFS_ZCP'
}
export class ZCPSyntaxError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_SYNTAX'
  static override readonly text: Text = (d) => `the channel program is no valid Lua: ${d.message ?? 'no details'}`
}
export class ZCPRuntimeError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_RUNTIME'
  static override readonly errno: number = E.ECHRNG
  static override readonly text: Text = (d) => `the channel program failed while running: ${d.message ?? 'no details'}`
}
export class ZCPLimitInvalid extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_LIMIT_INVALID'
  static override readonly text: Text = () => 'the limit of instructions or memory is out of range; give a smaller one'
}
export class ZCPTimeout extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_TIMEOUT'
  static override readonly errno: number = E.ETIME
  static override readonly text: Text = () => 'the channel program ran out of instructions; raise the limit or split it'
}
export class ZCPSpaceError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_SPACE'
  static override readonly errno: number = E.ENOSPC
  static override readonly text: Text = () => 'the channel program ran out of memory; raise the limit or split it'
}
export class ZCPMemoryError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_MEMORY'
  static override readonly errno: number = E.ENOMEM
  static override readonly text: Text = () =>
    'the answer of the channel program is larger than its limit of memory; it did run: return less, or raise the limit'
}
export class ZCPPermissionError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_PERMISSION'
  static override readonly errno: number = E.EPERM
  static override readonly text: Text = () => 'only root may run channel programs; run as root'
}

registerErrors({
  SnapshotNotLatest,
  SnapshotIsCloned,
  SnapshotIsHeld,
  DuplicateSnapshots,
  SnapshotMismatch,
  BookmarkExists,
  BookmarkNotFound,
  BookmarkMismatch,
  BookmarkSourceInvalid,
  BookmarkNotSupported,
  BadHoldCleanupFD,
  HoldExists,
  HoldNotFound,
  StreamMismatch,
  DestinationModified,
  BadStream,
  StreamFeatureNotSupported,
  UnknownStreamFeature,
  StreamFeatureInvalid,
  StreamFeatureIncompatible,
  StreamTruncated,
  StreamIOError,
  ZCPError,
  ZCPSyntaxError,
  ZCPRuntimeError,
  ZCPLimitInvalid,
  ZCPTimeout,
  ZCPSpaceError,
  ZCPMemoryError,
  ZCPPermissionError,
})
