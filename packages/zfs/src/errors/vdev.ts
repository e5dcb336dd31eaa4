import { registerErrors } from '@gaoler/core'
import { E } from '../errno.ts'
import { MultipleOperationsFailure, shown, type Text, ZFSError } from './base.ts'

/**
 * At least one vdev could not be initialised, or its initialisation not be changed; `name` of each error is its guid.
 * @remedy Mend what `errors` name; the vdevs that are not named were begun.
 */
export class InitializeFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_INITIALIZE_FAILURE'
}
/**
 * At least one vdev could not be trimmed, or its trim not be changed; `name` of each error is its guid.
 * @remedy Mend what `errors` name; the vdevs that are not named were begun.
 */
export class TrimFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_TRIM_FAILURE'
}

/**
 * The pool has no vdev of this guid, or it is being removed.
 * @remedy Look up the guids with `zpool status -g`.
 */
export class VdevNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_VDEV_NOT_FOUND'
  static override readonly errno: number = E.ENODEV
  static override readonly text: Text = (d) => `the pool has no vdev ${shown(d)}; see \`zpool status -g\``
}
/**
 * Only a disk or file can be worked on, not a mirror or raidz; and only one that is not failed.
 * @remedy Name the disks or files below it, and only healthy ones.
 */
export class VdevNotLeaf extends ZFSError {
  static override readonly code: string = 'ZFS_VDEV_NOT_LEAF'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `the vdev ${shown(d)} is no single healthy device; give the guid of a disk or file`
}
/** @remedy Import the pool writable. */
export class VdevReadOnly extends ZFSError {
  static override readonly code: string = 'ZFS_VDEV_READ_ONLY'
  static override readonly errno: number = E.EROFS
  static override readonly text: Text = (d) => `the vdev ${shown(d)} cannot be written; bring it online writable`
}
/**
 * The same work is being done on the vdev already, or it is being removed.
 * @remedy Wait until it is done, or cancel it.
 */
export class VdevBusy extends ZFSError {
  static override readonly code: string = 'ZFS_VDEV_BUSY'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) => `the vdev ${shown(d)} is worked on already; wait, or cancel that first`
}
/**
 * There is nothing to cancel or suspend.
 * @remedy Nothing is to be done.
 */
export class VdevIdle extends ZFSError {
  static override readonly code: string = 'ZFS_VDEV_IDLE'
  static override readonly errno: number = E.ESRCH
  static override readonly text: Text = (d) => `nothing is under way on the vdev ${shown(d)}; start it first`
}
/**
 * The device cannot do this (trim, secure trim), or not while it is what it is.
 * @remedy Leave the device out, or do without `secure`.
 */
export class VdevNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_VDEV_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = (d) => `the vdev ${shown(d)} does not support this; leave it out`
}

registerErrors({
  InitializeFailure,
  TrimFailure,
  VdevNotFound,
  VdevNotLeaf,
  VdevReadOnly,
  VdevBusy,
  VdevIdle,
  VdevNotSupported,
})
