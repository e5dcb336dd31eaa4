import type { Operation, OperationOptions } from '@gaoler/core'
import { destroyRelease } from './destroy.ts'
import { type FetchOptions, fetchRelease } from './fetch.ts'
import { ReleaseBase } from './release-base.ts'

/** A release whose operations are async generators of events. */
export class ReleaseGenerator extends ReleaseBase {
  /** Downloads, verifies and unpacks the release; skipped when it is there already. */
  fetch(options: FetchOptions = {}): Operation<void> {
    return fetchRelease(this.viewFor(options), options)
  }

  /** Destroys the release with its snapshots. Throws ReleaseNotFetched, ReleaseHasDependents. */
  destroy(options: OperationOptions = {}): Operation<void> {
    return destroyRelease(this.viewFor(options), options)
  }
}
