import { openZfs } from '@gaoler/zfs'
import { type ZfsUnderTest, zfsConformance } from '../conformance/zfs.ts'
import { makePool } from './pool.ts'

const open = (json: boolean) => async (): Promise<ZfsUnderTest> => {
  const pool = makePool()
  const zfs = openZfs({ json })
  await zfs.create(`${pool.name}/below`)
  return { zfs, root: `${pool.name}/below`, close: async () => pool.destroy() }
}

zfsConformance('zfs/openzfs', open(true))
// What differs is how the answers of commands are read: one face shows that.
zfsConformance('zfs/openzfs without JSON', open(false), ['async'], { reading: true })
