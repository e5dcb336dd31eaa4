import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openZfs } from '@gaoler/zfs'
import { zfsConformance } from '../conformance/zfs.ts'

let pools = 0

for (const json of [true, false]) {
  zfsConformance(`zfs/openzfs ${json ? 'with JSON' : 'without JSON'}`, async () => {
    const directory = mkdtempSync(join(process.env.GAOLER_LAB_SCRATCH ?? '/tmp', 'zfs-'))
    const pool = `gaoler${process.pid}x${++pools}`
    const image = join(directory, 'image')
    writeFileSync(image, '')
    truncateSync(image, 256 * 1_048_576)
    execFileSync('zpool', ['create', '-m', join(directory, 'mnt'), pool, image])
    const zfs = openZfs({ json })
    await zfs.create(`${pool}/below`)
    return {
      zfs,
      root: `${pool}/below`,
      close: async () => {
        execFileSync('zpool', ['destroy', '-f', pool])
        rmSync(directory, { recursive: true, force: true })
      },
    }
  })
}
