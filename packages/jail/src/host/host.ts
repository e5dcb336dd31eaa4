import type { IocEvent } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { DefaultResource } from '../config/default-resource.ts'
import { Distribution } from '../distribution/distribution.ts'
import { doctor, type Finding, type Mending } from '../recovery/doctor.ts'
import type { RecoverOptions } from '../recovery/recover.ts'
import type { ActivateOptions, DeactivateOptions } from './activate.ts'
import { HostBase } from './host-base.ts'
import { type Sync, splitSync } from './sync.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** A host for scripts: each operation blocks until it has ended, and returns its events. */
export class Host extends HostBase {
  /** What holds for every jail that does not say otherwise. */
  override readonly defaults: DefaultResource = new DefaultResource(this)

  /** Where releases come from; made anew with options where they are to come from elsewhere. */
  get distribution(): Distribution {
    return new Distribution({ host: this })
  }

  /** Throws ActivationFailed where rc.conf or the opener names sources, ZFSPoolInvalid, ZFSPoolUnavailable. */
  activate(pool: string, options: Sync<ActivateOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this, options)
    try {
      return bridge.collect('activate', [this.opened, pool, rest], call)
    } finally {
      this.datasets.reload()
    }
  }

  /** Lists what is inconsistent on the host, and for each what mends it. It changes nothing. */
  doctor(): Finding<Mending>[] {
    return doctor(this).map(({ remedy, ...finding }) => {
      const { kind, subject } = finding
      const mending: Mending = (options = {}) => {
        const [call, rest] = splitSync(this, options)
        return bridge.collect('mend', [this.options, { kind, subject }, rest], call)
      }
      return { ...finding, remedy: remedy && mending }
    })
  }

  /** Undoes or completes what dead processes have left half-done. Throws JournalDamaged, ResourceLocked. */
  recover(options: Sync<RecoverOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this, options)
    return bridge.collect('recover', [this.opened, rest], call)
  }

  /** Throws ActivationFailed, IocageNotActivated. */
  deactivate(options: Sync<DeactivateOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this, options)
    try {
      return bridge.collect('deactivate', [this.opened, rest], call)
    } finally {
      this.datasets.reload()
    }
  }
}
