import { IocError, registerErrors } from '@gaoler/core'

/** No dataset holds jails on this host yet. */
export class IocageNotActivated extends IocError<{ dataset?: string }> {
  static override readonly code: string = 'IOCAGE_NOT_ACTIVATED'
  constructor(details: { dataset?: string } = {}, options: ErrorOptions = {}) {
    const found = details.dataset ? `the dataset ${details.dataset} does not exist` : 'no pool is active'
    super(`${found}; choose a pool with: ioc activate POOL`, details, options)
  }
}

/** The platform that was asked for cannot run on this machine. */
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

/** The root dataset has no directory: it is not mounted, or its mountpoint is none or legacy. */
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

registerErrors({ IocageNotActivated, PlatformUnavailable, DatasetNotMounted })
