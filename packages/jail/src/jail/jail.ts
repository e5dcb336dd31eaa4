import type { IocEvent, OperationOptions } from '@gaoler/core'
import { type SyncOptions, syncBridge } from '@gaoler/core/sync'
import type { PropertyInput } from '../config/properties/index.ts'
import { JailFstab } from '../fstab/jail-fstab.ts'
import { type Sync, splitSync } from '../host/sync.ts'
import type { CommandResult } from '../platform/platform.ts'
import { ReleaseBase } from '../release/release-base.ts'
import { Snapshots } from '../snapshot/snapshots.ts'
import type { CloneOptions } from './clone-to-dataset.ts'
import type { CreateOptions, CreateSource } from './create.ts'
import type { DestroyOptions } from './destroy.ts'
import type { ExecOptions } from './exec.ts'
import type { ForkExecOptions } from './fork-exec.ts'
import { JailBase } from './jail-base.ts'
import type { RestartOptions } from './restart.ts'
import type { SaveOptions } from './save.ts'
import type { StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** The verbs whose events can be pulled, with how many arguments each has before its options. */
const leading = {
  create: 1,
  createFromRelease: 1,
  createFromTemplate: 1,
  createFromScratch: 0,
  cloneFromJail: 1,
  cloneToDataset: 1,
  promote: 0,
  rename: 1,
  start: 0,
  stop: 0,
  restart: 0,
  forkExec: 1,
  destroy: 0,
  set: 1,
} as const

type Verb = keyof typeof leading

const makes = new Set<Verb>(['create', 'createFromRelease', 'createFromTemplate', 'createFromScratch', 'cloneFromJail'])

/**
 * A jail for scripts: each call blocks until the operation has ended, and returns its events.
 *
 * ```ts
 * const jail = new Jail('web')
 * jail.start({ onEvent: (event) => console.log(`${event}`) })
 * ```
 */
export class Jail extends JailBase {
  /** What is mounted into the jail beside its root. */
  readonly fstab: JailFstab = new JailFstab(this)
  /** The snapshots of all datasets of the jail. */
  readonly snapshots: Snapshots = new Snapshots(this)

  /** From a release (a string is its name), from a template (a jail), or with an empty root. */
  create(from?: CreateSource, options: Sync<CreateOptions> = {}): IocEvent[] {
    return this.#collect('create', [from], options)
  }

  /** Creates the jail from a fetched release. Throws JailAlreadyExists, ReleaseNotFetched, JailConfigError. */
  createFromRelease(release: string | ReleaseBase, options: Sync<CreateOptions> = {}): void {
    this.#collect('createFromRelease', [release], options)
  }

  /** Creates the jail as a clone of a template. Throws JailAlreadyExists, JailNotTemplate, JailConfigError. */
  createFromTemplate(template: JailBase, options: Sync<CreateOptions> = {}): IocEvent[] {
    return this.#collect('createFromTemplate', [template], options)
  }

  /** Creates the jail with an empty root. Throws JailAlreadyExists, JailConfigError. */
  createFromScratch(options: Sync<CreateOptions> = {}): IocEvent[] {
    return this.#collect('createFromScratch', [], options)
  }

  /** Creates the jail as a copy of another one, running or not. Throws JailDoesNotExist, JailAlreadyExists. */
  cloneFromJail(source: JailBase, options: Sync<OperationOptions> = {}): IocEvent[] {
    return this.#collect('cloneFromJail', [source], options)
  }

  /** Clones the jail's datasets to the dataset `name` by one recursive snapshot. Throws FilesystemExists. */
  cloneToDataset(name: string, options: Sync<CloneOptions> = {}): IocEvent[] {
    return this.#collect('cloneToDataset', [name], options)
  }

  /** Makes the jail independent of what it was cloned from; skipped when it is no clone. */
  promote(options: Sync<OperationOptions> = {}): IocEvent[] {
    return this.#collect('promote', [], options)
  }

  /** Renames the stopped jail. Throws InvalidJailName, JailAlreadyExists, JailAlreadyRunning. */
  rename(name: string, options: Sync<OperationOptions> = {}): IocEvent[] {
    return this.#collect('rename', [name], options)
  }

  /** Starts the jail, after those that it depends on. Throws JailDoesNotExist, JailAlreadyRunning, JailHookFailed, JailLaunchFailed … */
  start(options: Sync<StartOptions> = {}): IocEvent[] {
    return this.#collect('start', [], options)
  }

  /** Stops the jail; goes on after a failed step and throws its error at the end. Throws JailDoesNotExist, JailNotRunning. */
  stop(options: Sync<StopOptions> = {}): IocEvent[] {
    return this.#collect('stop', [], options)
  }

  /** Restarts what runs in the jail, or with `shutdown` the jail itself. Throws JailNotRunning, JailHookFailed … */
  restart(options: Sync<RestartOptions> = {}): IocEvent[] {
    return this.#collect('restart', [], options)
  }

  /** Runs a program in the running jail. A status other than 0 is a result, not an error. */
  exec(argv: readonly string[], options: Sync<ExecOptions> = {}): CommandResult {
    // Here the time limit is the program's: when it is over, the result says so.
    const { timeout, ...others } = options
    const [call, rest] = splitSync(this.host, others)
    return bridge.drain('exec', [this.descriptor, argv, { ...rest, timeout }], call)
  }

  /** As `exec`, at the caller's own terminal: stdout and stderr of the result are null. */
  passthru(argv: readonly string[], options: Sync<Omit<ExecOptions, 'passthru'>> = {}): CommandResult {
    return this.exec(argv, { ...options, passthru: true })
  }

  /** A login in the running jail, at the caller's own terminal. */
  execConsole(options: Sync<OperationOptions> = {}): CommandResult {
    const [call, rest] = splitSync(this.host, options)
    return bridge.drain('execConsole', [this.descriptor, rest], call)
  }

  /** Starts the stopped jail for one command line; returns what it wrote to stdout, nothing with `passthru`. */
  forkExec(command: string, options: Sync<ForkExecOptions> = {}): string {
    const [call, rest] = splitSync(this.host, options)
    return bridge.drain('forkExec', [this.descriptor, command, rest], call).stdout ?? ''
  }

  /** Destroys the jail with its snapshots. Throws JailDoesNotExist, JailAlreadyRunning (without `forceStop`), JailHasDependents. */
  destroy(options: Sync<DestroyOptions> = {}): IocEvent[] {
    return this.#collect('destroy', [], options)
  }

  /** Writes what was set in `config` since it was read. */
  save(options: Sync<SaveOptions> = {}): IocEvent[] {
    return this.set(this.changes, options)
  }

  /** Sets properties and writes them; `undefined` is back to the default. */
  set(properties: PropertyInput, options: Sync<SaveOptions> = {}): IocEvent[] {
    return this.#collect('set', [properties], options)
  }

  /**
   * A verb pull by pull: the work goes on only when the next event is asked for, and whoever leaves undoes it.
   *
   * ```ts
   * for (const event of jail.iterate('start')) if (event.is('JailHookStart')) break
   * ```
   */
  *iterate<V extends Verb>(verb: V, ...args: Parameters<Jail[V]>): Generator<IocEvent, void, void> {
    const [call, rest] = splitSync(this.host, (args[leading[verb]] ?? {}) as SyncOptions)
    const before = Array.from({ length: leading[verb] }, (_, index) => args[index])
    let done = false
    try {
      yield* bridge.iterate(verb, this.#plain(verb, before, rest), call) as Generator<IocEvent, void, void>
      done = true
    } finally {
      this.#follow(verb, before, done)
    }
  }

  #collect(verb: Verb, before: readonly unknown[], options: Sync): IocEvent[] {
    const [call, rest] = splitSync(this.host, options)
    let done = false
    try {
      const events = bridge.collect(verb, this.#plain(verb, before, rest), call)
      done = true
      return events
    } finally {
      this.#follow(verb, before, done)
    }
  }

  /** The arguments as they cross to the other thread. */
  #plain(verb: Verb, before: readonly unknown[], rest: object): never {
    if (makes.has(verb)) this.asNew()
    const plain = before.map((arg) => {
      return arg instanceof ReleaseBase || arg instanceof JailBase ? arg.descriptor : arg
    })
    return [this.descriptor, ...plain, rest] as never
  }

  /** What the other thread has changed is read again; a jail that was renamed is known by its new name. */
  #follow(verb: Verb, [what]: readonly unknown[], done: boolean): void {
    if (verb === 'rename' && !this.exists && this.beside(what as string).exists) this.renamed(what as string)
    if (done && (verb === 'destroy' || makes.has(verb))) this.reload()
    else this.refresh(done && verb === 'set' ? Object.keys(what as object) : [])
  }
}
