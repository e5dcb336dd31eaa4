import { IocError, registerErrors, reviveError, type SerialisedError } from '@gaoler/core'
import { E, errnoName } from '../errno.ts'

/** What every ZFS error is made from. */
export type ZfsErrorInput = Readonly<{
  /** The dataset, snapshot, bookmark, pool, property or tag at fault. */
  name?: string
  /** The error number as the call returned it; by default the class's own. */
  errno?: number
  /** What was asked, as words that fit behind "cannot": `create tank/a`. */
  asked?: string
  [key: string]: unknown
}>

/** What every ZFS error carries. */
export type ZfsErrorDetails = ZfsErrorInput & Readonly<{ errno: number }>

/** What was found and what to do about it, as words that follow "cannot …:". */
export type Text = (details: ZfsErrorDetails) => string

/** The name as messages show it. */
export const shown = ({ name }: ZfsErrorDetails, otherwise = 'of this call'): string =>
  name === undefined ? otherwise : `"${name}"`

/**
 * Base of all errors of ZFS. Each class has a `code` that never changes and, as `errno`, its usual error number; the
 * classes and their ancestry are pyzfs's (`libzfs_core.exceptions`).
 * @remedy See the class that was thrown.
 */
export class ZFSError<I extends ZfsErrorInput = ZfsErrorInput> extends IocError<I & ZfsErrorDetails> {
  static override readonly code: string = 'ZFS'
  static readonly errno: number = E.EINVAL
  static readonly text: Text = (d) => `the call failed with ${errnoName(d.errno)}`

  constructor(details: I, options: ErrorOptions = {}) {
    const given = Object.entries(details).filter(([, value]) => value !== undefined)
    const full = { ...(Object.fromEntries(given) as I), errno: details.errno ?? new.target.errno }
    const { asked } = details
    super(`${asked ? `cannot ${asked}: ` : ''}${new.target.text(full)}`, full, options)
  }
}

/**
 * An error number that no class stands for.
 * @remedy Look into the kernel log and `zpool status`; report the number with the call.
 */
export class ZFSGenericError extends ZFSError {
  static override readonly code: string = 'ZFS_GENERIC'
  static override readonly text: Text = (d) =>
    `${d.name === undefined ? 'ZFS' : `ZFS, asked for "${d.name}",`} answered ${errnoName(d.errno)} (${d.errno}), ` +
    'which this call does not document; look into the kernel log and `zpool status`'
}

/**
 * libzfs_core is missing, or /dev/zfs could not be opened.
 * @remedy Install OpenZFS, load its kernel module and see that this user may open /dev/zfs; or use embeddedZfs().
 */
export class ZFSInitializationFailed extends ZFSError<ZfsErrorInput & Readonly<{ reason?: string }>> {
  static override readonly code: string = 'ZFS_INITIALIZATION_FAILED'
  static override readonly errno: number = E.ENOENT
  static override readonly text: Text = (d) =>
    `ZFS is not usable here: ${d.reason ?? errnoName(d.errno)}; install OpenZFS (Debian, Ubuntu: zfsutils-linux; ` +
    'FreeBSD: part of the system) and load its kernel module, or use the embedded ZFS'
}

/**
 * Only root, or a user whom `zfs allow` permits it, may do this.
 * @remedy Run as root, or have root give the permission with allow(); some calls are for root only (docs/status.md).
 */
export class PermissionDenied extends ZFSError {
  static override readonly code: string = 'ZFS_PERMISSION_DENIED'
  static override readonly errno: number = E.EPERM
  static override readonly text: Text = (d) =>
    `permission denied (${errnoName(d.errno)})${d.name === undefined ? '' : ` for "${d.name}"`}; ` +
    `run as root${d.privilege === 'root' ? '' : ', or have the permission delegated by `zfs allow`'}`
}

/**
 * The library or the kernel module is older than the call.
 * @remedy Renew OpenZFS, the library and the kernel module alike; isSupported() tells beforehand.
 */
export class CallNotSupported extends ZFSError<ZfsErrorInput & Readonly<{ since?: string }>> {
  static override readonly code: string = 'ZFS_CALL_NOT_SUPPORTED'
  static override readonly errno: number = E.IOC_CMD_UNAVAIL
  static override readonly text: Text = (d) =>
    `the installed OpenZFS does not know ${shown(d, 'this call')}; ` +
    `${d.since === undefined ? 'a newer version' : `OpenZFS ${d.since} or newer`} is needed (library and kernel module)`
}

/**
 * The embedded ZFS, which keeps datasets as directories, has nothing that could do this; `name` is the call.
 * @remedy Use openZfs() for it; isSupported() tells beforehand.
 */
export class NotSupportedOnEmbedded extends ZFSError {
  static override readonly code: string = 'ZFS_NOT_SUPPORTED_ON_EMBEDDED'
  static override readonly errno: number = E.ENOTSUP
  static override readonly text: Text = (d) =>
    `the embedded ZFS has no ${shown(d, 'such call')}; use a real ZFS (openZfs), or ask isSupported() first`
}

/**
 * The call exists on another operating system only; `name` is the call.
 * @remedy Use what this system has: zone() on Linux, jail() on FreeBSD; isSupported() tells beforehand.
 */
export class PlatformNotSupported extends ZFSError<ZfsErrorInput & Readonly<{ system?: string }>> {
  static override readonly code: string = 'ZFS_PLATFORM_NOT_SUPPORTED'
  static override readonly errno: number = E.ENOSYS
  static override readonly text: Text = (d) =>
    `${shown(d, 'this call')} is only for ${d.system ?? 'another system'}, and this is ${process.platform}; ask isSupported() first`
}

/**
 * A command ended well and printed what cannot be read for certain, so nothing was guessed. `line` is the line at fault.
 * @remedy Look at the line: names with blanks in odd places can be ambiguous; else report it with the version of OpenZFS.
 */
export class OutputNotUnderstood extends ZFSError<ZfsErrorInput & Readonly<{ command?: string; line?: string }>> {
  static override readonly code: string = 'ZFS_OUTPUT_NOT_UNDERSTOOD'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `\`${d.command ?? 'zfs'}\` printed ${d.line === undefined ? 'something' : JSON.stringify(d.line)} that cannot be read for certain; ` +
    'report it with the output of `zfs version`'
}

/**
 * An argument that has no meaning for ZFS: a word that is not one of a set, a number out of range, no descriptor.
 * @remedy Give one of the values that the message names.
 */
export class ArgumentInvalid extends ZFSError<ZfsErrorInput & Readonly<{ argument?: string; reason?: string }>> {
  static override readonly code: string = 'ZFS_ARGUMENT_INVALID'
  static override readonly errno: number = E.EINVAL
  static override readonly text: Text = (d) =>
    `${d.argument ?? 'an argument'} ${d.reason ?? 'is not one that ZFS takes'}; see the documentation of the call`
}

/**
 * The `zfs` command, or libzfs in its place, failed for a reason that no class stands for; its own words are in `stderr`.
 * @remedy Read `details.stderr`; run the command of `details.command` by hand.
 */
export class ZFSCommandFailed extends ZFSError<
  ZfsErrorInput & Readonly<{ command: readonly string[]; exitCode?: number; stderr: string }>
> {
  static override readonly code: string = 'ZFS_COMMAND_FAILED'
  static override readonly errno: number = E.EIO
  static override readonly text: Text = (d) =>
    `\`${(d.command as string[]).join(' ')}\` ended with ${d.exitCode ?? 'no exit code'}: ${String(d.stderr).trim()}`
}

/** What a failure of several operations is made from. */
export type MultipleFailureInput = ZfsErrorInput &
  Readonly<{
    /** One error per failed operation, in the order of the names that were given. */
    errors: readonly ZFSError[]
    /** How many more failed than the kernel reported. */
    suppressedCount?: number
  }>

const originals = new WeakMap<object, readonly ZFSError[]>()

/**
 * At least one of several operations failed. `errors` has one error per failed name, `suppressedCount` says how many
 * more there were; the number is the first error's. `details.errors` are the same errors as plain data.
 * @remedy Look at each of `errors`; where names of one call fail, none of them was done unless the call says
 * otherwise.
 */
export class MultipleOperationsFailure extends ZFSError<
  ZfsErrorInput & Readonly<{ errors: readonly SerialisedError[]; suppressedCount: number }>
> {
  static override readonly code: string = 'ZFS_MULTIPLE_OPERATIONS_FAILURE'
  static override readonly text: Text = (d) => {
    const errors = d.errors as readonly SerialisedError[]
    const count = errors.length + Number(d.suppressedCount)
    const rest = count > 1 ? ` (and ${count - 1} more, see \`errors\`)` : ''
    return `${errors[0]?.message ?? 'no reason was given'}${rest}`
  }

  constructor({ errors, suppressedCount = 0, ...rest }: MultipleFailureInput, options: ErrorOptions = {}) {
    const plain = errors.map((error) => error.toJSON())
    super({ ...rest, errno: rest.errno ?? errors[0]?.details.errno, errors: plain, suppressedCount }, options)
    originals.set(this, errors)
  }

  // Not fields: an error revived on the other side of a worker has its prototype and details only.
  get errors(): readonly ZFSError[] {
    const errors = originals.get(this) ?? (this.details.errors.map(reviveError) as ZFSError[])
    originals.set(this, errors)
    return errors
  }

  get suppressedCount(): number {
    return this.details.suppressedCount
  }
}

/** @remedy Mend what `errors` name and call again: no snapshot of the call was taken. */
export class SnapshotFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_SNAPSHOT_FAILURE'
}
/** @remedy Mend what `errors` name, or pass `defer`: no snapshot of the call was destroyed. */
export class SnapshotDestructionFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_SNAPSHOT_DESTRUCTION_FAILURE'
}
/** @remedy Mend what `errors` name and call again: no bookmark of the call was made. */
export class BookmarkFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_BOOKMARK_FAILURE'
}
/** @remedy Mend what `errors` name and call again. */
export class BookmarkDestructionFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_BOOKMARK_DESTRUCTION_FAILURE'
}
/** @remedy Mend what `errors` name and call again: no hold of the call was made. */
export class HoldFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_HOLD_FAILURE'
}
/** @remedy Mend what `errors` name and call again: no hold of the call was released. */
export class HoldReleaseFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_HOLD_RELEASE_FAILURE'
}
/** @remedy The data were received; set the properties that `errors` name with set(). */
export class ReceivePropertyFailure extends MultipleOperationsFailure {
  static override readonly code: string = 'ZFS_RECEIVE_PROPERTY_FAILURE'
}

registerErrors({
  ZFSError,
  ZFSGenericError,
  ZFSInitializationFailed,
  PermissionDenied,
  CallNotSupported,
  NotSupportedOnEmbedded,
  PlatformNotSupported,
  OutputNotUnderstood,
  ArgumentInvalid,
  ZFSCommandFailed,
  MultipleOperationsFailure,
  SnapshotFailure,
  SnapshotDestructionFailure,
  BookmarkFailure,
  BookmarkDestructionFailure,
  HoldFailure,
  HoldReleaseFailure,
  ReceivePropertyFailure,
})
