import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import { zfsConformance } from '../conformance/zfs.ts'

zfsConformance('embedded', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-embedded-'))
  const zfs = embeddedZfs({ directory })
  // With a mountpoint of its own, as the lab's pool: then children inherit it instead of having the default.
  zfs.createPool('tank', { mountpoint: join(directory, 'mnt/tank') })
  zfs.createSync('tank/test')
  return {
    zfs,
    root: 'tank/test',
    close: async () => rmSync(directory, { recursive: true, force: true }),
  }
})
