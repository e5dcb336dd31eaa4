import { registerErrors } from '@gaoler/core'
import { E } from '../errno.ts'
import { MultipleOperationsFailure, shown, type Text, ZFSError, type ZfsErrorInput } from './base.ts'

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

/**
 * No other device has the data of this one, so that it cannot be taken away.
 * @remedy Attach or replace a device first, and wait for the resilver.
 */
export class VdevNeeded extends ZFSError {
  static override readonly code: string = 'ZFS_VDEV_NEEDED'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) =>
    `the vdev ${shown(d)} has data that no other device has; attach or replace a device first`
}
/**
 * The devices do not fit together, or not to those of the pool: too few, of uneven redundancy, of a wrong kind.
 * @remedy Change the layout as `details.reason` says; `force` takes uneven redundancy.
 */
export class VdevLayoutInvalid extends ZFSError<ZfsErrorInput & Readonly<{ reason?: string }>> {
  static override readonly code: string = 'ZFS_VDEV_LAYOUT_INVALID'
  static override readonly text: Text = (d) =>
    `the devices given for ${shown(d, 'this call')} do not fit (${d.reason ?? 'no reason was given'}); change them, or use \`force\` ` +
    'where only the redundancy is uneven'
}
/**
 * No name of a device: an absolute path without control characters, or the name of a disk below /dev.
 * @remedy Give an absolute path.
 */
export class DeviceNameInvalid extends ZFSError {
  static override readonly code: string = 'ZFS_DEVICE_NAME_INVALID'
  static override readonly text: Text = (d) =>
    `${d.name === undefined ? 'this' : JSON.stringify(d.name)} is no device; give an absolute path, or the name of a disk below /dev`
}
/** @remedy Check the path. */
export class DeviceNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_DEVICE_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) => `there is no device ${shown(d)}; see \`lsblk\` or \`geom disk list\``
}
/**
 * The device is part of a pool, mounted, or has another filesystem; `reason` says which.
 * @remedy Choose another device; `force` takes one whose contents may be lost and that is not active.
 */
export class DeviceInUse extends ZFSError<ZfsErrorInput & Readonly<{ reason?: string }>> {
  static override readonly code: string = 'ZFS_DEVICE_IN_USE'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) =>
    `the device ${shown(d)} is in use (${d.reason ?? 'no reason was given'}); choose another one, or use \`force\` ` +
    'when what is on it may be lost and is not active'
}
/** @remedy Take a device of at least 64 MiB, and of at least the size of the others in its mirror. */
export class DeviceTooSmall extends ZFSError {
  static override readonly code: string = 'ZFS_DEVICE_TOO_SMALL'
  static override readonly text: Text = (d) =>
    `the device ${shown(d)} is too small; a pool needs 64 MiB each, and a mirror the size of what is there`
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
  VdevNeeded,
  VdevLayoutInvalid,
  DeviceNameInvalid,
  DeviceNotFound,
  DeviceInUse,
  DeviceTooSmall,
})
