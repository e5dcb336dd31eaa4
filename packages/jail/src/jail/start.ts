import type { Operation, OperationOptions, Step } from '@gaoler/core'
import { fstabMounts } from '../fstab/mounts.ts'
import type { HostScope } from '../host/host-base.ts'
import type { LaunchParameters, Mount } from '../platform/platform.ts'
import { startDependencies } from './depends.ts'
import { hook } from './hook.ts'
import type { JailBase } from './jail-base.ts'
import { configureResolver } from './resolver.ts'

export interface StartOptions extends OperationOptions {
  /** Over the environment of every hook. */
  readonly env?: Readonly<Record<string, string>>
  /** Start the jails of `depends` first; default true. */
  readonly startDependantJails?: boolean
}

export interface Started {
  readonly jid: number
}

/** Starts a jail, step by step in libioc's order; whatever fails, all that was done before is undone. */
export function start(jail: JailBase, options: StartOptions = {}): Operation<Started> {
  return startSeen(jail, options, [])
}

/** `seen`: the jails whose start has led to this one, to find circles. */
export function startSeen(jail: JailBase, options: StartOptions, seen: readonly string[]): Operation<Started> {
  return jail.host.operation(
    'JailStart',
    async function* (s) {
      jail.requireExisting()
      s.use(jail.lock('start'))
      jail.requireStopped()
      jail.requireMatchingHostid()

      const dependencies = options.startDependantJails === false ? [] : jail.config.get('depends')
      yield* s.step('JailDependantsStart', (t) => startDependencies(t, jail, dependencies, [...seen, jail.name]), {
        unless: dependencies.length === 0 && 'No dependant jails',
      })
      yield* s.step('JailResolverConfig', (t) => configureResolver(t, jail))
      yield* s.step('JailResourceLimitAction', () => {}, { unless: 'disabled' })
      yield* hook(s, jail, 'exec_prestart', options)
      const fstab = yield* s.step('MountFstab', (t) => fstabMounts(t, jail))
      const jid = yield* s.step('JailAttach', async (t) => {
        const created = await t.host.createJail(launchParameters(jail, fstab))
        for (const mount of fstab) await t.host.mount({ ...mount, name: jail.identifier })
        t.set({ jid: created.jid })
        return created.jid
      })
      yield* hook(s, jail, 'exec_created', options)
      yield* mountSystem(s, jail, 'MountDevFS')
      yield* mountSystem(s, jail, 'MountFdescfs')
      yield* s.step('JailNetworkSetup', (t) => t.host.setUpNetwork({ name: jail.identifier }))
      yield* hook(s, jail, 'exec_start', options)
      yield* hook(s, jail, 'exec_poststart', options)
      s.set({ jid })
      return { jid }
    },
    { ...options, identifier: jail.fullName },
  )
}

/** What the kernel is asked for. */
function launchParameters(jail: JailBase, fstab: readonly Mount[]): LaunchParameters {
  return {
    name: jail.identifier,
    path: jail.rootPath,
    hostname: jail.config.get('host_hostname') ?? jail.humanReadableName,
    hostuuid: jail.hostuuid,
    mounts: [systemMount(jail, 'MountDevFS'), systemMount(jail, 'MountFdescfs'), ...fstab].filter(
      (mount) => mount !== null,
    ),
    parameters: {},
  }
}

function systemMount(jail: JailBase, event: 'MountDevFS' | 'MountFdescfs'): Mount | null {
  if (event === 'MountDevFS') {
    return jail.config.get('mount_devfs') ? { type: 'devfs', target: `${jail.rootPath}/dev` } : null
  }
  return jail.config.get('mount_fdescfs') ? { type: 'fdescfs', target: `${jail.rootPath}/dev/fd` } : null
}

function mountSystem(s: HostScope, jail: JailBase, event: 'MountDevFS' | 'MountFdescfs'): Step<unknown> {
  const mount = systemMount(jail, event)
  return s.step(event, (t) => t.host.mount({ ...(mount as Mount), name: jail.identifier }), {
    unless: mount === null && 'disabled',
    payload: mount ? { target: mount.target } : {},
  })
}
