import { registerErrors } from '@gaoler/core'
import { JailException } from '../errors.ts'

/**
 * There is no jail of that name.
 * @remedy See what there is with: ioc list.
 */
export class JailDoesNotExist extends JailException {
  static override readonly code: string = 'JAIL_DOES_NOT_EXIST'
  constructor(
    details: { jail: string; dataset?: string; neededBy?: string; reason?: 'no-config' },
    options: ErrorOptions = {},
  ) {
    const { dataset, reason } = details
    const what = reason ? `the dataset ${dataset} has no configuration of a jail` : `there is no dataset ${dataset}`
    const where = dataset ? ` (${what})` : ''
    const why = details.neededBy ? `, and jail ${details.neededBy} depends on it` : ''
    super(`jail ${details.jail} does not exist${where}${why}; see what there is with: ioc list`, details, options)
  }
}

/**
 * There is a jail of that name.
 * @remedy Choose another name, or destroy it first.
 */
export class JailAlreadyExists extends JailException {
  static override readonly code: string = 'JAIL_ALREADY_EXISTS'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} already exists; choose another name, or destroy it first`, details, options)
  }
}

/**
 * A command of the jail's configuration failed; `code` is null when a signal ended it.
 * @remedy Run the command by hand; its output is in the events and in `details.stderr`.
 */
export class JailHookFailed extends JailException<{
  jail: string
  hook: string
  command: string
  code: number | null
  signal: string | null
  timedOut?: boolean
  stderr?: string
}> {
  static override readonly code: string = 'JAIL_HOOK_FAILED'
  constructor(details: JailHookFailed['details'], options: ErrorOptions = {}) {
    const how = details.timedOut
      ? 'took longer than its time limit and was killed'
      : details.signal
        ? `was killed by ${details.signal}`
        : `exited with ${details.code}`
    const said = details.stderr?.trim().split('\n').at(-1)
    super(
      `${details.hook} of jail ${details.jail} (${details.command}) ${how}${said ? `: ${said}` : ''}`,
      details,
      options,
    )
  }
}

/**
 * The jail was made by another host.
 * @remedy Set its hostid, or hostid_strict_check=no.
 */
export class JailHostUUIDMismatch extends JailException<{ jail: string; hostid: string; host: string }> {
  static override readonly code: string = 'JAIL_HOST_UUID_MISMATCH'
  constructor(details: { jail: string; hostid: string; host: string }, options: ErrorOptions = {}) {
    super(
      `jail ${details.jail} belongs to the host ${details.hostid}, this one is ${details.host}; ` +
        'set its hostid, or hostid_strict_check=no',
      details,
      options,
    )
  }
}

/**
 * Something else needs the jail's datasets; nothing was touched.
 * @remedy Destroy or promote the clones, release the holds.
 */
export class JailHasDependents extends JailException<{
  jail: string
  clones: readonly string[]
  holds: readonly string[]
}> {
  static override readonly code: string = 'JAIL_HAS_DEPENDENTS'
  constructor(
    details: { jail: string; clones: readonly string[]; holds: readonly string[] },
    options: ErrorOptions = {},
  ) {
    const clones = details.clones.length > 0 ? `destroy or promote the clones ${details.clones.join(', ')}` : ''
    const holds = details.holds.length > 0 ? `release the holds ${details.holds.join(', ')}` : ''
    super(
      `jail ${details.jail} cannot be destroyed, nothing was touched: first ${[clones, holds].filter(Boolean).join(' and ')}`,
      details,
      options,
    )
  }
}

/**
 * Jails that depend on each other in a circle.
 * @remedy Change depends of one of them.
 */
export class JailDependencyCycle extends JailException<{ jail: string; path: readonly string[] }> {
  static override readonly code: string = 'JAIL_DEPENDENCY_CYCLE'
  constructor(details: { jail: string; path: readonly string[] }, options: ErrorOptions = {}) {
    super(
      `jail ${details.jail} depends on itself: ${details.path.join(' → ')}; change depends of one of them`,
      details,
      options,
    )
  }
}

/**
 * The check of a jail (`exec_ready`) has not passed in time; jails that depend on it were not started.
 * @remedy See the jail's console log; correct the check, or raise ready_timeout.
 */
export class JailNotReady extends JailException<{
  jail: string
  command: string
  seconds: number
  code: number | null
  tries: number
}> {
  static override readonly code: string = 'JAIL_NOT_READY'
  constructor(
    details: { jail: string; command: string; seconds: number; code: number | null; tries: number },
    options: ErrorOptions = {},
  ) {
    const { jail, command, seconds, code, tries } = details
    const last = code === null ? 'the last one was still running' : `the last one exited with ${code}`
    super(
      `jail ${jail} was not ready within ${seconds} s: ${JSON.stringify(command)} was tried ${tries} times, ${last}`,
      details,
      options,
    )
  }
}

/**
 * A template is to be used as a jail.
 * @remedy Create a jail from it, or unset its property template.
 */
export class JailIsTemplate extends JailException {
  static override readonly code: string = 'JAIL_IS_TEMPLATE'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} is a template: create a jail from it, or set its template=no`, details, options)
  }
}

/**
 * A jail is to be used as a template.
 * @remedy Set its property template.
 */
export class JailNotTemplate extends JailException {
  static override readonly code: string = 'JAIL_NOT_TEMPLATE'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} is not a template: set its template=yes`, details, options)
  }
}

/**
 * A command in a jail ended with another status than 0, and its caller wants that to be an error.
 * @remedy See what the command said; its output is in the events.
 */
export class JailCommandFailed extends JailException<{ jail: string; command: string; code: number | null }> {
  static override readonly code: string = 'JAIL_COMMAND_FAILED'
  constructor(details: { jail: string; command: string; code: number | null }, options: ErrorOptions = {}) {
    const how = details.code === null ? 'was ended by a signal' : `exited with ${details.code}`
    super(`${details.command} in jail ${details.jail} ${how}`, details, options)
  }
}

/**
 * Somebody ended what ran in a jail, by Ctrl-C.
 * @remedy Nothing is to be done; run it again if that was a mistake.
 */
export class JailExecutionAborted extends JailException {
  static override readonly code: string = 'JAIL_EXECUTION_ABORTED'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`what ran in jail ${details.jail} was aborted`, details, options)
  }
}

/**
 * The kernel could not be asked which jails run.
 * @remedy See the reason; jls must work for the same user.
 */
export class JailStateUpdateFailed extends JailException<{ jail: string; reason: string }> {
  static override readonly code: string = 'JAIL_STATE_UPDATE_FAILED'
  constructor(details: { jail: string; reason: string }, options: ErrorOptions = {}) {
    super(`the state of jail ${details.jail} could not be read: ${details.reason}`, details, options)
  }
}

registerErrors({
  JailDoesNotExist,
  JailAlreadyExists,
  JailHookFailed,
  JailHostUUIDMismatch,
  JailHasDependents,
  JailDependencyCycle,
  JailNotReady,
  JailIsTemplate,
  JailNotTemplate,
  JailCommandFailed,
  JailExecutionAborted,
  JailStateUpdateFailed,
})
