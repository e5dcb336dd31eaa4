import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openZfs, type PoolStatus, type Pools, type Vdev, type Zfs } from '@gaoler/zfs'

/** Pools on files of the lab's scratch folder, for tests of what is done to pools. */
export const zfs: Zfs = openZfs()
export const pools: Pools = zfs.pools
export const directory: string = mkdtempSync(join(process.env.GAOLER_LAB_SCRATCH ?? '/tmp', 'pools-'))
const made = new Set<string>()
let devices = 0

/** After each suite: destroys the pools and removes their files. */
export function cleanUp(): void {
  for (const pool of made) if (zfs.existsSync(pool)) pools.destroySync(pool, { force: true })
  for (const file of readdirSync(directory)) rmSync(join(directory, file), { recursive: true })
}

/** New files for devices. */
export function files(count: number, megabytes = 128): string[] {
  return Array.from({ length: count }, () => {
    const path = join(directory, `device${++devices}`)
    writeFileSync(path, '')
    truncateSync(path, megabytes * 1_048_576)
    return path
  })
}

/** A name of a test's own, which is destroyed in the end. */
export function fresh(): string {
  const name = `gaolerpools${process.pid}x${made.size}`
  made.add(name)
  return name
}

export const mirror = (
  ...devices: string[]
): { readonly data: readonly [{ readonly type: 'mirror'; readonly devices: string[] }] } => ({
  data: [{ type: 'mirror', devices }],
})
export const names = (vdevs: readonly Vdev[]): string[] => vdevs.map(({ name }) => name)
export const leaves = ({ vdevs }: PoolStatus): readonly Vdev[] => vdevs.data.flatMap((top) => top.vdevs)
