import type { Operation, OperationOptions } from '@gaoler/core'
import type { PropertyInput } from '../config/properties/index.ts'
import { JailFstabGenerator } from '../fstab/jail-fstab-generator.ts'
import type { CommandResult } from '../platform/platform.ts'
import type { ReleaseBase } from '../release/release-base.ts'
import { SnapshotsGenerator } from '../snapshot/snapshots-generator.ts'
import { cloneFromJail } from './clone-from-jail.ts'
import { type CloneOptions, cloneToDataset } from './clone-to-dataset.ts'
import { execConsole } from './console.ts'
import {
  type CreateOptions,
  type CreateSource,
  create,
  createFromRelease,
  createFromScratch,
  createFromTemplate,
} from './create.ts'
import { type DestroyOptions, destroy } from './destroy.ts'
import { type ExecOptions, exec } from './exec.ts'
import { type ForkExecOptions, forkExec } from './fork-exec.ts'
import { JailBase } from './jail-base.ts'
import { promote } from './promote.ts'
import { rename } from './rename.ts'
import { type RestartOptions, restart } from './restart.ts'
import { type SaveOptions, save, setProperties } from './save.ts'
import { type Started, type StartOptions, start } from './start.ts'
import { type StopOptions, stop } from './stop.ts'

/**
 * A jail whose operations are async generators of events.
 *
 * ```ts
 * const jail = new JailGenerator('web')
 * for await (const event of jail.start()) console.log(`${event}`)
 * ```
 */
export class JailGenerator extends JailBase {
  /** What is mounted into the jail beside its root. */
  readonly fstab: JailFstabGenerator = new JailFstabGenerator(this)
  /** The snapshots of all datasets of the jail. */
  readonly snapshots: SnapshotsGenerator = new SnapshotsGenerator(this)

  /** From a release (a string is its name), from a template (a jail), or with an empty root. */
  create(from?: CreateSource, options: CreateOptions = {}): Operation<void> {
    return create(this.viewFor(options), from, options)
  }

  /** Creates the jail from a fetched release. Throws JailAlreadyExists, ReleaseNotFetched, JailConfigError. */
  createFromRelease(release: string | ReleaseBase, options: CreateOptions = {}): Operation<void> {
    return createFromRelease(this.viewFor(options), release, options)
  }

  /** Creates the jail as a clone of a template. Throws JailAlreadyExists, JailNotTemplate, JailConfigError. */
  createFromTemplate(template: JailBase, options: CreateOptions = {}): Operation<void> {
    return createFromTemplate(this.viewFor(options), template, options)
  }

  /** Creates the jail with an empty root. Throws JailAlreadyExists, JailConfigError. */
  createFromScratch(options: CreateOptions = {}): Operation<void> {
    return createFromScratch(this.viewFor(options), options)
  }

  /** Creates the jail as a copy of another one, running or not. Throws JailDoesNotExist, JailAlreadyExists. */
  cloneFromJail(source: JailBase, options: OperationOptions = {}): Operation<void> {
    return cloneFromJail(this.viewFor(options), source, options)
  }

  /** Clones the jail's datasets to the dataset `name` by one recursive snapshot. Throws FilesystemExists. */
  cloneToDataset(name: string, options: CloneOptions = {}): Operation<void> {
    return cloneToDataset(this.viewFor(options), name, options)
  }

  /** Makes the jail independent of what it was cloned from; skipped when it is no clone. */
  promote(options: OperationOptions = {}): Operation<void> {
    return promote(this.viewFor(options), options)
  }

  /** Renames the stopped jail. Throws InvalidJailName, JailAlreadyExists, JailAlreadyRunning. */
  rename(name: string, options: OperationOptions = {}): Operation<void> {
    return rename(this.viewFor(options), name, options)
  }

  /** Starts the jail, after those that it depends on. Throws JailAlreadyRunning, JailIsTemplate, JailHostUUIDMismatch, JailHookFailed, JailLaunchFailed … */
  start(options: StartOptions = {}): Operation<Started> {
    return start(this.viewFor(options), options)
  }

  /** Stops the jail; goes on after a failed step and throws its error at the end. Throws JailDoesNotExist, JailNotRunning. */
  stop(options: StopOptions = {}): Operation<void> {
    return stop(this.viewFor(options), options)
  }

  /** Restarts what runs in the jail, or with `shutdown` the jail itself. Throws JailNotRunning, JailHookFailed … */
  restart(options: RestartOptions = {}): Operation<void> {
    return restart(this.viewFor(options), options)
  }

  /** Runs a program in the running jail. A status other than 0 is a result, not an error. */
  exec(argv: readonly string[], options: ExecOptions = {}): Operation<CommandResult> {
    return exec(this.viewFor(options), argv, options)
  }

  /** As `exec`, at the caller's own terminal: stdout and stderr of the result are null. */
  passthru(argv: readonly string[], options: Omit<ExecOptions, 'passthru'> = {}): Operation<CommandResult> {
    return exec(this.viewFor(options), argv, { ...options, passthru: true })
  }

  /** A login in the running jail, at the caller's own terminal. */
  execConsole(options: OperationOptions = {}): Operation<CommandResult> {
    return execConsole(this.viewFor(options), options)
  }

  /** Starts the stopped jail for one command line. Throws JailCommandFailed, JailAlreadyRunning, what `start` throws. */
  forkExec(command: string, options: ForkExecOptions = {}): Operation<CommandResult> {
    return forkExec(this.viewFor(options), command, options)
  }

  /** Destroys the jail with its snapshots. Throws JailDoesNotExist, JailAlreadyRunning (without `forceStop`), JailHasDependents. */
  destroy(options: DestroyOptions = {}): Operation<void> {
    return destroy(this.viewFor(options), options)
  }

  /** Writes what was set in `config` since it was read. Throws JailDoesNotExist, JailPropertyNotHonoured, JailConfigError. */
  save(options: SaveOptions = {}): Operation<void> {
    return save(this.viewFor(options), options)
  }

  /** Sets properties and writes them; `undefined` is back to the default. Throws as `save`. */
  set(properties: PropertyInput, options: SaveOptions = {}): Operation<void> {
    return setProperties(this.viewFor(options), properties, options)
  }
}
