import { type ErrorDetails, IocError, registerErrors } from '@gaoler/core'
import { JailException } from '../../errors.ts'

/**
 * An argument that begins with `/` is a path inside the jail; neither it nor its directory is there.
 * @remedy Make the directory in the jail first, or write the argument without its slash if it is no path.
 */
export class JailPathNotFound extends JailException<{ jail: string; path: string; command: string }> {
  static override readonly code: string = 'JAIL_PATH_NOT_FOUND'
  constructor(details: { jail: string; path: string; command: string }, options: ErrorOptions = {}) {
    super(
      `jail ${details.jail} has no ${details.path} for ${details.command}: an argument that begins with / is a path ` +
        'inside the jail, and neither it nor its directory is there',
      details,
      options,
    )
  }
}

/**
 * A file of the embedded platform's own state was changed by something else.
 * @remedy End the processes of its jail, and remove the file.
 */
export class EmbeddedStateDamaged extends IocError<ErrorDetails & { path: string; reason: string }> {
  static override readonly code: string = 'EMBEDDED_STATE_DAMAGED'
  constructor(details: { path: string; reason: string }, options: ErrorOptions = {}) {
    super(
      `${details.path} was not written by this version of the embedded platform (${details.reason}): ` +
        'end the processes of its jail, and remove the file',
      details,
      options,
    )
  }
}

registerErrors({ JailPathNotFound, EmbeddedStateDamaged })
