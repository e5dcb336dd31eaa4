import type { IocEvent, Operation, OperationOptions } from '@gaoler/core'
import { unmountFstab } from '../fstab/mounts.ts'
import type { HostScope } from '../host/host-base.ts'
import type { HookRecord } from '../recovery/hooks.ts'
import { unshareDatasets } from '../storage/shared-datasets.ts'
import { hook } from './hook.ts'
import type { JailBase } from './jail-base.ts'
import { unmountSystem } from './system-mounts.ts'

export interface StopOptions extends OperationOptions {
  /** Also where the jail is not running: takes away what a crash has left. Hooks that fail are passed over. */
  readonly force?: boolean
  /** Over the environment of every hook. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether a refusal is also said to the jail's logger; default true. */
  readonly logErrors?: boolean
}

/** Stops a jail, or clears away one that has ended by itself. A step that fails does not keep the next from being done; the first error is thrown at the end. */
export function stop(jail: JailBase, options: StopOptions = {}): Operation<void> {
  return jail.host.operation(
    'JailStop',
    async function* (s) {
      s.use(jail.lock('stop'))
      // One that runs and whose dataset has vanished can be ended all the same.
      if (jail.running && !jail.exists) return yield* removeLost(s, jail)
      jail.requireJailExisting(options)
      if (!options.force && !jail.ended) jail.requireJailRunning(options)
      yield* stopSteps(s, jail, options)
    },
    {
      ...options,
      identifier: jail.fullName,
      completion: () => jail.completion('stop', { force: options.force, env: options.env }),
    },
  )
}

export interface StopSteps extends Pick<StopOptions, 'env' | 'force'> {
  /** Also of a jail that is only half there. */
  readonly leftovers?: boolean
  /** What a dead process has made of the hooks; those that it has seen end are not run again. */
  readonly recorded?: HookRecord
}

/** The steps of a stop, for whoever holds the jail's lock already. */
export async function* stopSteps(
  s: HostScope,
  jail: JailBase,
  options: StopSteps = {},
): AsyncGenerator<IocEvent, void, void> {
  const { running, ended } = jail
  const down = !running && (ended ? 'it has ended by itself' : 'not running')
  yield* s.attempt(hook(s, jail, 'exec_prestop', { ...options, unless: ended && down }))
  yield* s.attempt(hook(s, jail, 'exec_stop', { ...options, unless: down }))
  yield* removalSteps(s, jail, ended ? { ...options, leftovers: true } : options)
}

/** The steps that end a jail of which only the kernel knows: there is no configuration that would name hooks or mounts. */
async function* removeLost(
  s: HostScope,
  { identifier: name, datasetName }: JailBase,
): AsyncGenerator<IocEvent, void, void> {
  await s.log('warn', `there is no dataset ${datasetName} any more: the jail is only removed from the kernel`)
  yield* s.attempt(s.step('JailRemove', (t) => t.host.removeJail({ name })))
  yield* s.attempt(s.step('JailNetworkTeardown', (t) => t.host.tearDownNetwork({ name })))
}

/** The steps that take away what a jail has left that has ended by itself; none where nothing is left. */
export async function* clearEnded(s: HostScope, jail: JailBase): AsyncGenerator<IocEvent, void, void> {
  if (!jail.ended) return
  const options = { leftovers: true, force: true } as const
  yield* s.step('JailStop', (t) => removalSteps(t, jail, options), { message: 'it has ended by itself' })
}

/** The steps that take a jail away, without its own part in it. */
export async function* removalSteps(
  s: HostScope,
  jail: JailBase,
  { hooks = true, leftovers, ...options }: StopSteps & { readonly hooks?: boolean } = {},
): AsyncGenerator<IocEvent, void, void> {
  const { identifier: name } = jail
  const down = !jail.running && 'not running'
  const shares = down && !leftovers ? null : unshareDatasets(s, jail)
  if (shares) yield* s.attempt(shares)
  yield* s.attempt(s.step('JailRemove', (t) => t.host.removeJail({ name }), { unless: !leftovers && down }))
  yield* s.attempt(s.step('JailNetworkTeardown', (t) => t.host.tearDownNetwork({ name })))
  if (hooks) yield* s.attempt(hook(s, jail, 'exec_poststop', options))
  yield* s.attempt(unmountFstab(s, jail))
  const storage = jail.storageBackend.teardown(s, jail)
  if (storage) yield* s.attempt(storage)
  yield* s.attempt(s.step('TeardownSystemMounts', (t) => unmountSystem(t, jail)))
  yield* s.attempt(s.step('JailResourceLimitAction', () => {}, { unless: 'disabled' }))
}
