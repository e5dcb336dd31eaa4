import type { Operation } from '@gaoler/core'
import { DefaultResourceGenerator } from '../config/default-resource-generator.ts'
import { DistributionGenerator } from '../distribution/distribution-generator.ts'
import { doctor, type Finding } from '../recovery/doctor.ts'
import { type RecoverOptions, recover } from '../recovery/recover.ts'
import { type ActivateOptions, activate, type DeactivateOptions, deactivate } from './activate.ts'
import { HostBase } from './host-base.ts'

/** A host whose operations are async generators of events. */
export class HostGenerator extends HostBase {
  /** What holds for every jail that does not say otherwise. */
  override readonly defaults: DefaultResourceGenerator = new DefaultResourceGenerator(this)

  /** Where releases come from; made anew with options where they are to come from elsewhere. */
  get distribution(): DistributionGenerator {
    return new DistributionGenerator({ host: this })
  }

  /** Throws ActivationFailed where rc.conf or the opener names sources, ZFSPoolInvalid, ZFSPoolUnavailable. */
  activate(pool: string, options: ActivateOptions = {}): Operation<void> {
    return activate(options.plan ? this.planned() : this, pool, options)
  }

  /** Throws ActivationFailed, IocageNotActivated. */
  deactivate(options: DeactivateOptions = {}): Operation<void> {
    return deactivate(options.plan ? this.planned() : this, options)
  }

  /** Lists what is inconsistent on the host, and for each what mends it. It changes nothing. */
  doctor(): Finding[] {
    return doctor(this)
  }

  /** Undoes or completes what dead processes have left half-done. Throws JournalDamaged, ResourceLocked. */
  recover(options: RecoverOptions = {}): Operation<void> {
    return recover(options.plan ? this.planned() : this, options)
  }
}
