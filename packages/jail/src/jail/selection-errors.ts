import { IocError, registerErrors } from '@gaoler/core'

/**
 * No jail fits what was asked for.
 * @remedy See what there is with: ioc list.
 */
export class JailNotFound extends IocError<{ text: string }> {
  static override readonly code: string = 'JAIL_NOT_FOUND'
  constructor(details: { text: string }, options: ErrorOptions = {}) {
    super(`no jail fits ${JSON.stringify(details.text)}; see what there is with: ioc list`, details, options)
  }
}

/**
 * A command for jails was given none.
 * @remedy Name a jail, or a filter.
 */
export class JailNotSupplied extends IocError {
  static override readonly code: string = 'JAIL_NOT_SUPPLIED'
  constructor(details: Readonly<Record<string, never>> = {}, options: ErrorOptions = {}) {
    super('no jail was named: give a name, or a filter', details, options)
  }
}

/**
 * A jail has no name yet, so that nothing of it can be found.
 * @remedy Give it a name, or create it first.
 */
export class JailUnknownIdentifier extends IocError {
  static override readonly code: string = 'JAIL_UNKNOWN_IDENTIFIER'
  constructor(details: Readonly<Record<string, never>> = {}, options: ErrorOptions = {}) {
    super('the jail has no name yet: give it one, or create it first', details, options)
  }
}

/**
 * A jail asks for a way to keep its files that does not exist.
 * @remedy Take clone, or what the documentation of basejails names.
 */
export class JailBackendMissing extends IocError<{ jail: string; backend?: string }> {
  static override readonly code: string = 'JAIL_BACKEND_MISSING'
  constructor(details: { jail: string; backend?: string }, options: ErrorOptions = {}) {
    const backend = details.backend === undefined ? 'no storage backend' : `the unknown backend ${details.backend}`
    super(`jail ${details.jail} has ${backend}: set its basejail_type anew`, details, options)
  }
}

registerErrors({ JailNotFound, JailNotSupplied, JailUnknownIdentifier, JailBackendMissing })
