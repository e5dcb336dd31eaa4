import type { Logger } from '@gaoler/core'
import type { Zfs } from '@gaoler/zfs'
import { Terms } from '../filter/terms.ts'
import { HostBase } from '../host/host-base.ts'
import { isReleaseName } from './mirror.ts'

export interface ReleasesInit {
  readonly host?: HostBase
  /** ZFS to work with instead of the host's own. */
  readonly zfs?: Zfs
  /** Logs every operation that is given no logger of its own. */
  readonly logger?: Logger
}

/** What both faces of a list of releases share: those that this host has, by one query for each source. */
export class ReleasesBase {
  readonly host: HostBase
  readonly filters: Terms

  /** `filters`: see Terms; of a release they can ask for `name`, `source`, `full_name`, `fetched` and `dataset_name`. */
  constructor(filters: Terms | string | readonly string[] | null = null, init: ReleasesInit = {}) {
    this.host = (init.host ?? HostBase.open()).with(init)
    this.filters = filters instanceof Terms ? filters : new Terms(filters)
  }

  protected names(source: string, names: readonly string[]): string[] {
    return names.filter((name) => isReleaseName(name) && this.filters.matchName(source, name))
  }
}
