import { IocError, registerErrors } from '@gaoler/core'

/**
 * No resource of that name can be limited.
 * @remedy Take a name of rctl(8), such as memoryuse, maxproc or pcpu.
 */
export class ResourceLimitUnknown extends IocError<{ limit: string; jail?: string }> {
  static override readonly code: string = 'RESOURCE_LIMIT_UNKNOWN'
  constructor(details: { limit: string; jail?: string }, options: ErrorOptions = {}) {
    const jail = details.jail === undefined ? '' : ` (asked for jail ${details.jail})`
    super(
      `${JSON.stringify(details.limit)} is no resource that can be limited${jail}; see rctl(8) for their names`,
      details,
      options,
    )
  }
}

/**
 * The kernel did not set or clear a limit.
 * @remedy On FreeBSD, switch limits on with kern.racct.enable=1 in loader.conf and boot; else see the reason.
 */
export class ResourceLimitActionFailed extends IocError<{
  action: string
  jail: string
  limit: string
  reason: string
}> {
  static override readonly code: string = 'RESOURCE_LIMIT_ACTION_FAILED'
  constructor(details: { action: string; jail: string; limit: string; reason: string }, options: ErrorOptions = {}) {
    super(
      `could not ${details.action} the limit ${details.limit} of jail ${details.jail}: ${details.reason}`,
      details,
      options,
    )
  }
}

registerErrors({ ResourceLimitUnknown, ResourceLimitActionFailed })
