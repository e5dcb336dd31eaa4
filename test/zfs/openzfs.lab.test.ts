import { openZfs } from '@gaoler/zfs'
import { type ZfsUnderTest, zfsConformance } from '../conformance/zfs.ts'
import { makePool } from './pool.ts'

async function open(): Promise<ZfsUnderTest> {
  const pool = makePool()
  const zfs = openZfs()
  await zfs.create(`${pool.name}/below`)
  return { zfs, root: `${pool.name}/below`, close: async () => pool.destroy() }
}

zfsConformance('zfs/openzfs', open)
