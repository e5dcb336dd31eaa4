import { registerErrors } from '@gaoler/core'
import { E, errnoName } from '../errno.ts'
import { shown, type Text, ZFSError, type ZfsErrorInput } from './base.ts'

/**
 * There is no such dataset (of a kind that the call does not tell).
 * @remedy Check the name with list(), and that its pool is imported.
 */
export class DatasetNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_DATASET_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) =>
    `the dataset ${shown(d)} does not exist; check the name with \`zfs list\``
}
/** @remedy Check the name with list(), and that its pool is imported. */
export class FilesystemNotFound extends DatasetNotFound {
  static override readonly code: string = 'ZFS_FILESYSTEM_NOT_FOUND'
  static override readonly text: Text = (d) =>
    `the filesystem or volume ${shown(d)} does not exist; check the name with \`zfs list\``
}
/** @remedy Check the name with list({ types: ['snapshot'] }). */
export class SnapshotNotFound extends DatasetNotFound {
  static override readonly code: string = 'ZFS_SNAPSHOT_NOT_FOUND'
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} does not exist; check the name with \`zfs list -t snapshot\``
}

/**
 * The name is taken.
 * @remedy Choose another name, or destroy what has it.
 */
export class DatasetExists extends ZFSError {
  static override readonly code: string = 'ZFS_DATASET_EXISTS'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the dataset ${shown(d)} exists already; choose another name or destroy it`
}
/** @remedy Choose another name, or destroy what has it. */
export class FilesystemExists extends DatasetExists {
  static override readonly code: string = 'ZFS_FILESYSTEM_EXISTS'
  static override readonly text: Text = (d) =>
    `the filesystem or volume ${shown(d)} exists already; choose another name or destroy it`
}
/** @remedy Choose another name, or rename or destroy the snapshot. */
export class SnapshotExists extends DatasetExists {
  static override readonly code: string = 'ZFS_SNAPSHOT_EXISTS'
  static override readonly text: Text = (d) =>
    `the snapshot ${shown(d)} exists already; choose another name, rename it or destroy it`
}

/**
 * The parent of the dataset does not exist. `name` is the dataset that was asked for.
 * @remedy Create the parent first.
 */
export class ParentNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_PARENT_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) =>
    `the parent of ${shown(d, 'this call')} does not exist; create that first`
}
/**
 * The parent is no filesystem: volumes have no children.
 * @remedy Choose a filesystem as parent, and none below the dataset itself.
 */
export class WrongParent extends ZFSError {
  static override readonly code: string = 'ZFS_WRONG_PARENT'
  static override readonly errno: number = E.WRONG_PARENT
  static override readonly text: Text = (d) =>
    d.reason === undefined
      ? `the parent of ${shown(d, 'this call')} is not a filesystem; only filesystems have children`
      : `${shown(d)} cannot be there: ${String(d.reason)}; choose another parent`
}
/** @remedy Nothing is to be promoted; clone a snapshot first. */
export class NotClone extends ZFSError {
  static override readonly code: string = 'ZFS_NOT_CLONE'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) => `${shown(d, 'the dataset')} is not a clone; only a clone can be promoted`
}
/**
 * The dataset is in use: mounted, with children, with snapshots, sent or received.
 * @remedy Unmount it, end what uses it, destroy what depends on it; the reason names it where ZFS tells.
 */
export class DatasetBusy extends ZFSError {
  static override readonly code: string = 'ZFS_DATASET_BUSY'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) =>
    d.reason === undefined
      ? `the dataset ${shown(d)} is busy; unmount it, destroy its snapshots and end what uses it (open files, a send)`
      : `the dataset ${shown(d)} is busy: ${String(d.reason)}; remove that first`
}
/** @remedy Name a dataset of the type that the message wants. */
export class DatasetTypeInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_DATASET_TYPE_INVALID'
  static override readonly text: Text = (d) =>
    d.reason === undefined
      ? `${shown(d)} is no type of dataset; it is "zfs" or "zvol"`
      : `${shown(d)} is of the wrong type: ${d.reason}; name a filesystem`
}

/**
 * A name, or after a rename one below it, is too long: 255 bytes for datasets and tags, 50 levels of datasets.
 * @remedy Choose a shorter name: 255 bytes with all its parents, 50 levels.
 */
export class NameTooLong extends ZFSError {
  static override readonly code: string = 'ZFS_NAME_TOO_LONG'
  static override readonly errno: number = E.ENAMETOOLONG
  static override readonly text: Text = (d) =>
    `the name ${shown(d)}, or one below it, is longer than 255 bytes or 50 levels; choose a shorter one`
}
/**
 * A name has a character or a form that ZFS does not allow.
 * @remedy Use letters, digits and - _ . : blank, and a letter first.
 */
export class NameInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_NAME_INVALID'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) => `${shown(d, 'one of the names')} is not a valid name; ${characters}`
}
/** @remedy Write it like pool/name/name, with letters, digits and - _ . : blank. */
export class FilesystemNameInvalid extends NameInvalid {
  static override readonly code: string = 'ZFS_FILESYSTEM_NAME_INVALID'
  static override readonly text: Text = (d) =>
    `${shown(d)} is not a valid name of a filesystem or volume (pool/name/name …); ${characters}`
}
/** @remedy Write it like filesystem@name. */
export class SnapshotNameInvalid extends NameInvalid {
  static override readonly code: string = 'ZFS_SNAPSHOT_NAME_INVALID'
  static override readonly text: Text = (d) =>
    `${shown(d)} is not a valid name of a snapshot (filesystem@name); ${characters}`
}
/** @remedy Write it like filesystem#name. */
export class BookmarkNameInvalid extends NameInvalid {
  static override readonly code: string = 'ZFS_BOOKMARK_NAME_INVALID'
  static override readonly text: Text = (d) =>
    `${shown(d)} is not a valid name of a bookmark (filesystem#name); ${characters}`
}

/**
 * A property or its value was refused. `name` is the dataset; `property`, where that is known, the property.
 * @remedy See zfsprops(7); calls of libzfs_core take native values, set() takes words.
 */
export class PropertyInvalid extends ZFSError<ZfsErrorInput & Readonly<{ property?: string; reason?: string }>> {
  static override readonly code: string = 'ZFS_PROPERTY_INVALID'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) => {
    const which = d.property === undefined ? 'a property or its value' : `the property "${d.property}" or its value`
    const reason = d.reason ?? 'unknown, read-only, out of range, or text where libzfs_core takes a native number'
    return `${which} was refused${d.name === undefined ? '' : ` for "${d.name}"`} (${reason}); see zfsprops(7)`
  }
}
/** @remedy Upgrade the pool's features, or leave the property out. */
export class PropertyNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_PROPERTY_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = (d) =>
    `a property or feature is not supported${d.name === undefined ? '' : ` by "${d.name}"`}; upgrade the pool or leave it out`
}

/** @remedy Load the key with loadKey(); passphraseKey() makes it from a passphrase. */
export class EncryptionKeyNotLoaded extends ZFSError {
  static override readonly code: string = 'ZFS_ENCRYPTION_KEY_NOT_LOADED'
  static override readonly errno: number = E.EACCES
  static override readonly text: Text = (d) =>
    `the encryption key of ${shown(d, 'this call')} is not loaded; load it first`
}
/** @remedy Nothing is to be done; unloadKey() first to check another key, or loadKey() with `noop`. */
export class EncryptionKeyAlreadyLoaded extends ZFSError {
  static override readonly code: string = 'ZFS_ENCRYPTION_KEY_ALREADY_LOADED'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `the encryption key of ${shown(d, 'this call')} is loaded already; nothing is to do`
}
/** @remedy Give the right key: 32 bytes, or those that passphraseKey() makes of the right passphrase. */
export class EncryptionKeyInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_ENCRYPTION_KEY_INVALID'
  static override readonly errno: number = E.EACCES
  static override readonly text: Text = (d) =>
    `the encryption key given for ${shown(d, 'this call')} is wrong; give the right one`
}
/** @remedy Take new_key, inherit, force_new_key or force_inherit. */
export class UnknownCryptCommand extends ZFSError {
  static override readonly code: string = 'ZFS_UNKNOWN_CRYPT_COMMAND'
  static override readonly text: Text = (d) =>
    `${shown(d)} is no command for keys; it is new_key, inherit, force_new_key or force_inherit`
}

/**
 * The disks could not be read or written.
 * @remedy Look at `zpool status -v`, and restore what it names.
 */
export class ZIOError extends ZFSError {
  static override readonly code: string = 'ZFS_IO'
  static override readonly errno: number = E.EIO
  static override readonly text: Text = (d) =>
    `the pool could not read or write (${errnoName(d.errno)})${d.name === undefined ? '' : ` for "${d.name}"`}; see \`zpool status\``
}
/** @remedy Destroy what is not needed, lower reservations, or add devices to the pool. */
export class NoSpace extends ZFSError {
  static override readonly code: string = 'ZFS_NO_SPACE'
  static override readonly errno: number = E.ENOSPC
  static override readonly text: Text = (d) =>
    `there is no space left for ${shown(d, 'this call')}; free some or enlarge the pool`
}
/** @remedy Free space in the dataset, or raise its quota or that of one above it. */
export class QuotaExceeded extends ZFSError {
  static override readonly code: string = 'ZFS_QUOTA_EXCEEDED'
  static override readonly errno: number = E.EDQUOT
  static override readonly text: Text = (d) =>
    `a quota is exceeded at ${shown(d, 'this call')}; free space or raise the quota`
}

const characters = 'letters, digits and - _ . : space are allowed, and the pool begins with a letter'

registerErrors({
  DatasetNotFound,
  FilesystemNotFound,
  SnapshotNotFound,
  DatasetExists,
  FilesystemExists,
  SnapshotExists,
  ParentNotFound,
  WrongParent,
  NotClone,
  DatasetBusy,
  DatasetTypeInvalid,
  NameTooLong,
  NameInvalid,
  FilesystemNameInvalid,
  SnapshotNameInvalid,
  BookmarkNameInvalid,
  PropertyInvalid,
  PropertyNotSupported,
  EncryptionKeyNotLoaded,
  EncryptionKeyAlreadyLoaded,
  EncryptionKeyInvalid,
  UnknownCryptCommand,
  ZIOError,
  NoSpace,
  QuotaExceeded,
})
