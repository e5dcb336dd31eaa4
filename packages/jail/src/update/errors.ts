import { type ErrorDetails, IocError, registerErrors } from '@gaoler/core'

/**
 * An update of a release or jail did not come to its end; the resource is as it was before.
 * @remedy See the reason; the update can be begun again.
 */
export class UpdateFailure<
  D extends ErrorDetails & { name: string; reason: string } = { name: string; reason: string },
> extends IocError<D> {
  static override readonly code: string = 'UPDATE_FAILURE'
  constructor(details: D, options: ErrorOptions = {}) {
    super(`the update of ${details.name} failed: ${details.reason}`, details, options)
  }
}

/**
 * Only releases have updates of their own; a jail takes them from its release.
 * @remedy Fetch the updates of the jail's release, then update the jail.
 */
export class NonReleaseUpdateFetch extends UpdateFailure {
  static override readonly code: string = 'NON_RELEASE_UPDATE_FETCH'
  constructor(details: { name: string; reason?: string }, options: ErrorOptions = {}) {
    super({ ...details, reason: details.reason ?? 'updates are fetched for releases, and it is none' }, options)
  }
}

registerErrors({ UpdateFailure, NonReleaseUpdateFetch })
