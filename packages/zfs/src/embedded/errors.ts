import { registerErrors } from '@gaoler/core'
import { E, type ErrnoName } from '../errno.ts'
import {
  NoSpace,
  PermissionDenied,
  QuotaExceeded,
  ReadOnlyPool,
  type Text,
  ZFSError,
  type ZfsErrorInput,
  ZIOError,
} from '../errors.ts'

/**
 * A dataset cannot be mounted: at that path, with that property, or because of its type. `reason` says which.
 * @remedy Set `mountpoint` to a free path, or `canmount` to on; the reason says which stands in the way.
 */
export class MountpointUnusable extends ZFSError<ZfsErrorInput & Readonly<{ mountpoint?: string; reason: string }>> {
  static override readonly code: string = 'ZFS_MOUNTPOINT_UNUSABLE'
  static override readonly text: Text = (d) =>
    `${d.name === undefined ? 'the dataset' : `"${d.name}"`} cannot be mounted` +
    `${d.mountpoint === undefined ? '' : ` at ${String(d.mountpoint)}`}: ${String(d.reason)}`
}

/**
 * The file system below the embedded ZFS refused an operation; `path` and `syscall` say which, `cause` is its error.
 * @remedy Look at the path: its rights, its disk, its free space; then call again, for nothing was changed.
 */
export class EmbeddedFileError extends ZFSError<ZfsErrorInput & Readonly<{ path?: string; syscall?: string }>> {
  static override readonly code: string = 'ZFS_EMBEDDED_FILE'
  static override readonly errno: number = E.EIO
  static override readonly text: Text = (d) =>
    `the file system refused ${d.syscall ?? 'an operation'}${d.path === undefined ? '' : ` on ${String(d.path)}`} ` +
    `(${String(d.reason)}); the embedded ZFS has changed nothing`
}

/**
 * Another process has been in the middle of a change for too long: it is stopped, or its disk does not answer.
 * @remedy Continue or end the process that holds the lock, and call again.
 */
export class EmbeddedLocked extends ZFSError<ZfsErrorInput & Readonly<{ path: string; waited: number }>> {
  static override readonly code: string = 'ZFS_EMBEDDED_LOCKED'
  static override readonly errno: number = E.EAGAIN
  static override readonly text: Text = (d) =>
    `the lock ${String(d.path)} was not free after ${String(d.waited)} ms; continue or end the process that holds it`
}

/**
 * The state file was not written by this version of the embedded ZFS, or was damaged by something else.
 * @remedy Restore the state file from a backup, or open it with the version that wrote it.
 */
export class EmbeddedStateInvalid extends ZFSError<ZfsErrorInput & Readonly<{ path: string; reason: string }>> {
  static override readonly code: string = 'ZFS_EMBEDDED_STATE_INVALID'
  static override readonly errno: number = E.EIO
  static override readonly text: Text = (d) =>
    `the state file ${String(d.path)} cannot be read (${String(d.reason)}); restore it from a backup`
}

registerErrors({ MountpointUnusable, EmbeddedFileError, EmbeddedLocked, EmbeddedStateInvalid })

const classes: Readonly<Record<string, new (details: ZfsErrorInput, options?: ErrorOptions) => ZFSError>> = {
  ENOSPC: NoSpace,
  EDQUOT: QuotaExceeded,
  EROFS: ReadOnlyPool,
  EIO: ZIOError,
  EPERM: PermissionDenied,
}

/** Whether `thrown` is an error of the file system, optionally one of these codes. */
export function isFileError(thrown: unknown, ...codes: readonly string[]): thrown is NodeJS.ErrnoException {
  const { code, syscall } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : {}
  return typeof syscall === 'string' && typeof code === 'string' && (codes.length === 0 || codes.includes(code))
}

/** An error of the file system as the error of ZFS that stands for it; any other value as it is. */
export function zfsError(thrown: unknown, name: string | undefined, asked: string): unknown {
  if (!isFileError(thrown)) return thrown
  const { code = 'EIO', path, syscall } = thrown
  const errno = E[code as ErrnoName] ?? Math.abs(thrown.errno ?? E.EIO)
  const details = { name, asked, errno, path: path?.toString(), syscall, reason: code }
  return new (classes[code] ?? EmbeddedFileError)(details, { cause: thrown })
}
