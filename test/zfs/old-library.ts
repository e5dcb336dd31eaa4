import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cached, cacheFolder } from '../lab/cache.ts'
import { Apt, isBookworm } from '../lab/packages.ts'
import { Step } from '../lab/steps.ts'

/** Debian 12's own OpenZFS, as its archive has it, with the hashes of its packages. */
const version = '2.1.11-1+deb12u1'
const packages: Readonly<Record<string, string>> = {
  libnvpair3linux: '674f517cf1f983b23512eaaa8873e96c1960b5cef9498899b01e28651775ffd0',
  libzfs4linux: '4e20bb93e1615a7e7c1b5c3634f4017f6247be3a4166502bb74f54d610a38ed6',
}

/** Why there can be no old library here. */
export function unfitForOldLibrary(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the old library is one for Linux on x86-64'
  if (!existsSync('/etc/os-release') || !isBookworm()) return 'the old library is one of Debian 12'
  return existsSync(folder()) || process.getuid?.() === 0 ? undefined : 'only root downloads the old library'
}

/** The folder with libzfs_core and libnvpair of 2.1.11, kept beside what the lab builds; nothing is installed. */
export async function oldLibrary(): Promise<string> {
  const kept = folder()
  if (!existsSync(kept)) {
    const work = mkdtempSync(join(cached('tmp'), 'zfs-'))
    try {
      const step = new Step('old-library', () => {})
      const apt = await Apt.open(step)
      for (const name of Object.keys(packages)) await apt.download(step, `${name}=${version}`, work)
      for (const file of readdirSync(work)) await unpack(step, work, file)
      mkdirSync(join(kept, '..'), { recursive: true })
      renameSync(join(work, 'root'), kept)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  return join(kept, 'lib', 'x86_64-linux-gnu')
}

async function unpack(step: Step, work: string, file: string): Promise<void> {
  const path = join(work, file)
  const found = createHash('sha256').update(readFileSync(path)).digest('hex')
  const wanted = packages[file.split('_', 1)[0] as string]
  if (found !== wanted) throw new Error(`${file} has the hash ${found} and not ${wanted}`)
  await step.run('dpkg', ['-x', path, join(work, 'root')])
}

function folder(): string {
  return join(cacheFolder(), 'old-zfs', version)
}
