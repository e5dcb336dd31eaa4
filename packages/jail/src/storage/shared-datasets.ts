import type { IocEvent, Step } from '@gaoler/core'
import { JailConfigZFSIsNotAllowed } from '../config/errors.ts'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import { DatasetNotAvailable, DatasetNotJailed } from './errors.ts'

/** The program that mounts what a jail was given, where the jail has it: FreeBSD's place. */
const ZFS = '/sbin/zfs'

/** Throws JailConfigZFSIsNotAllowed: datasets for a jail that is to have none. */
export function requireSharesAllowed(jail: JailBase): void {
  const { config, fullName } = jail
  if (!config.get('jail_zfs') && config.get('jail_zfs_dataset').length > 0) {
    throw new JailConfigZFSIsNotAllowed({ jail: fullName })
  }
}

/** The step that gives a running jail the datasets of `jail_zfs_dataset`; null where it has none. */
export function shareDatasets(s: HostScope, jail: JailBase): Step<unknown> | null {
  if (!jail.config.get('jail_zfs')) return null
  return s.step('JailZFSShare', async function* (t): AsyncGenerator<IocEvent, void, void> {
    for (const dataset of sharedDatasets(jail)) {
      yield* t.step('AttachZFSDataset', (u) => attach(u, jail, dataset), { payload: { dataset } })
    }
    const { identifier: name } = jail
    // Jails on Linux cannot mount: they make, set, snapshot, send and destroy.
    if (jail.host.platform.name === 'linux') return
    if (!jail.host.files.exists(jail.rootPath + ZFS)) return
    await t.host.execInJail({ name, argv: [ZFS, 'mount', '-a'], timeout: 60_000 })
  })
}

/** The step that takes them back, before the jail is removed: the kernel keeps them for a namespace that is gone. */
export function unshareDatasets(s: HostScope, jail: JailBase): Step<unknown> | null {
  const datasets = jail.config.get('jail_zfs') ? sharedDatasets(jail) : []
  if (datasets.length === 0) return null
  return s.step('JailZFSShare', async (t) => {
    for (const dataset of datasets.reverse()) await t.host.detachDataset({ dataset, jail: jail.identifier })
  })
}

async function attach(t: HostScope, jail: JailBase, dataset: string): Promise<void> {
  const { host, identifier, fullName } = jail
  const property = host.platform.name === 'freebsd' ? 'jailed' : 'zoned'
  if (!host.zfs.existsSync(dataset)) {
    throw new DatasetNotAvailable({ dataset, reason: `jail_zfs_dataset of jail ${fullName} names it: create it` })
  }
  if (host.zfs.getSync(dataset, [property]).properties[property]?.value !== true) {
    throw new DatasetNotJailed({ dataset, property })
  }
  await t.host.attachDataset({ dataset, jail: identifier })
}

/** By full name; older configurations leave the pool out. */
function sharedDatasets(jail: JailBase): string[] {
  const { zfs } = jail.host
  const pool = jail.datasetName.split('/', 1)[0]
  return jail.config.get('jail_zfs_dataset').map((name) => {
    const within = `${pool}/${name}`
    return !zfs.existsSync(name) && zfs.existsSync(within) ? within : name
  })
}
