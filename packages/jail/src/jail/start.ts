import type { IocEvent, Operation, OperationOptions } from '@gaoler/core'
import { type NotHonoured, requireHonoured } from '../config/honoured.ts'
import { launchParametersOf } from '../config/parameters.ts'
import { fstabMounts } from '../fstab/mounts.ts'
import type { HostScope } from '../host/host-base.ts'
import type { CommandResult, LaunchParameters, Mount } from '../platform/platform.ts'
import type { HookRecord } from '../recovery/hooks.ts'
import { requireSharesAllowed, shareDatasets } from '../storage/shared-datasets.ts'
import { commandOf } from './command.ts'
import { startDependencies } from './depends.ts'
import { dependencyOrder } from './depends-order.ts'
import { hookEnvironment } from './environment.ts'
import { JailCommandFailed } from './errors.ts'
import { hook } from './hook.ts'
import type { JailBase } from './jail-base.ts'
import { configureResolver } from './resolver.ts'
import { clearEnded, removalSteps } from './stop.ts'
import { mountSystem, systemMounts } from './system-mounts.ts'

export interface StartOptions extends OperationOptions {
  /** Over the environment of every hook, and of `singleCommand`. */
  readonly env?: Readonly<Record<string, string>>
  /** Start the jails of `depends` first; default true. */
  readonly startDependantJails?: boolean
  /** Names of jails whose start has led to this one: to depend on one of them is a circle. */
  readonly dependantJailsSeen?: readonly string[]
  /**
   * Instead of `exec_start` and `exec_poststart`, run this command line in the jail and take the jail away again. Another
   * status than 0 is a JailCommandFailed.
   */
  readonly singleCommand?: string
  /** Give `singleCommand` the caller's own terminal; its output is then not collected. */
  readonly passthru?: boolean
  /** Leave out what only tells: warnings about properties that nothing honours. */
  readonly quick?: boolean
}

export interface Started {
  /** The jail's number; with `singleCommand`, the one that it had. */
  readonly jid: number
  /** What `singleCommand` has said. */
  readonly command?: CommandResult
}

/** Starts a jail, step by step in libioc's order; whatever fails, all that was done before is undone. */
export function start(jail: JailBase, options: StartOptions = {}): Operation<Started> {
  return jail.host.operation(
    'JailStart',
    async function* (s) {
      s.use(jail.lock('start'))
      jail.requireJailExisting()
      jail.requireJailStopped()
      return yield* startSteps(s, jail, options)
    },
    { ...options, identifier: jail.fullName },
  )
}

/** The steps of a start, for whoever holds the lock of a jail that is stopped. */
export async function* startSteps(
  s: HostScope,
  jail: JailBase,
  options: StartOptions & { readonly recorded?: HookRecord } = {},
): AsyncGenerator<IocEvent, Started, void> {
  await warnOfIgnored(s, jail, requireStartable(jail))
  yield* clearEnded(s, jail)
  const { env, singleCommand, dependantJailsSeen = [], recorded } = options

  const seen = [...dependantJailsSeen, jail.fullName]
  const dependencies = options.startDependantJails === false ? [] : await dependencyOrder(jail, seen)
  yield* s.step('JailDependantsStart', (t) => startDependencies(t, dependencies), {
    unless: dependencies.length === 0 && 'No dependant jails',
  })
  yield* s.step('JailResolverConfig', (t) => configureResolver(t, jail))
  yield* s.step('JailResourceLimitAction', () => {}, { unless: 'disabled' })
  yield* hook(s, jail, 'exec_prestart', { env, recorded })
  const storage = jail.storageBackend.apply(s, jail)
  const base = (storage && (yield* storage)) ?? []
  const fstab = yield* s.step('MountFstab', (t) => fstabMounts(t, jail, base))
  const jid = yield* s.step('JailAttach', (t) => attach(t, jail, [...base, ...fstab]))
  yield* hook(s, jail, 'exec_created', { env })
  yield* mountSystem(s, jail, 'MountDevFS')
  yield* mountSystem(s, jail, 'MountFdescfs')
  if (jail.config.get('mount_procfs')) yield* mountSystem(s, jail, 'MountProcfs')
  yield* s.step('JailNetworkSetup', (t) => t.host.setUpNetwork({ name: jail.identifier }))
  const shares = shareDatasets(s, jail)
  if (shares) yield* shares
  s.set({ jid })
  if (singleCommand !== undefined) {
    const command = yield* s.step('JailCommand', (t) => runSingle(t, jail, singleCommand, options))
    yield* removalSteps(s, jail, { hooks: false })
    return { jid, command }
  }
  yield* hook(s, jail, 'exec_start', { env })
  yield* hook(s, jail, 'exec_poststart', { env })
  return { jid }
}

async function attach(t: HostScope, jail: JailBase, mounts: readonly Mount[]): Promise<number> {
  const { jid } = await t.host.createJail(launchParameters(jail, mounts))
  t.set({ jid })
  for (const mount of mounts) await t.host.mount({ ...mount, name: jail.identifier })
  return jid
}

async function runSingle(
  t: HostScope,
  jail: JailBase,
  line: string,
  { env, passthru }: StartOptions,
): Promise<CommandResult> {
  const argv = commandOf(line)
  t.set({ argv })
  const result = await t.host.execInJail({
    name: jail.identifier,
    argv,
    env: { ...hookEnvironment(jail), ...env },
    stdio: passthru ? 'inherit' : 'pipe',
  })
  t.set({ ...result })
  if (result.code !== 0) throw new JailCommandFailed({ jail: jail.fullName, command: line, code: result.code })
  return result
}

/**
 * What a start refuses before it changes anything; returns what others' files ask for and is not done. Throws JailIsTemplate,
 * DatasetNotAvailable, JailConfigZFSIsNotAllowed, JailHostUUIDMismatch, JailPropertyNotHonoured.
 */
export function requireStartable(jail: JailBase): NotHonoured[] {
  jail.requireJailNotTemplate()
  jail.requireStorageBackend()
  requireSharesAllowed(jail)
  jail.requireJailMatchHostid()
  return requireHonoured(jail.config, jail.host.platform)
}

async function warnOfIgnored(s: HostScope, jail: JailBase, ignored: readonly NotHonoured[]): Promise<void> {
  for (const { property, value, reason } of ignored) {
    await s.log('warn', `${property} of jail ${jail.fullName} has no effect: ${reason}`, { property, value })
  }
}

/** What the kernel is asked for. */
function launchParameters(jail: JailBase, mounts: readonly Mount[]): LaunchParameters {
  return {
    name: jail.identifier,
    path: jail.rootPath,
    hostname: jail.config.get('host_hostname') ?? jail.humanreadableName,
    hostuuid: jail.hostuuid,
    mounts: [...systemMounts(jail), ...mounts],
    managesDatasets: jail.config.get('jail_zfs'),
    parameters: launchParametersOf(jail.config, jail.host.platform),
  }
}
