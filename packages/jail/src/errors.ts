import { type ErrorDetails, IocError, registerErrors } from '@gaoler/core'

/**
 * Base of what goes wrong with one jail; `jail` is its name, `kernelName` the kernel's where that was what failed.
 * @remedy See the message of the class that was thrown.
 */
export class JailException<D extends ErrorDetails & { jail: string } = { jail: string }> extends IocError<
  D & { readonly kernelName?: string }
> {
  static override readonly code: string = 'JAIL'

  /** The same error about the same jail by another name: platforms know the kernel's alone. */
  named(jail: string): this {
    const { jail: kernelName } = this.details
    if (jail === kernelName) return this
    const Kind = this.constructor as new (details: ErrorDetails, options: ErrorOptions) => this
    return new Kind({ ...this.details, jail, kernelName }, { cause: this.cause })
  }
}

/**
 * The kernel has no jail of that name.
 * @remedy Start the jail first.
 */
export class JailNotRunning extends JailException {
  static override readonly code: string = 'JAIL_NOT_RUNNING'
  constructor(details: { jail: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} is not running: start it first`, details, options)
  }
}

/**
 * The kernel has a jail of that name already.
 * @remedy Nothing is to be done, or stop the jail first.
 */
export class JailAlreadyRunning extends JailException<{ jail: string; jid?: number }> {
  static override readonly code: string = 'JAIL_ALREADY_RUNNING'
  constructor(details: { jail: string; jid?: number }, options: ErrorOptions = {}) {
    const jid = details.jid === undefined ? '' : ` (jid ${details.jid})`
    super(`jail ${details.jail} is already running${jid}: stop it first`, details, options)
  }
}

/**
 * The kernel, or what makes jails on this platform, refused; nothing was made.
 * @remedy The reason is the system's own; remove what it names and start again.
 */
export class JailLaunchFailed extends JailException<{ jail: string; reason: string }> {
  static override readonly code: string = 'JAIL_LAUNCH_FAILED'
  constructor(details: { jail: string; reason: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} could not be launched: ${details.reason}`, details, options)
  }
}

/**
 * Something of the jail could not be taken away; removing it again goes on where this stopped.
 * @remedy End what the reason names, and do it again.
 */
export class JailDestructionFailed extends JailException<{ jail: string; reason: string }> {
  static override readonly code: string = 'JAIL_DESTRUCTION_FAILED'
  constructor(details: { jail: string; reason: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} could not be removed: ${details.reason}`, details, options)
  }
}

/**
 * There is no such program in the jail, or it may not be executed.
 * @remedy Check the path inside the jail, and whether the package is installed there.
 */
export class JailCommandNotFound extends JailException<{ jail: string; command: string }> {
  static override readonly code: string = 'JAIL_COMMAND_NOT_FOUND'
  constructor(details: { jail: string; command: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} has no program ${details.command} that could be executed`, details, options)
  }
}

/**
 * The program is there and was not started: a missing interpreter, a foreign binary format, a refusing kernel.
 * @remedy Install what the reason names; a program of another system needs its platform.
 */
export class JailCommandNotStarted extends JailException<{ jail: string; command: string; reason: string }> {
  static override readonly code: string = 'JAIL_COMMAND_NOT_STARTED'
  constructor(details: { jail: string; command: string; reason: string }, options: ErrorOptions = {}) {
    super(`${details.command} could not be started in jail ${details.jail}: ${details.reason}`, details, options)
  }
}

/**
 * The jail has no such user: its own /etc/passwd counts, not the host's.
 * @remedy Make the user in the jail, or correct `exec_jail_user`.
 */
export class JailUserNotFound extends JailException<{ jail: string; user: string }> {
  static override readonly code: string = 'JAIL_USER_NOT_FOUND'
  constructor(details: { jail: string; user: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} has no user ${JSON.stringify(details.user)} in its /etc/passwd`, details, options)
  }
}

/**
 * A parameter of jail(8) that this platform cannot give; going on without it would break a promise.
 * @remedy Unset the property that asks for it, or run the jail on a platform that has it.
 */
export class JailParameterRefused extends JailException<{ jail: string; parameter: string; reason: string }> {
  static override readonly code: string = 'JAIL_PARAMETER_REFUSED'
  constructor(details: { jail: string; parameter: string; reason: string }, options: ErrorOptions = {}) {
    super(`jail ${details.jail} asks for ${details.parameter}: ${details.reason}`, details, options)
  }
}

/**
 * Base of what was refused because it would lead out of a jail or of a resource.
 * @remedy See what leads out, and who has made it.
 */
export class SecurityViolation<D extends ErrorDetails & { reason: string } = { reason: string }> extends IocError<D> {
  static override readonly code: string = 'SECURITY_VIOLATION'
}

/**
 * Something that Gaoler does not do yet; it is refused and not left out.
 * @remedy Do it by hand, or unset the property that asks for it.
 */
export class MissingFeature extends IocError<{ feature: string }> {
  static override readonly code: string = 'MISSING_FEATURE'
  constructor(details: { feature: string }, options: ErrorOptions = {}) {
    super(`${details.feature} is not implemented yet`, details, options)
  }
}

/**
 * A path in a jail leads elsewhere than it says: a symbolic link, or a file where a directory must be.
 * @remedy Replace the link by a directory, and see who has made it: the jail may have.
 */
export class InsecureJailPath extends SecurityViolation<{ path: string; reason: string }> {
  static override readonly code: string = 'INSECURE_JAIL_PATH'
  constructor(details: { path: string; reason?: string }, options: ErrorOptions = {}) {
    const reason = details.reason ?? 'it may lead out of the jail'
    super(`${details.path} is refused: ${reason}`, { ...details, reason }, options)
  }
}

/**
 * Something could not be mounted.
 * @remedy The reason says what the kernel refuses: a missing directory, a busy one, a lack of rights.
 */
export class MountFailed extends IocError<{ mountpoint: string; reason: string }> {
  static override readonly code: string = 'MOUNT_FAILED'
  constructor(details: { mountpoint: string; reason?: string }, options: ErrorOptions = {}) {
    const reason = details.reason ?? 'the kernel gave no reason'
    super(`mounting at ${details.mountpoint} failed: ${reason}`, { ...details, reason }, options)
  }
}

/**
 * Something could not be unmounted.
 * @remedy End what uses it; fuser -m or fstat show that.
 */
export class UnmountFailed extends IocError<{ mountpoint: string; reason: string }> {
  static override readonly code: string = 'UNMOUNT_FAILED'
  constructor(details: { mountpoint: string; reason?: string }, options: ErrorOptions = {}) {
    const reason = details.reason ?? 'the kernel gave no reason'
    super(`unmounting ${details.mountpoint} failed: ${reason}`, { ...details, reason }, options)
  }
}

/**
 * A program of the host that the platform cannot do without; `hint` says how it is installed.
 * @remedy Install it as the hint says.
 */
export class MissingProgram extends IocError<{ program: string; hint: string }> {
  static override readonly code: string = 'MISSING_PROGRAM'
  constructor(details: { program: string; hint: string }, options: ErrorOptions = {}) {
    super(`${details.program} was not found on this host: ${details.hint}`, details, options)
  }
}

/**
 * The host's kernel, or how it is set up, lacks something; the message says what would help.
 * @remedy Do what the message says, or use the embedded platform.
 */
export class HostNotSuitable extends IocError<{ reason: string }> {
  static override readonly code: string = 'HOST_NOT_SUITABLE'
  constructor(details: { reason: string }, options: ErrorOptions = {}) {
    super(`this host cannot run jails: ${details.reason}`, details, options)
  }
}

/**
 * An operation needs rights that this user does not have.
 * @remedy Run it as root.
 */
export class MustBeRoot extends IocError<{ operation: string }> {
  static override readonly code: string = 'MUST_BE_ROOT'
  constructor(details: { operation: string }, options: ErrorOptions = {}) {
    super(`${details.operation} needs the rights of root: run it as root`, details, options)
  }
}

/**
 * There is no such program on the host, or it may not be executed.
 * @remedy Install the program, or correct its path.
 */
export class HostCommandNotFound extends IocError<{ command: string }> {
  static override readonly code: string = 'HOST_COMMAND_NOT_FOUND'
  constructor(details: { command: string }, options: ErrorOptions = {}) {
    super(`this host has no program ${details.command} that could be executed`, details, options)
  }
}

/**
 * A command has said more than a text of this process can be long, and was killed.
 * @remedy Let it write into a file.
 */
export class CommandOutputTooLong extends IocError<{ stream: string; limit: number }> {
  static override readonly code: string = 'COMMAND_OUTPUT_TOO_LONG'
  constructor(details: { stream: string; limit: number }, options: ErrorOptions = {}) {
    const found = `the command has said more than ${details.limit} characters on ${details.stream}`
    super(`${found}, more than its result can hold, and was killed: let it write into a file`, details, options)
  }
}

/**
 * A command of a dead process still runs and could not be killed: it hangs in the kernel, or makes processes faster than they end.
 * @remedy End the processes, then run host.recover().
 */
export class CommandNotEnded extends IocError<{ mark: string; pids: readonly number[] }> {
  static override readonly code: string = 'COMMAND_NOT_ENDED'
  constructor(details: { mark: string; pids: readonly number[] }, options: ErrorOptions = {}) {
    const pids = details.pids.join(', ')
    const found = `processes ${pids} of a command whose gaoler died do not end, though they were sent SIGKILL`
    super(`${found}: end them, then run host.recover()`, details, options)
  }
}

registerErrors({
  JailException,
  JailNotRunning,
  JailAlreadyRunning,
  JailLaunchFailed,
  JailDestructionFailed,
  JailCommandNotFound,
  JailCommandNotStarted,
  JailParameterRefused,
  JailUserNotFound,
  MissingFeature,
  SecurityViolation,
  InsecureJailPath,
  MountFailed,
  UnmountFailed,
  MissingProgram,
  HostNotSuitable,
  MustBeRoot,
  HostCommandNotFound,
  CommandOutputTooLong,
  CommandNotEnded,
})
