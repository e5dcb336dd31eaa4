import { IocError, registerErrors } from '@gaoler/core'

/**
 * A path at which nothing can be mounted.
 * @remedy Give the absolute path of a directory, without links in it.
 */
export class InvalidMountpoint extends IocError<{ mountpoint: string; reason: string }> {
  static override readonly code: string = 'INVALID_MOUNTPOINT'
  constructor(details: { mountpoint: string; reason: string }, options: ErrorOptions = {}) {
    super(`nothing can be mounted at ${JSON.stringify(details.mountpoint)}: ${details.reason}`, details, options)
  }
}

/**
 * A dataset that a jail or release needs is not there, or is not ready.
 * @remedy Check with zfs list; import its pool, load its key or mount it.
 */
export class DatasetNotAvailable extends IocError<{ dataset: string; reason?: string }> {
  static override readonly code: string = 'DATASET_NOT_AVAILABLE'
  constructor(details: { dataset: string; reason?: string }, options: ErrorOptions = {}) {
    const reason = details.reason === undefined ? 'import its pool, load its key or mount it' : details.reason
    super(`the dataset ${details.dataset} is not available: ${reason}`, details, options)
  }
}

/**
 * A dataset is to be given to a jail and does not have the property that ZFS asks for.
 * @remedy Set it with: zfs set zoned=on DATASET, on FreeBSD jailed=on. Its mounts on the host end with that.
 */
export class DatasetNotJailed extends IocError<{ dataset: string; property: 'jailed' | 'zoned' }> {
  static override readonly code: string = 'DATASET_NOT_JAILED'
  constructor(details: { dataset: string; property: 'jailed' | 'zoned' }, options: ErrorOptions = {}) {
    super(
      `the dataset ${details.dataset} cannot be given to a jail: set it with: zfs set ${details.property}=on ${details.dataset}`,
      details,
      options,
    )
  }
}

/**
 * A pool is there and cannot be used for what was asked.
 * @remedy See what the message says of it; zpool status tells more.
 */
export class ZFSPoolInvalid extends IocError<{ pool: string; consequence: string }> {
  static override readonly code: string = 'ZFS_POOL_INVALID'
  constructor(details: { pool: string; consequence: string }, options: ErrorOptions = {}) {
    super(`the pool ${details.pool} cannot be used: ${details.consequence}; see zpool status`, details, options)
  }
}

/**
 * A pool is not imported, or is in a state in which nothing can be done with it.
 * @remedy Import it with: zpool import POOL; see zpool status.
 */
export class ZFSPoolUnavailable extends IocError<{ pool: string }> {
  static override readonly code: string = 'ZFS_POOL_UNAVAILABLE'
  constructor(details: { pool: string }, options: ErrorOptions = {}) {
    super(`the pool ${details.pool} is not available: import it with: zpool import ${details.pool}`, details, options)
  }
}

/**
 * A dataset lies below no root dataset, so it is neither a jail nor a release.
 * @remedy Name a resource of this host; ioc list shows them.
 */
export class ResourceUnmanaged extends IocError<{ dataset: string }> {
  static override readonly code: string = 'RESOURCE_UNMANAGED'
  constructor(details: { dataset: string }, options: ErrorOptions = {}) {
    super(
      `the dataset ${details.dataset} belongs to no jail and no release of this host; see them with: ioc list`,
      details,
      options,
    )
  }
}

/**
 * One name stands for resources in several root datasets, or for several of one; `sources` has each as SOURCE/NAME.
 * @remedy Write one of them.
 */
export class ConflictingResourceSelection extends IocError<{ name: string; sources: readonly string[] }> {
  static override readonly code: string = 'CONFLICTING_RESOURCE_SELECTION'
  constructor(details: { name: string; sources: readonly string[] }, options: ErrorOptions = {}) {
    super(`${details.name} could be ${details.sources.join(' or ')}: write one of them`, details, options)
  }
}

registerErrors({
  InvalidMountpoint,
  DatasetNotAvailable,
  DatasetNotJailed,
  ZFSPoolInvalid,
  ZFSPoolUnavailable,
  ResourceUnmanaged,
  ConflictingResourceSelection,
})
