import type { HostEffect } from '../plan/effect.ts'

export type PlatformName = 'freebsd' | 'linux' | 'embedded'

/** Something that a jail sees besides its root directory. */
export interface Mount {
  readonly type: 'devfs' | 'fdescfs' | 'procfs' | 'tmpfs' | 'nullfs'
  /** Absolute path on the host, below the jail's root. */
  readonly target: string
  /** The directory or file that a nullfs mount shows: an absolute path on the host. */
  readonly source?: string
  readonly readOnly?: boolean
  /** Other options of the file system, `size=1m`; a platform refuses those that it does not have. */
  readonly options?: readonly string[]
  /** Number of the devfs ruleset, where there are any. */
  readonly ruleset?: number
}

/** What the kernel is asked for. Every platform takes what it knows and refuses what it was asked and cannot give. */
export interface LaunchParameters {
  /** The kernel's name of the jail, unique on the host (`Jail.identifier`). */
  readonly name: string
  /** Absolute path of the jail's root directory. */
  readonly path: string
  readonly hostname: string
  readonly hostuuid: string
  /** Mounts that a platform must know when it creates the jail (linux); others mount them in steps of their own. */
  readonly mounts: readonly Mount[]
  /** Whether the jail is to manage datasets that it will be given: linux makes /dev/zfs and the right to use it with the jail. */
  readonly managesDatasets?: boolean
  /** Other parameters of jail(8), by their dotted names (`allow.raw_sockets`, `securelevel`); `undefined` is omitted. */
  readonly parameters: Readonly<Record<string, JailParameter>>
}

/** A value of jail(8): a boolean parameter, a number, a string, a list of addresses, or new/inherit/disable. */
export type JailParameter = boolean | number | string | readonly string[] | undefined

/** A command, as a program and its arguments: never a string for a shell. */
export interface Command {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The jail's user that it runs as; default root. Of commands in a jail only. */
  readonly user?: string
  /** Milliseconds after which the command's processes are killed. */
  readonly timeout?: number
  /** How many characters of each of its streams the result has at most, the newest; default all. Events have all. */
  readonly keep?: number
  /** `inherit` gives it the caller's own terminal; its output is then not collected. */
  readonly stdio?: 'pipe' | 'inherit'
}

export interface CommandResult {
  /** Null with `stdio: 'inherit'`. */
  readonly stdout: string | null
  readonly stderr: string | null
  /** Exit status; null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  readonly timedOut?: boolean
  /** How many characters of its output, the oldest, were not kept. */
  readonly leftOut?: number
}

/** The effects that only an operating system can give, each with its inverse. */
export type PlatformEffects = {
  /** Throws JailAlreadyRunning when the kernel has a jail of that name. `jid`: the jail's number for the operator. */
  readonly createJail: HostEffect<LaunchParameters, { jid: number }>
  /** Ends every process of the jail and waits until it is gone; nothing happens when there is none. */
  readonly removeJail: HostEffect<{ name: string }, void>
  /** Mounts in a running jail; what the jail was created with is only looked for. */
  readonly mount: HostEffect<Mount & { name: string }, void>
  /** As `unmount`, of what is mounted again when the operation is undone. */
  readonly detach: HostEffect<Mount & { name: string }, void>
  /** The inverse of `detach`: nothing happens where it is mounted still, or the jail is gone. */
  readonly remount: HostEffect<Mount & { name: string }, void>
  readonly unmount: HostEffect<{ name: string; target: string }, void>
  /** Brings up what the configuration asks for; today the loopback interface. */
  readonly setUpNetwork: HostEffect<{ name: string }, void>
  readonly tearDownNetwork: HostEffect<{ name: string }, void>
  /** Absolute paths in argv are paths inside the jail. Throws JailNotRunning, JailCommandNotFound. */
  readonly execInJail: HostEffect<Command & { name: string }, CommandResult>
  readonly execOnHost: HostEffect<Command, CommandResult>
  /** Ends what is left of a command that bears this mark, on the host or in a jail; returns how many processes. */
  readonly endCommand: HostEffect<{ mark: string }, number>
}

/** A jail that the kernel has, whoever made it. */
export interface KernelJail {
  readonly name: string
  readonly jid: number
}

/**
 * An operating system as jails need it: three folders of one shape implement this.
 * The queries are synchronous and cheap: they start no process.
 */
export interface Platform {
  readonly name: PlatformName
  /** What it isolates, in a sentence for operators: nothing may claim an isolation that it does not give. */
  readonly isolation: string
  readonly effects: PlatformEffects
  /** The host's own UUID, lower case with dashes. */
  hostUuid(): string
  /** Why a parameter of jail(8) cannot have that value here; null when it can. */
  parameterRefusal(parameter: string, value: JailParameter): string | null
  /** The jail of that kernel name, or null. */
  findJail(name: string): KernelJail | null
  /** All jails that the kernel has, in one query: what it costs depends on how many run. */
  listJails(): KernelJail[]
  /** Whether there is no jail of that kernel name and something is left of one, which `removeJail` takes away. */
  hasLeftover(name: string): boolean
  /** On linux: a file that names the user namespace of a jail that is given datasets, also when it has ended by itself. */
  datasetNamespace?(name: string): string | null
  /** Names of jails that do not run and of which something is left; `removeJail` takes it away, twice where two do it at once. */
  listLeftovers(): string[]
}
