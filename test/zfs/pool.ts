import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A pool of this test's own, on a file in the lab's scratch folder. */
export interface Pool {
  readonly name: string
  /** Where its root filesystem is mounted. */
  readonly path: string
  destroy(): void
}

let pools = 0

export function makePool(megabytes = 256): Pool {
  const directory = mkdtempSync(join(process.env.GAOLER_LAB_SCRATCH ?? '/tmp', 'zfs-'))
  const name = `gaoler${process.pid}x${++pools}`
  const image = join(directory, 'image')
  const path = join(directory, 'mnt')
  writeFileSync(image, '')
  truncateSync(image, megabytes * 1_048_576)
  execFileSync('zpool', ['create', '-m', path, name, image])
  return {
    name,
    path,
    destroy: () => {
      execFileSync('zpool', ['destroy', '-f', name])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
