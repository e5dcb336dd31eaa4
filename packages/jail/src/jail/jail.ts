import type { IocEvent } from '@gaoler/core'
import { type SyncOptions, syncBridge } from '@gaoler/core/sync'
import { JailFstab } from '../fstab/sync.ts'
import { type Sync, splitSync } from '../host/sync.ts'
import type { CommandResult } from '../platform/platform.ts'
import { ReleaseBase } from '../release/release-base.ts'
import type { CloneOptions } from './clone-to-dataset.ts'
import type { CreateOptions } from './create.ts'
import type { DestroyOptions } from './destroy.ts'
import type { ExecOptions } from './exec.ts'
import { JailBase } from './jail-base.ts'
import type { StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** The verbs whose events can be pulled, with how many arguments each has before its options. */
const leading = { createFromRelease: 1, start: 0, stop: 0, cloneToDataset: 1, destroy: 0 } as const

type Verb = keyof typeof leading

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

  /** As `createFromRelease`, and returns the events. */
  create(release: string | ReleaseBase, options: Sync<CreateOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(options)
    const name = typeof release === 'string' ? release : release.descriptor.name
    try {
      return bridge.collect('createFromRelease', [this.asNew().descriptor, name, rest], call)
    } finally {
      this.reload()
    }
  }

  createFromRelease(release: string | ReleaseBase, options: Sync<CreateOptions> = {}): void {
    this.create(release, options)
  }

  start(options: Sync<StartOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(options)
    return bridge.collect('start', [this.descriptor, rest], call)
  }

  stop(options: Sync<StopOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(options)
    return bridge.collect('stop', [this.descriptor, rest], call)
  }

  /** Runs a program in the running jail. A status other than 0 is a result, not an error. */
  exec(argv: readonly string[], options: Sync<ExecOptions> = {}): CommandResult {
    // Here the time limit is the program's: when it is over, the result says so.
    const { timeout, ...others } = options
    const [call, rest] = splitSync(others)
    return bridge.drain('exec', [this.descriptor, argv, { ...rest, timeout }], call)
  }

  cloneToDataset(name: string, options: Sync<CloneOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(options)
    return bridge.collect('cloneToDataset', [this.descriptor, name, rest], call)
  }

  destroy(options: Sync<DestroyOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(options)
    return bridge.collect('destroy', [this.descriptor, rest], call)
  }

  /**
   * A verb pull by pull: the work goes on only when the next event is asked for, and whoever leaves undoes it.
   *
   * ```ts
   * for (const event of jail.iterate('start')) if (event.is('JailHookStart')) break
   * ```
   */
  *iterate<V extends Verb>(verb: V, ...args: Parameters<Jail[V]>): Generator<IocEvent, void, void> {
    const before = args.slice(0, leading[verb]).map((arg) => (arg instanceof ReleaseBase ? arg.descriptor.name : arg))
    const [call, rest] = splitSync((args[leading[verb]] ?? {}) as SyncOptions)
    try {
      yield* bridge.iterate(verb, [this.descriptor, ...before, rest] as never, call) as Generator<IocEvent, void, void>
    } finally {
      this.reload()
    }
  }
}
