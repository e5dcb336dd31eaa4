import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cached, cacheFolder } from './cache.ts'
import { Apt } from './packages.ts'
import { Step } from './steps.ts'

/** Debian's packages by name: a version, and the hash of its file. apt compares it with its signed lists, and we with this. */
export type Packages = Readonly<Record<string, readonly [version: string, sha256: string]>>

/** Where packages are kept when they are unpacked, beside what the lab builds. */
export function unpackedFolder(name: string): string {
  return join(cacheFolder(), name)
}

/** The folder that packages are unpacked in; nothing is installed. The first time only root can. */
export async function unpacked(name: string, packages: Packages): Promise<string> {
  const kept = unpackedFolder(name)
  if (existsSync(kept)) return kept
  const work = mkdtempSync(join(cached('tmp'), 'unpacked-'))
  try {
    const step = new Step('unpacked', () => {})
    const apt = await Apt.open(step)
    for (const [each, [version]] of Object.entries(packages)) await apt.download(step, `${each}=${version}`, work)
    for (const file of readdirSync(work)) {
      const path = join(work, file)
      const found = createHash('sha256').update(readFileSync(path)).digest('hex')
      const wanted = packages[file.split('_', 1)[0] as string]?.[1]
      if (found !== wanted) throw new Error(`${file} has the hash ${found} and not ${wanted}`)
      await step.run('dpkg', ['-x', path, join(work, 'root')])
    }
    mkdirSync(join(kept, '..'), { recursive: true })
    renameSync(join(work, 'root'), kept)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return kept
}
