import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostBase } from '@gaoler/jail'
import { execa } from 'execa'

/** Makes jails as data alone, `many0` and so on: datasets with a configuration, and no root file system. */
export async function makeJails(host: HostBase, count: number): Promise<void> {
  const { jails } = host.datasets.main
  for (let index = 0; index < count; index++) {
    const name = `${jails}/many${index}`
    await host.zfs.create(name)
    if (host.zfs.kind === 'embedded') await host.zfs.mount(name)
  }
  // One process for all of them.
  if (host.zfs.kind === 'openzfs') await execa('zfs', ['mount', '-a'])
  for (let index = 0; index < count; index++) {
    const name = `${jails}/many${index}`
    const path = host.datasets.path(name)
    mkdirSync(path, { recursive: true })
    const config = {
      id: `many${index}`,
      release: index % 2 === 0 ? '14.3-RELEASE' : '15.0-RELEASE',
      user: { no: String(index) },
    }
    writeFileSync(join(path, 'config.json'), JSON.stringify(config, null, 4))
  }
}
