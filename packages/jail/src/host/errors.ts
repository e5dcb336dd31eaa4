import { IocError, registerErrors } from '@gaoler/core'

/**
 * No dataset holds jails on this host yet.
 * @remedy Choose a pool with: ioc activate POOL.
 */
export class IocageNotActivated extends IocError<{ dataset?: string }> {
  static override readonly code: string = 'IOCAGE_NOT_ACTIVATED'
  constructor(details: { dataset?: string } = {}, options: ErrorOptions = {}) {
    const found = details.dataset ? `the dataset ${details.dataset} does not exist` : 'no pool is active'
    super(`${found}; choose a pool with: ioc activate POOL`, details, options)
  }
}

/**
 * The platform that was asked for cannot run on this machine.
 * @remedy Without root and ZFS there is --platform embedded.
 */
export class PlatformUnavailable extends IocError<{ platform: string; reason: string }> {
  static override readonly code: string = 'PLATFORM_UNAVAILABLE'
  constructor(details: { platform: string; reason: string }, options: ErrorOptions = {}) {
    super(
      `the platform ${details.platform} cannot run here: ${details.reason}; without root and ZFS there is --platform embedded`,
      details,
      options,
    )
  }
}

/**
 * The root dataset has no directory: it is not mounted, or its mountpoint is none or legacy.
 * @remedy Mount it with: zfs mount DATASET; give it a mountpoint where it has none.
 */
export class DatasetNotMounted extends IocError<{ dataset: string; mountpoint: string }> {
  static override readonly code: string = 'DATASET_NOT_MOUNTED'
  constructor(details: { dataset: string; mountpoint: string }, options: ErrorOptions = {}) {
    super(
      `the dataset ${details.dataset} is not mounted (mountpoint ${details.mountpoint}); ` +
        `mount it with: zfs mount ${details.dataset}`,
      details,
      options,
    )
  }
}

/**
 * A pool could not be made the one that holds jails.
 * @remedy See the reason; the pool must be imported and writable.
 */
export class ActivationFailed extends IocError<{ pool: string; reason: string }> {
  static override readonly code: string = 'ACTIVATION_FAILED'
  constructor(details: { pool: string; reason: string }, options: ErrorOptions = {}) {
    super(`the pool ${details.pool} could not be activated: ${details.reason}`, details, options)
  }
}

/**
 * A file in the syntax of rc.conf(5) cannot be read without running it.
 * @remedy Keep to lines like name="value", or name the sources when the host is opened.
 */
export class InvalidRcConf extends IocError<{ file: string; line: number | null; reason: string }> {
  static override readonly code: string = 'INVALID_RC_CONF'
  constructor(details: { file: string; line: number | null; reason: string }, options: ErrorOptions = {}) {
    const where = details.line === null ? details.file : `${details.file}:${details.line}`
    super(`${where} cannot be read: ${details.reason}; keep to lines like name="value"`, details, options)
  }
}

/**
 * A root dataset is not mounted where it can be used.
 * @remedy Give it a mountpoint with: zfs set mountpoint=PATH DATASET.
 */
export class ZFSSourceMountpoint extends IocError<{ dataset: string }> {
  static override readonly code: string = 'ZFS_SOURCE_MOUNTPOINT'
  constructor(details: { dataset: string }, options: ErrorOptions = {}) {
    super(
      `the root dataset ${details.dataset} has no mountpoint: zfs set mountpoint=PATH ${details.dataset}`,
      details,
      options,
    )
  }
}

/**
 * A program of the host ended with another status than 0.
 * @remedy See what it said; run it by hand.
 */
export class CommandFailure extends IocError<{ command: string; code: number | null; stderr?: string }> {
  static override readonly code: string = 'COMMAND_FAILURE'
  constructor(details: { command: string; code: number | null; stderr?: string }, options: ErrorOptions = {}) {
    const said = details.stderr?.trim().split('\n').at(-1)
    const how = details.code === null ? 'was ended by a signal' : `exited with ${details.code}`
    super(`${details.command} ${how}${said ? `: ${said}` : ''}`, details, options)
  }
}

/**
 * A property of ZFS was taken for one of a jail.
 * @remedy Properties of jails begin with org.freebsd.iocage: there.
 */
export class NotAnIocageZFSProperty extends IocError<{ property: string }> {
  static override readonly code: string = 'NOT_AN_IOCAGE_ZFS_PROPERTY'
  constructor(details: { property: string }, options: ErrorOptions = {}) {
    super(
      `${JSON.stringify(details.property)} is no property of a jail: those begin with org.freebsd.iocage:`,
      details,
      options,
    )
  }
}

/**
 * The host runs a system whose releases are not known.
 * @remedy Name release and mirror yourself.
 */
export class DistributionUnknown extends IocError<{ distribution: string }> {
  static override readonly code: string = 'DISTRIBUTION_UNKNOWN'
  constructor(details: { distribution: string }, options: ErrorOptions = {}) {
    super(
      `no releases are known for the distribution ${details.distribution}: name release and mirror yourself`,
      details,
      options,
    )
  }
}

/**
 * It cannot be told which release the host runs.
 * @remedy Name the release yourself.
 */
export class HostReleaseUnknown extends IocError<{ found?: string }> {
  static override readonly code: string = 'HOST_RELEASE_UNKNOWN'
  constructor(details: { found?: string } = {}, options: ErrorOptions = {}) {
    const found = details.found === undefined ? '' : ` (found ${JSON.stringify(details.found)})`
    super(`it cannot be told which release this host runs${found}: name the release yourself`, details, options)
  }
}

/**
 * It cannot be told of which version the host's userland is.
 * @remedy freebsd-version must work on the host; name the release yourself where it does not.
 */
export class HostUserlandVersionUnknown extends IocError<{ found?: string }> {
  static override readonly code: string = 'HOST_USERLAND_VERSION_UNKNOWN'
  constructor(details: { found?: string } = {}, options: ErrorOptions = {}) {
    const found = details.found === undefined ? '' : ` (found ${JSON.stringify(details.found)})`
    super(`the version of the host's userland is unknown${found}: name the release yourself`, details, options)
  }
}

/**
 * A name that no source of a host, a root dataset with its jails and releases, can have.
 * @remedy Use at most 31 letters and digits with single - or _ between them.
 */
export class InvalidSourceName extends IocError<{ name: string }> {
  static override readonly code: string = 'INVALID_SOURCE_NAME'
  constructor(details: { name: string }, options: ErrorOptions = {}) {
    const rule = 'use at most 31 letters and digits with single - or _ between them'
    super(`${JSON.stringify(details.name)} cannot be the name of a source: ${rule}`, details, options)
  }
}

/**
 * The host has no source of that name.
 * @remedy Name its dataset in rc.conf as ioc_dataset_NAME, or open the host with it.
 */
export class SourceNotFound extends IocError<{ name: string }> {
  static override readonly code: string = 'SOURCE_NOT_FOUND'
  constructor(details: { name: string }, options: ErrorOptions = {}) {
    const { name } = details
    super(
      `there is no source ${name}: name its dataset in rc.conf as ioc_dataset_${name}, or open the host with it`,
      details,
      options,
    )
  }
}

registerErrors({
  IocageNotActivated,
  PlatformUnavailable,
  DatasetNotMounted,
  ActivationFailed,
  InvalidRcConf,
  InvalidSourceName,
  SourceNotFound,
  ZFSSourceMountpoint,
  CommandFailure,
  NotAnIocageZFSProperty,
  DistributionUnknown,
  HostReleaseUnknown,
  HostUserlandVersionUnknown,
})
