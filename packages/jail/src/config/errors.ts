import { inspect } from 'node:util'
import { IocError, registerErrors } from '@gaoler/core'
import { SecurityViolation } from '../errors.ts'

/**
 * The configuration of a jail cannot be read or must not be what was asked for.
 * @remedy See the message of the class that was thrown.
 */
export class JailConfigError extends IocError {
  static override readonly code: string = 'JAIL_CONFIG'
}

/**
 * A name that no jail can have.
 * @remedy Take 1 to 31 letters and digits with single -, _ or . between them, or a UUID.
 */
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

/**
 * No property of a jail has that name.
 * @remedy Take one of the names that the message offers; your own data belongs under user.*.
 */
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

/**
 * A property cannot have that value.
 * @remedy The reason says which values there are.
 */
export class InvalidJailConfigValue extends JailConfigError {
  static override readonly code: string = 'INVALID_JAIL_CONFIG_VALUE'
  constructor(details: { property: string; jail: string; value: unknown; reason: string }, options: ErrorOptions = {}) {
    const value = shortened(details.value)
    super(
      visible(
        `${details.property.slice(0, 100)} of jail ${details.jail} cannot be ${JSON.stringify(value)}: ${details.reason}`,
      ),
      { ...details, value },
      options,
    )
  }
}

/** Whoever prints the message prints no more than text: JSON leaves some controls as they are. */
function visible(message: string): string {
  return message.replace(
    /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A value of any kind and length as an error shows it, and takes it with it into another thread. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 100 ? `${value.slice(0, 100)}…` : value
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  return inspect(value, { depth: 1, maxArrayLength: 5, maxStringLength: 50, breakLength: Number.POSITIVE_INFINITY })
}

/**
 * A configuration that exists and cannot be understood; `line` and `column` count from 1, where the place is known.
 * @remedy Correct it, or restore it from a snapshot of the jail. With `skipInvalidConfig` values that cannot be (`property`
 * says which) have no effect, in lists as for one jail.
 */
export class JailConfigUnreadable extends JailConfigError {
  static override readonly code: string = 'JAIL_CONFIG_UNREADABLE'
  constructor(
    details: { file: string; reason: string; jail?: string; property?: string; line?: number; column?: number },
    options: ErrorOptions = {},
  ) {
    const { file, line, column = 1, jail, property } = details
    const place = line === undefined ? '' : `:${line}:${column}`
    const of = jail === undefined ? '' : ` of jail ${jail}`
    const otherwise =
      property === undefined ? 'restore it from a snapshot' : 'leave out what cannot be with skipInvalidConfig'
    super(
      `cannot read the configuration ${file}${place}${of}: ${details.reason}; correct it, or ${otherwise}`,
      details,
      options,
    )
  }
}

/**
 * A configuration that cannot be written in a format: ZFS takes 8191 bytes for a property, and no other names.
 * @remedy Shorten what the reason names, or keep the configuration in a file.
 */
export class JailConfigUnwritable extends JailConfigError {
  static override readonly code: string = 'JAIL_CONFIG_UNWRITABLE'
  constructor(details: { file: string; reason: string; property?: string }, options: ErrorOptions = {}) {
    super(`cannot write the configuration ${details.file}: ${details.reason}`, details, options)
  }
}

/**
 * Properties that were set for a jail ask for what this platform, or this version, does not do; going on would ignore them.
 * @remedy Unset them, or run the jail on a platform that honours them: docs/properties.md has the table.
 */
export class JailPropertyNotHonoured extends JailConfigError {
  static override readonly code: string = 'JAIL_PROPERTY_NOT_HONOURED'
  constructor(
    details: { jail: string; platform: string; properties: readonly string[]; reason: string },
    options: ErrorOptions = {},
  ) {
    super(`jail ${details.jail} asks for what is not done on ${details.platform}: ${details.reason}`, details, options)
  }
}

/**
 * A dataset is to be shared with a jail that may have none.
 * @remedy Set jail_zfs=yes, or empty jail_zfs_dataset.
 */
export class JailConfigZFSIsNotAllowed extends JailConfigError {
  static override readonly code: string = 'JAIL_CONFIG_ZFS_IS_NOT_ALLOWED'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(
      `jail ${details.jail} has a jail_zfs_dataset and jail_zfs=no: set jail_zfs=yes, or empty jail_zfs_dataset`,
      details,
      options,
    )
  }
}

/**
 * An address of a jail does not say which interface it is for.
 * @remedy Write it like vnet0|192.0.2.7/24.
 */
export class InvalidJailConfigAddress extends InvalidJailConfigValue {
  static override readonly code: string = 'INVALID_JAIL_CONFIG_ADDRESS'
  constructor(
    details: { property: string; jail: string; value: unknown; reason?: string },
    options: ErrorOptions = {},
  ) {
    super({ ...details, reason: details.reason ?? 'write it like vnet0|192.0.2.7/24' }, options)
  }
}

/**
 * A jail has no configuration in any format that is known.
 * @remedy Restore the file from a snapshot or backup of the jail.
 */
export class JailConfigNotFound extends JailConfigError {
  static override readonly code: string = 'JAIL_CONFIG_NOT_FOUND'
  constructor(details: { file: string }, options: ErrorOptions = {}) {
    super(`there is no configuration ${details.file}: restore it from a snapshot or backup`, details, options)
  }
}

/**
 * The host has no file of defaults; that matters only to who asks for the file itself.
 * @remedy Set a default, and the file is made.
 */
export class DefaultConfigNotFound extends IocError<{ file: string }> {
  static override readonly code: string = 'DEFAULT_CONFIG_NOT_FOUND'
  constructor(details: { file: string }, options: ErrorOptions = {}) {
    super(`there is no file of defaults ${details.file}: set a default, and it is made`, details, options)
  }
}

/**
 * A file of the configuration lies, by a link, outside of its jail or release.
 * @remedy Remove the link, and see who has made it: a jail must not write there.
 */
export class SecurityViolationConfigJailEscape extends SecurityViolation<{ file: string; reason: string }> {
  static override readonly code: string = 'SECURITY_VIOLATION_CONFIG_JAIL_ESCAPE'
  constructor(details: { file: string; reason?: string }, options: ErrorOptions = {}) {
    const reason = details.reason ?? 'it leads out of its jail or release'
    super(`${details.file} is refused: ${reason}`, { ...details, reason }, options)
  }
}

registerErrors({
  JailConfigError,
  InvalidJailName,
  UnknownConfigProperty,
  InvalidJailConfigValue,
  JailConfigUnreadable,
  JailConfigUnwritable,
  JailPropertyNotHonoured,
  JailConfigZFSIsNotAllowed,
  InvalidJailConfigAddress,
  JailConfigNotFound,
  DefaultConfigNotFound,
  SecurityViolationConfigJailEscape,
})
