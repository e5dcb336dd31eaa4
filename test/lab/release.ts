import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { cached, cacheFolder, digest, discard } from './cache.ts'
import { sources } from './packages.ts'
import type { Step } from './steps.ts'

const name = 'debian-12'

/** What a jail never reads: it would only make each unpacking longer. */
const dropped = [
  ...['bash-completion', 'doc', 'info', 'lintian', 'locale', 'man'].map((folder) => `usr/share/${folder}`),
  ...['posix', 'right', 'Africa', 'America', 'Asia', 'Europe', 'Pacific'].map((zone) => `usr/share/zoneinfo/${zone}`),
  'usr/lib/x86_64-linux-gnu/gconv',
  'var/cache/debconf/templates.dat-old',
]

const bootstrap = [
  '--mode=root',
  '--variant=minbase',
  '--architectures=amd64',
  '--aptopt=APT::Install-Recommends "false"',
  // Its alternative, usrmerge, brings the whole of perl; it wants the folders merged from the start.
  '--include=usr-is-merged',
  '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
]

/**
 * mmdebstrap mounts the machine's own /dev/shm and /sys below its root: in a mount namespace of its own, so that nothing
 * that removes that root can ever reach them. With the process namespace all of it ends when this process does.
 */
const alone = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc']

const pack = [
  '--create',
  '--sort=name',
  '--numeric-owner',
  '--mtime=2025-01-01 00:00:00Z',
  // Device nodes are the jail's business, and a test unpacks the archive where none may be made.
  '--exclude=./dev/*',
  '--use-compress-program=xz -T0 -1',
]

/** The folder that a release's host is configured with. It changes with what the release is made of. */
function mirrorFolder(): string {
  return join(cacheFolder(), 'mirror', digest(...bootstrap, ...dropped, ...pack))
}

export interface LabRelease {
  /** A file URL of the folder that holds releases by name. */
  readonly mirror: string
  readonly name: string
}

/** A real Debian root file system in the layout of a FreeBSD release: base.txz and its MANIFEST. */
export function labRelease(): LabRelease {
  // In the guest the home folder, and with it the cache's place, may be another.
  return { mirror: process.env.GAOLER_LAB_MIRROR ?? pathToFileURL(mirrorFolder()).href, name }
}

export function hasRelease(): boolean {
  return existsSync(join(mirrorFolder(), name, 'MANIFEST'))
}

export async function buildRelease(step: Step): Promise<void> {
  const work = mkdtempSync(join(cached('tmp'), 'release-'))
  const root = join(work, 'root')
  const done = join(work, 'done')
  try {
    await step.timed('bootstrapping Debian 12 for jails', async () => {
      // Not bookworm-backports: nothing is taken from there.
      const lines = (await sources('main')).filter((line) => !line.includes('-backports'))
      const args = [...bootstrap, ...(await downloadOptions()), 'bookworm', root, ...lines]
      await step.run('unshare', [...alone, 'mmdebstrap', ...args], { orphaned: 'KILL' })
      // Neither in a hook, where a slip would delete the machine's own, nor by path-exclude: essential packages escape it.
      for (const path of dropped) rmSync(join(root, path), { recursive: true, force: true })
    })
    await step.timed('packing it', async () => {
      mkdirSync(join(done, name), { recursive: true })
      const archive = join(done, name, 'base.txz')
      await step.run('tar', [...pack, '--file', archive, '--directory', root, '.'])
      writeFileSync(join(done, name, 'MANIFEST'), await manifest(archive))
    })
    cached('mirror')
    rmSync(mirrorFolder(), { recursive: true, force: true })
    renameSync(done, mirrorFolder())
  } finally {
    discard(work)
  }
}

/** The machine's proxies and date checks hold for the bootstrap too, which reads none of its configuration. */
async function downloadOptions(): Promise<string[]> {
  const { stdout } = await execa('apt-config', ['dump'])
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(?:https?|Check)\S* /i.test(line))
    .map((line) => `--aptopt=${line}`)
}

async function manifest(archive: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(archive)) hash.update(chunk)
  const { stdout } = await execa('tar', ['--list', '--file', archive])
  const entries = stdout.split('\n').length
  return `${['base.txz', hash.digest('hex'), entries, 'base', '"Base system (MANDATORY)"', 'on'].join('\t')}\n`
}
