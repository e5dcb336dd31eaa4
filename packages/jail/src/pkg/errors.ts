import { IocError, registerErrors } from '@gaoler/core'

/**
 * The host has no pkg, or no package of that name is to be had.
 * @remedy Install pkg on the host with: pkg bootstrap; check the package's name with: pkg search NAME.
 */
export class PkgNotFound extends IocError<{ package?: string; reason?: string }> {
  static override readonly code: string = 'PKG_NOT_FOUND'
  constructor(details: { package?: string; reason?: string } = {}, options: ErrorOptions = {}) {
    const what = details.package === undefined ? 'pkg was not found on this host' : `no package ${details.package}`
    super(`${what}${details.reason === undefined ? '' : `: ${details.reason}`}`, details, options)
  }
}

registerErrors({ PkgNotFound })
