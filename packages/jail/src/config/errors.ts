import { IocError, registerErrors } from '@gaoler/core'

/** The configuration of a jail cannot be read or must not be what was asked for. */
export class JailConfigError extends IocError {
  static override readonly code: string = 'JAIL_CONFIG'
}

export class InvalidJailName extends JailConfigError {
  static override readonly code: string = 'INVALID_JAIL_NAME'
  constructor(details: { name: string }, options: ErrorOptions = {}) {
    super(
      `${JSON.stringify(details.name)} cannot be the name of a jail: a name is a UUID, or has 1 to 31 letters and ` +
        'digits with single -, _ or . between them',
      details,
      options,
    )
  }
}

export class UnknownConfigProperty extends JailConfigError {
  static override readonly code: string = 'UNKNOWN_CONFIG_PROPERTY'
  constructor(details: { property: string; jail: string; known?: readonly string[] }, options: ErrorOptions = {}) {
    const near = details.known?.length ? `; did you mean ${details.known.join(' or ')}?` : ''
    super(
      `${JSON.stringify(details.property)} is no property of a jail (asked for ${details.jail})${near}; ` +
        'your own data belongs under user.*',
      details,
      options,
    )
  }
}

export class InvalidJailConfigValue extends JailConfigError {
  static override readonly code: string = 'INVALID_JAIL_CONFIG_VALUE'
  constructor(details: { property: string; jail: string; value: unknown; reason: string }, options: ErrorOptions = {}) {
    super(
      `${details.property} of jail ${details.jail} cannot be ${JSON.stringify(details.value)}: ${details.reason}`,
      details,
      options,
    )
  }
}

/** A configuration file that exists and cannot be understood. */
export class JailConfigUnreadable extends JailConfigError {
  static override readonly code: string = 'JAIL_CONFIG_UNREADABLE'
  constructor(details: { file: string; reason: string }, options: ErrorOptions = {}) {
    super(`cannot read the configuration ${details.file}: ${details.reason}`, details, options)
  }
}

registerErrors({
  JailConfigError,
  InvalidJailName,
  UnknownConfigProperty,
  InvalidJailConfigValue,
  JailConfigUnreadable,
})
