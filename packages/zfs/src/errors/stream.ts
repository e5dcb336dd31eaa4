import { registerErrors } from '@gaoler/core'
import { E } from '../errno.ts'
import { shown, type Text, ZFSError, type ZfsErrorInput } from './base.ts'

/**
 * A raw incremental stream builds on a snapshot or bookmark that was made before ZFS kept the ids of its vectors.
 * @remedy Send the whole snapshot again, or see zfs_disable_ivset_guid_check of zfs(4).
 */
export class StreamIvsetGuidMissing extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_IVSET_GUID_MISSING'
  static override readonly errno: number = E.FROM_IVSET_GUID_MISSING
  static override readonly text: Text = () =>
    'the snapshot that the raw stream builds on has no IV set guid; send a full raw stream first'
}
/**
 * The received snapshot is not the one, encrypted as it was, that the raw incremental stream builds on.
 * @remedy Send from the snapshot that the destination has received raw.
 */
export class StreamIvsetGuidMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_IVSET_GUID_MISMATCH'
  static override readonly errno: number = E.FROM_IVSET_GUID_MISMATCH
  static override readonly text: Text = (d) =>
    `the latest snapshot of ${shown(d, 'this call')} was not received raw from what this stream builds on; send a full raw stream`
}
/**
 * The stream was made by an OpenZFS before 0.8, whose streams are unsafe with these features.
 * @remedy Send with a newer OpenZFS.
 */
export class StreamSpillFlagMissing extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_SPILL_FLAG_MISSING'
  static override readonly errno: number = E.SPILL_BLOCK_FLAG_MISSING
  static override readonly text: Text = () =>
    'the stream lacks the flag for spill blocks that a raw receive needs; send it with a newer OpenZFS'
}
/**
 * An incremental stream was sent without large blocks, onto a dataset that was received with them.
 * @remedy Send with the flag large_blocks, as before.
 */
export class StreamLargeBlockMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_LARGE_BLOCK_MISMATCH'
  static override readonly errno: number = E.STREAM_LARGE_BLOCK_MISMATCH
  static override readonly text: Text = (d) =>
    `${shown(d, 'the destination')} has large blocks and the stream has not; send it with the flag "large_blocks"`
}
/**
 * The stream has large directory blocks (microzaps) that the receiving pool does not know.
 * @remedy Upgrade the receiving pool.
 */
export class StreamLargeMicrozap extends ZFSError {
  static override readonly code: string = 'ZFS_STREAM_LARGE_MICROZAP'
  static override readonly errno: number = E.STREAM_LARGE_MICROZAP
  static override readonly text: Text = () =>
    'the stream has large microzaps, which were not asked for; send it with the flag "large_blocks"'
}
/**
 * A receive of this dataset was interrupted and can be resumed.
 * @remedy Resume it with its token, or throw away what was received with abortReceive().
 */
export class ResumeExists extends ZFSError {
  static override readonly code: string = 'ZFS_RESUME_EXISTS'
  static override readonly errno: number = E.RESUME_EXISTS
  static override readonly text: Text = (d) =>
    `${shown(d, 'the destination')} is partially received; resume that by its receive_resume_token, or throw it away with abortReceive()`
}
/**
 * A resume token does not say whether its stream was redacted, and the filesystem has redaction bookmarks (`bookmarks`, the
 * parts behind the `#`): a rest that is sent whole would hold what was to be left out.
 * @remedy Give `redactionBookmark` again as it was; or null, if the stream was not redacted.
 */
export class ResumeRedactionUnknown extends ZFSError<ZfsErrorInput & Readonly<{ bookmarks: readonly string[] }>> {
  static override readonly code: string = 'ZFS_RESUME_REDACTION_UNKNOWN'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `the token does not tell whether the stream was redacted, and the filesystem of ${shown(d, 'the snapshot')} has redaction bookmarks ` +
    `(${[d.bookmarks ?? []].flat().join(', ') || 'or had them'}); give redactionBookmark as it was, or null if it was not redacted`
}
/**
 * What the stream or the dataset has of encryption does not go with what was asked.
 * @remedy Send raw, or receive into a dataset that is encrypted otherwise.
 */
export class CryptoNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_CRYPTO_NOT_SUPPORTED'
  static override readonly errno: number = E.CRYPTO_NOTSUP
  static override readonly text: Text = (d) =>
    `${shown(d, 'the dataset')} is encrypted in a way that this operation does not support; see zfs-send(8) on raw streams`
}

registerErrors({
  StreamIvsetGuidMissing,
  StreamIvsetGuidMismatch,
  StreamSpillFlagMissing,
  StreamLargeBlockMismatch,
  StreamLargeMicrozap,
  ResumeExists,
  ResumeRedactionUnknown,
  CryptoNotSupported,
})
