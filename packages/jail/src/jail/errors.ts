import { registerErrors } from '@gaoler/core'
import { JailException } from '../errors.ts'

export class JailDoesNotExist extends JailException {
  static override readonly code: string = 'JAIL_DOES_NOT_EXIST'
  constructor(details: { jail: string; dataset?: string }, options: ErrorOptions = {}) {
    const where = details.dataset ? ` (there is no dataset ${details.dataset})` : ''
    super(`jail ${details.jail} does not exist${where}; see what there is with: ioc list`, details, options)
  }
}

export class JailAlreadyExists extends JailException {
  static override readonly code: string = 'JAIL_ALREADY_EXISTS'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} already exists; choose another name, or destroy it first`, details, options)
  }
}

/** A command of the jail's configuration failed; `code` is null when a signal ended it. */
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

/** Something else needs the jail's datasets; nothing was touched. */
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

/** Jails that depend on each other in a circle. */
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

registerErrors({
  JailDoesNotExist,
  JailAlreadyExists,
  JailHookFailed,
  JailHostUUIDMismatch,
  JailHasDependents,
  JailDependencyCycle,
})
