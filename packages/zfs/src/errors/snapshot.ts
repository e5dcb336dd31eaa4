import { registerErrors } from '@gaoler/core'
import { E, errnoName } from '../errno.ts'
import { shown, type Text, ZFSError, type ZfsErrorInput } from './base.ts'

/** @remedy Destroy the later snapshots, or roll back to the latest. */
export class SnapshotNotLatest extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_NOT_LATEST'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `${shown(d, 'the snapshot')} is not the latest snapshot; destroy the later ones first`
}
/**
 * The snapshot has a clone, which needs it.
 * @remedy Destroy or promote the clone, or pass `defer`.
 */
export class SnapshotIsCloned extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_IS_CLONED'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} has clones; destroy or promote them first, or destroy it deferred`
}
/** @remedy Release its holds, which getHolds() tells, or pass `defer`. */
export class SnapshotIsHeld extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_IS_HELD'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} is held; release its holds first, or destroy it deferred`
}
/** @remedy Name each filesystem once in a call. */
export class DuplicateSnapshots extends ZFSError {
  static override readonly code: string = 'ZFS_DUPLICATE_SNAPSHOTS'
  static override readonly errno: number = E.EXDEV
  static override readonly text: Text = (d) =>
    `two snapshots of one filesystem were asked for in one call${d.name === undefined ? '' : ` ("${d.name}")`}; make two calls`
}
/** @remedy Give two snapshots of one filesystem, the earlier one first. */
export class SnapshotMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_SNAPSHOT_MISMATCH'
  static override readonly errno: number = E.ENODEV
  static override readonly text: Text = (d) =>
    `${shown(d, 'the snapshot')} is of another filesystem, or not later; give two of one filesystem, in order`
}

/** @remedy Choose another name, or destroy the bookmark. */
export class BookmarkExists extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_EXISTS'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the bookmark ${shown(d)} exists already; choose another name or destroy it`
}
/** @remedy Check the name with getBookmarks(). */
export class BookmarkNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) =>
    `the bookmark ${shown(d)} does not exist; check the name with \`zfs list -t bookmark\``
}
/** @remedy Bookmark it in the filesystem where its snapshot was taken. */
export class BookmarkMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_MISMATCH'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `the source ${shown(d)} is not an ancestor of the bookmark's filesystem; bookmark it where it was taken`
}
/** @remedy Give a snapshot or a bookmark as source. */
export class BookmarkSourceInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_SOURCE_INVALID'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `the source ${shown(d)} cannot be bookmarked; give a snapshot or a bookmark`
}
/** @remedy Run `zpool upgrade` on the pool. */
export class BookmarkNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_BOOKMARK_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = (d) =>
    `the pool of ${shown(d, 'this call')} has no feature "bookmarks" (or "bookmark_v2"); run \`zpool upgrade\``
}

/** @remedy Open /dev/zfs and give its descriptor, or leave cleanupFd out. */
export class BadHoldCleanupFD extends ZFSError {
  static override readonly code: string = 'ZFS_BAD_HOLD_CLEANUP_FD'
  static override readonly errno: number = E.EBADF
  static override readonly text: Text = () =>
    'cleanupFd is not an open descriptor of /dev/zfs; open one, or leave it out'
}
/**
 * `name` is the snapshot.
 * @remedy Choose another tag; there is nothing to do if the hold is yours.
 */
export class HoldExists extends ZFSError {
  static override readonly code: string = 'ZFS_HOLD_EXISTS'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} has a hold of this tag already; choose another tag`
}
/**
 * `name` is the snapshot.
 * @remedy See the tags with getHolds().
 */
export class HoldNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_HOLD_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) => `the snapshot ${shown(d)} has no hold of this tag; see getHolds()`
}

/** @remedy Send from the latest snapshot that the destination has. */
export class StreamMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_MISMATCH'
  static override readonly errno: number = E.ENODEV
  static override readonly text: Text = (d) =>
    `the incremental stream does not begin at the latest snapshot of ${shown(d, 'this call')}; send from that one`
}
/** @remedy Roll the destination back, or receive with `force`. */
export class DestinationModified extends ZFSError {
  static override readonly code: string = 'ZFS_DESTINATION_MODIFIED'
  static override readonly errno: number = E.ETXTBSY
  static override readonly text: Text = (d) =>
    `${shown(d, 'the destination')} was modified since its latest snapshot; roll it back, or receive with force`
}
/** @remedy Send it again; look for what changed it on its way. */
export class BadStream extends ZFSError {
  static override readonly code: string = 'ZFS_BAD_STREAM'
  static override readonly errno: number = E.ECKSUM
  static override readonly text: Text = () => 'the stream is damaged or is no ZFS stream; send it again'
}
/** @remedy Upgrade the receiving pool, or send without the feature's flag. */
export class StreamFeatureNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_FEATURE_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = () =>
    'the stream has a feature that the receiving pool lacks; upgrade the pool or send without it'
}
/** @remedy Receive it with a newer OpenZFS. */
export class UnknownStreamFeature extends ZFSError {
  static override readonly code: string = 'ZFS_UNKNOWN_STREAM_FEATURE'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = () => 'a flag of the stream is unknown to this system; upgrade OpenZFS here'
}
/** @remedy Send it with other flags. */
export class StreamFeatureInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_FEATURE_INVALID'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = () => 'the feature asked for does not go with this kind of stream; leave it out'
}
/** @remedy Send all increments with the same flags. */
export class StreamFeatureIncompatible extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_FEATURE_INCOMPATIBLE'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = () =>
    'the stream has features that do not go together with how it is received; send it without them'
}
/**
 * The stream ended early; with a resumable receive it can be continued.
 * @remedy Resume it with the token, if it was received resumably; else send it again.
 */
export class StreamTruncated extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_TRUNCATED'
  static override readonly errno: number = E.STREAM_TRUNCATED
  static override readonly text: Text = () => 'the stream ended before its end record; send it again, or resume it'
}
/**
 * Reading or writing the stream failed; `errno` says how.
 * @remedy See whether the other end of the pipe has ended, and why; `errno` says what happened.
 */
export class StreamIOError extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_IO'
  static override readonly errno: number = E.EIO
  static override readonly text: Text = (d) =>
    `the stream could not be read or written (${errnoName(d.errno)}); see what is at its other end`
}

/**
 * A program's own error, as the kernel told it, is in `details.message`.
 * @remedy Read `details.message`.
 */
export class ZCPError extends ZFSError<ZfsErrorInput & Readonly<{ message?: string }>> {
  static override readonly code: string = 'ZFS_ZCP'
}
/** @remedy Correct the program at the line that `details.message` names. */
export class ZCPSyntaxError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_SYNTAX'
  static override readonly text: Text = (d) => `the channel program is no valid Lua: ${d.message ?? 'no details'}`
}
/** @remedy Correct the program, or its arguments; `details.message` says where. */
export class ZCPRuntimeError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_RUNTIME'
  static override readonly errno: number = E.ECHRNG
  static override readonly text: Text = (d) => `the channel program failed while running: ${d.message ?? 'no details'}`
}
/** @remedy Take limits within zfs_lua_max_instrlimit and zfs_lua_max_memlimit. */
export class ZCPLimitInvalid extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_LIMIT_INVALID'
  static override readonly text: Text = () => 'the limit of instructions or memory is out of range; give a smaller one'
}
/** @remedy Raise `instructionLimit`, or let the program do less. */
export class ZCPTimeout extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_TIMEOUT'
  static override readonly errno: number = E.ETIME
  static override readonly text: Text = () => 'the channel program ran out of instructions; raise the limit or split it'
}
/** @remedy Raise `memoryLimit`, or let the program keep less. */
export class ZCPSpaceError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_SPACE'
  static override readonly errno: number = E.ENOSPC
  static override readonly text: Text = () => 'the channel program ran out of memory; raise the limit or split it'
}
/** @remedy Raise `memoryLimit`, or let the program return less; what it changed is done. */
export class ZCPMemoryError extends ZCPError {
  static override readonly code: string = 'ZFS_ZCP_MEMORY'
  static override readonly errno: number = E.ENOMEM
  static override readonly text: Text = () =>
    'the answer of the channel program is larger than its limit of memory; it did run: return less, or raise the limit'
}
/** @remedy Run it as root; nobody else may. */
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
