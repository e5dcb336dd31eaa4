import type { Operation, OperationOptions } from '@gaoler/core'
import { destroyRelease } from './destroy.ts'
import { type FetchOptions, fetchRelease } from './fetch.ts'
import { ReleaseBase } from './release-base.ts'
import { updateBase } from './update-base.ts'

/** A release whose operations are async generators of events. */
export class ReleaseGenerator extends ReleaseBase {
  /** Downloads, verifies and unpacks the release; skipped when it is there already. */
  fetch(options: FetchOptions = {}): Operation<void> {
    return fetchRelease(this.viewFor(options), options)
  }

  /**
   * Brings the datasets that basejails of the type zfs are cloned from to the newest patch level of the release; makes them
   * where there are none. Jails have it from their next start on. Skipped when it is there already. Throws ReleaseNotFetched.
   */
  updateBase(options: OperationOptions = {}): Operation<void> {
    return updateBase(this.viewFor(options), options)
  }

  /** Destroys the release with its snapshots. Throws ReleaseNotFetched, ReleaseHasDependents. */
  destroy(options: OperationOptions = {}): Operation<void> {
    return destroyRelease(this.viewFor(options), options)
  }
}
