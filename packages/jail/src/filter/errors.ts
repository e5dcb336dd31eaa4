import { IocError, registerErrors } from '@gaoler/core'

/**
 * Base of what is wrong with a filter of jails.
 * @remedy See the message of the class that was thrown.
 */
export class JailFilterException extends IocError {
  static override readonly code: string = 'JAIL_FILTER'
}

/**
 * A filter asks for a name that no jail can have.
 * @remedy Use letters, digits, single - _ or ., and * or + as wildcards.
 */
export class JailFilterInvalidName extends JailFilterException {
  static override readonly code: string = 'JAIL_FILTER_INVALID_NAME'
  constructor(details: { term: string }, options: ErrorOptions = {}) {
    super(
      `${JSON.stringify(details.term)} fits no name of a jail: use letters, digits, single - _ or ., and * or +`,
      details,
      options,
    )
  }
}

/**
 * A list of jails or releases was asked for without saying in which root dataset.
 * @remedy Give the host's datasets to the list.
 */
export class ListableResourceNamespaceUndefined extends IocError<{ kind: string }> {
  static override readonly code: string = 'LISTABLE_RESOURCE_NAMESPACE_UNDEFINED'
  constructor(details: { kind: string }, options: ErrorOptions = {}) {
    super(`${details.kind} cannot be listed: it was not said below which dataset they are`, details, options)
  }
}

registerErrors({ JailFilterException, JailFilterInvalidName, ListableResourceNamespaceUndefined })
