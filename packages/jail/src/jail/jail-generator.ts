import type { Operation } from '@gaoler/core'
import { JailFstabGenerator } from '../fstab/jail-fstab.ts'
import type { CommandResult } from '../platform/platform.ts'
import type { ReleaseBase } from '../release/release-base.ts'
import { type CloneOptions, cloneToDataset } from './clone-to-dataset.ts'
import { type CreateOptions, createFromRelease } from './create.ts'
import { type DestroyOptions, destroy } from './destroy.ts'
import { type ExecOptions, exec } from './exec.ts'
import { JailBase } from './jail-base.ts'
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

  /** Creates the jail from a fetched release. Throws JailAlreadyExists, ReleaseNotFetched, JailConfigError. */
  create(release: string | ReleaseBase, options: CreateOptions = {}): Operation<void> {
    return this.createFromRelease(release, options)
  }

  createFromRelease(release: string | ReleaseBase, options: CreateOptions = {}): Operation<void> {
    return createFromRelease(this.viewFor(options), release, options)
  }

  /** Throws JailDoesNotExist, JailAlreadyRunning, JailHostUUIDMismatch, JailHookFailed, JailLaunchFailed … */
  start(options: StartOptions = {}): Operation<Started> {
    return start(this.viewFor(options), options)
  }

  /** Throws JailDoesNotExist, JailNotRunning; goes on after a failed step and throws its error at the end. */
  stop(options: StopOptions = {}): Operation<void> {
    return stop(this.viewFor(options), options)
  }

  /** Runs a program in the running jail. A status other than 0 is a result, not an error. */
  exec(argv: readonly string[], options: ExecOptions = {}): Operation<CommandResult> {
    return exec(this.viewFor(options), argv, options)
  }

  /** Clones the jail's datasets to the dataset `name` by one recursive snapshot. Throws DatasetExists. */
  cloneToDataset(name: string, options: CloneOptions = {}): Operation<void> {
    return cloneToDataset(this.viewFor(options), name, options)
  }

  /** Throws JailDoesNotExist, JailAlreadyRunning (without `forceStop`), JailHasDependents. */
  destroy(options: DestroyOptions = {}): Operation<void> {
    return destroy(this.viewFor(options), options)
  }
}
