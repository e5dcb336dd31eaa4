import type { IocEvent, OperationOptions } from '@gaoler/core'
import { type SyncOptions, syncBridge } from '@gaoler/core/sync'
import type { CommandResult } from '../platform/platform.ts'
import type { ReleaseGenerator } from '../release/release-generator.ts'
import type { CloneOptions } from './clone-to-dataset.ts'
import type { CreateOptions } from './create.ts'
import type { DestroyOptions } from './destroy.ts'
import type { ExecOptions } from './exec.ts'
import { JailBase } from './jail-base.ts'
import type { StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'
import type { JailDescriptor } from './sync-module.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** Options of a blocking call: those of the operation, of which `signal` and `onEvent` stay on the caller's side. */
export type Sync<O extends OperationOptions = OperationOptions> = Omit<O, keyof OperationOptions> & SyncOptions

/**
 * A jail for scripts: each call blocks until the operation has ended, and returns its events.
 *
 * ```ts
 * const jail = new Jail('web')
 * jail.start({ onEvent: (event) => console.log(`${event}`) })
 * ```
 */
export class Jail extends JailBase {
  /** As `createFromRelease`, and returns the events. */
  create(release: string | ReleaseGenerator, options: Sync<CreateOptions> = {}): IocEvent[] {
    const [call, rest] = split(options)
    const name = typeof release === 'string' ? release : release.name
    try {
      return bridge.collect('createFromRelease', [this.#descriptor, name, rest], call)
    } finally {
      this.reload()
    }
  }

  createFromRelease(release: string | ReleaseGenerator, options: Sync<CreateOptions> = {}): void {
    this.create(release, options)
  }

  start(options: Sync<StartOptions> = {}): IocEvent[] {
    const [call, rest] = split(options)
    return bridge.collect('start', [this.#descriptor, rest], call)
  }

  stop(options: Sync<StopOptions> = {}): IocEvent[] {
    const [call, rest] = split(options)
    return bridge.collect('stop', [this.#descriptor, rest], call)
  }

  /** Runs a program in the running jail. A status other than 0 is a result, not an error. */
  exec(argv: readonly string[], options: Sync<ExecOptions> = {}): CommandResult {
    // Here the time limit is the program's: when it is over, the result says so.
    const { timeout, ...others } = options
    const [call, rest] = split(others)
    return bridge.drain('exec', [this.#descriptor, argv, { ...rest, timeout }], call)
  }

  cloneToDataset(name: string, options: Sync<CloneOptions> = {}): IocEvent[] {
    const [call, rest] = split(options)
    return bridge.collect('cloneToDataset', [this.#descriptor, name, rest], call)
  }

  destroy(options: Sync<DestroyOptions> = {}): IocEvent[] {
    const [call, rest] = split(options)
    return bridge.collect('destroy', [this.#descriptor, rest], call)
  }

  get #descriptor(): JailDescriptor {
    return { name: this.name, host: this.host.options }
  }
}

/** What the blocked caller deals with, and what crosses to the thread that runs the operation. */
function split<O extends SyncOptions>(options: O): [call: SyncOptions, rest: Omit<O, keyof SyncOptions>] {
  const { onEvent, signal, timeout, grace, ...rest } = options
  return [{ onEvent, signal, timeout, grace }, rest]
}
