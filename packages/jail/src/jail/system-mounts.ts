import type { Step } from '@gaoler/core'
import type { HostScope } from '../host/host-base.ts'
import type { Mount } from '../platform/platform.ts'
import type { JailBase } from './jail-base.ts'

type Event = 'MountDevFS' | 'MountFdescfs' | 'MountProcfs'

const places: Readonly<Record<Event, Pick<Mount, 'type'> & { path: string; property: `mount_${string}fs` }>> = {
  MountDevFS: { type: 'devfs', path: '/dev', property: 'mount_devfs' },
  MountFdescfs: { type: 'fdescfs', path: '/dev/fd', property: 'mount_fdescfs' },
  MountProcfs: { type: 'procfs', path: '/proc', property: 'mount_procfs' },
}

/** What the configuration asks for at the places of the system. */
export function systemMounts(jail: JailBase): Mount[] {
  return (Object.keys(places) as Event[]).flatMap((event) => systemMount(jail, event) ?? [])
}

/** The step that mounts it; without procfs, which libioc never mounted, there is no step. */
export function mountSystem(s: HostScope, jail: JailBase, event: Event): Step<unknown> {
  const mount = systemMount(jail, event)
  return s.step(event, (t) => t.host.mount({ ...(mount as Mount), name: jail.identifier }), {
    unless: mount === null && 'disabled',
    payload: mount ? { target: mount.target } : {},
  })
}

/** Takes away what a jail's end may have left, the innermost first. */
export async function unmountSystem(t: HostScope, { identifier: name, rootPath }: JailBase): Promise<void> {
  for (const { path } of Object.values(places).reverse()) await t.host.unmount({ name, target: rootPath + path })
}

function systemMount(jail: JailBase, event: Event): Mount | null {
  const { type, path, property } = places[event]
  if (!jail.config.get(property)) return null
  const ruleset = event === 'MountDevFS' ? jail.config.get('devfs_ruleset') : null
  return { type, target: jail.rootPath + path, ...(typeof ruleset === 'number' ? { ruleset } : {}) }
}
