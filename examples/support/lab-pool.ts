import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** A pool on a sparse file in the lab's scratch folder, for as long as it is in use. */
export async function labPool(name: string, bytes = 2 ** 31): Promise<{ name: string } & AsyncDisposable> {
  const scratch = process.env.GAOLER_LAB_SCRATCH
  if (!scratch) throw new Error('there is no pool: name one with --pool, or run this in the lab (pnpm lab -- …)')
  const file = join(scratch, `${name}.img`)
  await writeFile(file, '')
  await truncate(file, bytes)
  await execa('zpool', ['create', '-O', 'atime=off', name, file])
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await execa('zpool', ['destroy', '-f', name])
      await rm(file, { force: true })
    },
  }
}
