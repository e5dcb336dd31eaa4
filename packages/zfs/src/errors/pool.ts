import { registerErrors } from '@gaoler/core'
import { E } from '../errno.ts'
import { shown, type Text, ZFSError, type ZfsErrorInput } from './base.ts'

/** @remedy Check the name with `zpool list`; import the pool. */
export class PoolNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_POOL_NOT_FOUND'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) =>
    `the pool ${shown(d)} does not exist or is not imported; see \`zpool list\``
}
/**
 * The name is that of an imported pool.
 * @remedy Choose another name, or export the pool that has it.
 */
export class PoolExists extends ZFSError {
  static override readonly code: string = 'ZFS_POOL_EXISTS'
  static override readonly errno: number = E.EEXIST
  static override readonly text: Text = (d) =>
    `a pool ${shown(d)} exists already; choose another name, or export that one`
}
/**
 * The pool on these devices was last used by another system and not exported there; it may be in use.
 * @remedy Export it there. When that system is off for good, import it with `force`.
 */
export class PoolForeign extends ZFSError {
  static override readonly code: string = 'ZFS_POOL_FOREIGN'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) =>
    `the pool ${shown(d)} was in use by another system and not exported; when that one is off, import it with \`force\``
}
/**
 * Devices of the pool are missing or damaged, so that it cannot be imported.
 * @remedy Say where its devices are; `importable()` tells how many are missing.
 */
export class PoolDevicesMissing extends ZFSError<ZfsErrorInput & Readonly<{ reason?: string }>> {
  static override readonly code: string = 'ZFS_POOL_DEVICES_MISSING'
  static override readonly errno: number = E.ENODEV
  static override readonly text: Text = (d) =>
    `devices of the pool ${shown(d)} are missing or damaged (${d.reason ?? 'no reason was given'}); say where they are`
}
/**
 * One call works on one pool; `name` is the first one of another pool.
 * @remedy Make one call for each pool.
 */
export class PoolsDiffer extends ZFSError {
  static override readonly code: string = 'ZFS_POOLS_DIFFER'
  static override readonly errno: number = E.EXDEV
  static override readonly text: Text = (d) =>
    `${shown(d, 'one of the names')} is of another pool than the rest; one call works on one pool: make a call for each`
}
/** @remedy Export the pool and import it writable. */
export class ReadOnlyPool extends ZFSError {
  static override readonly code: string = 'ZFS_READ_ONLY_POOL'
  static override readonly errno: number = E.EROFS
  static override readonly text: Text = (d) => `the pool of ${shown(d, 'this call')} is read-only; import it writable`
}
/** @remedy Bring its devices back and run `zpool clear`. */
export class SuspendedPool extends ZFSError {
  static override readonly code: string = 'ZFS_SUSPENDED_POOL'
  static override readonly errno: number = E.EAGAIN
  static override readonly text: Text = (d) =>
    `the pool of ${shown(d, 'this call')} is suspended after I/O errors; repair its devices and run \`zpool clear\``
}
/** @remedy Run `zpool upgrade` on the pool. */
export class FeatureNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_FEATURE_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = (d) =>
    `the pool ${shown(d)} lacks a feature that this call needs; run \`zpool upgrade\``
}
/** @remedy Discard the checkpoint with poolCheckpointDiscard(). */
export class CheckpointExists extends ZFSError {
  static override readonly code: string = 'ZFS_CHECKPOINT_EXISTS'
  static override readonly errno: number = E.CHECKPOINT_EXISTS
  static override readonly text: Text = (d) => `the pool ${shown(d)} has a checkpoint already; discard it first`
}
/** @remedy Nothing is to be done. */
export class CheckpointNotFound extends ZFSError {
  static override readonly code: string = 'ZFS_CHECKPOINT_NOT_FOUND'
  static override readonly errno: number = E.NO_CHECKPOINT
  static override readonly text: Text = (d) => `the pool ${shown(d)} has no checkpoint; nothing is to discard`
}
/** @remedy Wait for it with wait(pool, 'checkpoint_discard'), then call again. */
export class CheckpointDiscarding extends ZFSError {
  static override readonly code: string = 'ZFS_CHECKPOINT_DISCARDING'
  static override readonly errno: number = E.DISCARDING_CHECKPOINT
  static override readonly text: Text = (d) =>
    `the pool ${shown(d)} is discarding a checkpoint; wait until that is done`
}
/** @remedy Wait for it with wait(pool, 'remove'), then call again. */
export class DeviceRemovalRunning extends ZFSError {
  static override readonly code: string = 'ZFS_DEVICE_REMOVAL_RUNNING'
  static override readonly errno: number = E.DEVRM_IN_PROGRESS
  static override readonly text: Text = (d) =>
    `a device of the pool ${shown(d)} is being removed; wait until that is done`
}
/** @remedy Remove the big device, or do without a checkpoint. */
export class DeviceTooBig extends ZFSError {
  static override readonly code: string = 'ZFS_DEVICE_TOO_BIG'
  static override readonly errno: number = E.VDEV_TOO_BIG
  static override readonly text: Text = (d) =>
    `a device of the pool ${shown(d)} is too big for a checkpoint; none can be made`
}
/** @remedy Wait for it with wait(pool, 'raidz_expand'), then call again. */
export class RaidzExpansionRunning extends ZFSError {
  static override readonly code: string = 'ZFS_RAIDZ_EXPANSION_RUNNING'
  static override readonly errno: number = E.RAIDZ_EXPAND_IN_PROGRESS
  static override readonly text: Text = (d) =>
    `a raidz of the pool ${shown(d)} is being expanded; wait until that is done`
}
/**
 * Something that goes on in the pool excludes what was asked: a scrub, a resilver, a prune.
 * @remedy Wait for it with wait(), or stop it.
 */
export class PoolBusy extends ZFSError {
  static override readonly code: string = 'ZFS_POOL_BUSY'
  static override readonly errno: number = E.EBUSY
  static override readonly text: Text = (d) =>
    `the pool ${shown(d)} is busy with a scrub, a resilver or other work; see \`zpool status\``
}
/** @remedy Nothing is to be done; start a scrub first. */
export class ScanNotRunning extends ZFSError {
  static override readonly code: string = 'ZFS_SCAN_NOT_RUNNING'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) =>
    `no scrub or resilver of the pool ${shown(d)} is running; start one first`
}
/** @remedy Wait until it is exported, and import it again. */
export class PoolExporting extends ZFSError {
  static override readonly code: string = 'ZFS_POOL_EXPORTING'
  static override readonly errno: number = E.EXPORT_IN_PROGRESS
  static override readonly text: Text = (d) => `the pool ${shown(d)} is being exported; import it again afterwards`
}
/** @remedy Wait for it with wait(pool, 'resilver'), then call again. */
export class ResilverRunning extends ZFSError {
  static override readonly code: string = 'ZFS_RESILVER_RUNNING'
  static override readonly errno: number = E.RESILVER_IN_PROGRESS
  static override readonly text: Text = (d) => `the pool ${shown(d)} is being resilvered; wait until that is done`
}
/** @remedy Wait for it with wait(pool, 'resilver'), then call again. */
export class RebuildRunning extends ZFSError {
  static override readonly code: string = 'ZFS_REBUILD_RUNNING'
  static override readonly errno: number = E.REBUILD_IN_PROGRESS
  static override readonly text: Text = (d) =>
    `a device of the pool ${shown(d)} is being rebuilt; wait until that is done`
}
/** @remedy Take a device with the same sectors. */
export class AshiftMismatch extends ZFSError {
  static override readonly code: string = 'ZFS_ASHIFT_MISMATCH'
  static override readonly errno: number = E.ASHIFT_MISMATCH
  static override readonly text: Text = (d) =>
    `a device has other sectors than those of the pool ${shown(d)} (ashift); choose another device`
}
/** @remedy Wait until one of the devices is back. */
export class TooManySitouts extends ZFSError {
  static override readonly code: string = 'ZFS_TOO_MANY_SITOUTS'
  static override readonly errno: number = E.TOO_MANY_SITOUTS
  static override readonly text: Text = (d) =>
    `too many devices of a raidz of ${shown(d, 'this call')} sit out already; wait until they are back`
}
/**
 * The file that was given for a user namespace is none.
 * @remedy Give the number of a running process in the namespace, or its /proc/PID/ns/user.
 */
export class NotUserNamespace extends ZFSError {
  static override readonly code: string = 'ZFS_NOT_USER_NAMESPACE'
  static override readonly errno: number = E.NOT_USER_NAMESPACE
  static override readonly text: Text = (d) =>
    `what was given for ${shown(d, 'this call')} is no user namespace; give /proc/PID/ns/user of a process in one`
}
/** @remedy Boot a kernel with user namespaces (CONFIG_USER_NS). */
export class UserNamespaceNotSupported extends ZFSError {
  static override readonly code: string = 'ZFS_USER_NAMESPACE_NOT_SUPPORTED'
  static override readonly errno: number = E.NO_USER_NS_SUPPORT
  static override readonly text: Text = () => 'this kernel has no user namespaces; nothing can be delegated to one'
}

registerErrors({
  PoolNotFound,
  PoolExists,
  PoolForeign,
  PoolDevicesMissing,
  PoolsDiffer,
  ReadOnlyPool,
  SuspendedPool,
  FeatureNotSupported,
  CheckpointExists,
  CheckpointNotFound,
  CheckpointDiscarding,
  DeviceRemovalRunning,
  DeviceTooBig,
  RaidzExpansionRunning,
  PoolBusy,
  ScanNotRunning,
  PoolExporting,
  ResilverRunning,
  RebuildRunning,
  AshiftMismatch,
  TooManySitouts,
  NotUserNamespace,
  UserNamespaceNotSupported,
})
