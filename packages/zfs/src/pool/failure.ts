import { commandFailed } from '../command/failure.ts'
import type { CommandResult, Program } from '../command/run.ts'
import {
  DatasetBusy,
  DeviceInUse,
  DeviceNameInvalid,
  DeviceNotFound,
  DeviceRemovalRunning,
  DeviceTooSmall,
  NoSpace,
  PermissionDenied,
  PoolBusy,
  PoolDevicesMissing,
  PoolExists,
  PoolForeign,
  PoolNotFound,
  PropertyInvalid,
  ReadOnlyPool,
  ScanNotRunning,
  SuspendedPool,
  VdevBusy,
  VdevIdle,
  VdevLayoutInvalid,
  VdevNeeded,
  VdevNotFound,
  VdevNotSupported,
  type ZFSError,
  ZFSInitializationFailed,
  type ZfsErrorInput,
} from '../errors.ts'

/** What was asked of which pool. */
export interface PoolRequest {
  readonly name: string
  /** Words that fit behind "cannot". */
  readonly asked: string
  /** Whether a pool exists; undefined for a pool that need not exist before. */
  readonly exists?: (pool: string) => boolean
  /** The device that the command is about, where it is one. */
  readonly device?: string | undefined
  /** The vdev of the pool that is looked for, where that is another one. */
  readonly vdev?: string | undefined
  readonly properties?: readonly string[]
  /** The name that the pool is to have. */
  readonly newName?: string | undefined
}

type ErrorClass = new (details: ZfsErrorInput) => ZFSError
/** Whom the error names: the pool, the device, or the vdev that is there. */
type About = 'pool' | 'device' | 'vdev'

/** What libzfs and zpool print from fixed tables (LC_ALL is set), and what it means. The first that fits counts. */
const phrases: readonly (readonly [RegExp, ErrorClass, About])[] = [
  [/permission denied|insufficient privileges/i, PermissionDenied, 'pool'],
  [/pool already exists|a pool with that name already exists/, PoolExists, 'pool'],
  [/no such pool/, PoolNotFound, 'pool'],
  [/pool is read-only/, ReadOnlyPool, 'pool'],
  [/pool I\/O is currently suspended/, SuspendedPool, 'pool'],
  [/less than the minimum size|device is too small/, DeviceTooSmall, 'device'],
  [/no such device in pool|couldn't find device/, VdevNotFound, 'vdev'],
  [/cannot resolve path|no such device in \/dev|must be an absolute path|cannot open '?\//, DeviceNotFound, 'device'],
  [
    / is part of (?:\w+ )*pool|is in use|is currently mounted|contains a .*filesystem|is busy, or /,
    DeviceInUse,
    'device',
  ],
  [
    /mismatched replication|requires at least|must be composed only of mirrors|invalid draid|requested number of dRAID/,
    VdevLayoutInvalid,
    'pool',
  ],
  [/refer to the same device|at least one general top-level vdev/, VdevLayoutInvalid, 'pool'],
  [/must be a block device or regular file/, DeviceNameInvalid, 'device'],
  [/no valid replicas/, VdevNeeded, 'device'],
  [
    /only applicable to mirror|operation not supported (?:on|by) this|not supported on this type/,
    VdevNotSupported,
    'device',
  ],
  [/there is no active scrub/, ScanNotRunning, 'pool'],
  [/currently (?:scrubbing|resilvering|scrub is paused)|is already scrubbing/, PoolBusy, 'pool'],
  [/there is no active (?:trim|initialization)|operation is not in progress/, VdevIdle, 'device'],
  [/currently (?:trimming|initializing)|device is busy/, VdevBusy, 'device'],
  [/removal (?:is )?in progress|is being removed/, DeviceRemovalRunning, 'pool'],
  [/out of space/, NoSpace, 'pool'],
  [/pool or dataset is busy|dataset is busy|pool is busy/, DatasetBusy, 'pool'],
  [
    /previously in use from another system|in use by another system|last accessed by another system/,
    PoolForeign,
    'pool',
  ],
  [/currently unavailable|insufficient replicas|missing or invalid|is missing|I\/O error/, PoolDevicesMissing, 'pool'],
]

const aboutProperty = new RegExp(
  [
    "invalid property|not a valid .*property|must be one of|is readonly|property[:,]|'[^']*=[^']*' property",
    "comment (?:may only|must not)|unsupported by kernel|encryption failure|mountpoint '.*' exists",
  ].join('|'),
)

/** Runs one command of `zpool`; the result when it succeeded, else its error is thrown. */
export function* succeed(args: readonly string[], request: PoolRequest): Program<CommandResult> {
  const result = yield args
  if (result.exitCode === 0) return result
  throw poolFailure(args, result, request)
}

/** The error for a command of `zpool` that failed. */
export function poolFailure(args: readonly string[], result: CommandResult, request: PoolRequest): ZFSError {
  const { name, newName = name, asked, exists, device, vdev, properties = [] } = request
  const { stderr } = result
  // Asked first, since that needs no text. Throws ZFSInitializationFailed where there is no ZFS.
  if (exists && !exists(name)) return new PoolNotFound({ name, asked, stderr })
  // What libzfs_error_init() says; of all pools nothing could be asked before.
  const uninitialised =
    /ZFS modules (are not loaded|cannot be auto-loaded)|\/dev\/zfs and .* are required|initialize the libzfs/
  if (uninitialised.test(stderr)) return new ZFSInitializationFailed({ reason: reasonOf(stderr, uninitialised) })
  for (const [phrase, Class, about] of phrases) {
    if (phrase.test(stderr)) {
      const reason = reasonOf(stderr, phrase)
      const there = about === 'vdev' ? vdev : undefined
      const named =
        about !== 'pool' ? (there ?? device ?? deviceIn(stderr) ?? name) : Class === PoolExists ? newName : name
      return new Class({ name: named, asked, reason, stderr })
    }
  }
  if (properties.length > 0 && (aboutProperty.test(stderr) || result.exitCode === 2)) {
    const quoted = properties.find((each) => stderr.includes(`'${each.replace(/^feature@/, '')}`))
    const property = quoted ?? properties.find((each) => stderr.includes(each)) ?? properties[0]
    return new PropertyInvalid({ name, asked, property, reason: reasonOf(stderr, /./), stderr })
  }
  return commandFailed({ name, asked, exists: () => true }, args, result, 'zpool')
}

/** The line with the phrase, without what it begins with. */
function reasonOf(stderr: string, phrase: RegExp): string {
  const line = stderr.split('\n').find((each) => phrase.test(each)) ?? stderr
  return line.trim()
}

/** The path that a message is about. */
function deviceIn(stderr: string): string | undefined {
  return /(?:^|['" ])(\/[^'"\n]*?)(?:['"]|:| is |$)/m.exec(stderr)?.[1]
}
