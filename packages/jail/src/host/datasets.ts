import type { Zfs } from '@gaoler/zfs'
import { DatasetNotMounted, IocageNotActivated } from './errors.ts'

/** The ZFS property that makes a pool the one that holds jails (libioc's). */
const ACTIVE = 'org.freebsd.ioc:active'

/** Where jails and releases live: the tree of libioc and iocage below one root dataset. */
export class RootDatasets {
  /** Name of the root dataset: `tank/iocage`. */
  readonly name: string
  /** Its directory; children are mounted below it by their names. */
  readonly mountpoint: string

  constructor(name: string, mountpoint: string) {
    this.name = name
    this.mountpoint = mountpoint
  }

  /** Throws IocageNotActivated when the dataset does not exist, DatasetNotMounted when it has no directory. */
  static open(zfs: Zfs, name: string): RootDatasets {
    if (!zfs.existsSync(name)) throw new IocageNotActivated({ dataset: name })
    const { mountpoint, mounted } = zfs.getSync(name, ['mountpoint', 'mounted']).properties
    if (!mountpoint?.value.startsWith('/') || mounted?.value !== 'yes') {
      throw new DatasetNotMounted({ dataset: name, mountpoint: mountpoint?.value ?? 'unknown' })
    }
    return new RootDatasets(name, mountpoint.value)
  }

  /** The root dataset of the active pool. Throws IocageNotActivated. */
  static findActive(zfs: Zfs): RootDatasets {
    const pools = zfs.listSync({ depth: 0, types: ['filesystem'], properties: [ACTIVE] })
    const active = pools.find((pool) => pool.properties[ACTIVE]?.value === 'yes')
    if (!active) throw new IocageNotActivated()
    return RootDatasets.open(zfs, `${active.name}/iocage`)
  }

  get jails(): string {
    return `${this.name}/jails`
  }

  get releases(): string {
    return `${this.name}/releases`
  }

  /** The directory of a dataset below the root. */
  path(dataset: string): string {
    return this.mountpoint + dataset.slice(this.name.length)
  }
}

/** Makes a pool the active one and gives it a root dataset; what exists is kept. */
export function activatePool(zfs: Zfs, pool: string): RootDatasets {
  for (const { name } of zfs.listSync({ depth: 0, types: ['filesystem'] })) {
    if (name !== pool) zfs.setSync(name, { [ACTIVE]: 'no' })
  }
  zfs.setSync(pool, { [ACTIVE]: 'yes' })
  const root = `${pool}/iocage`
  for (const name of [root, `${root}/jails`, `${root}/releases`]) {
    if (!zfs.existsSync(name)) zfs.createSync(name)
    zfs.mountSync(name)
  }
  return RootDatasets.open(zfs, root)
}
