import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'
import type { Step } from './steps.ts'

/** OpenZFS's commands and libraries: of one version with the modules. */
export const openZfs = ['libnvpair3linux', 'libuutil3linux', 'libzfs6linux', 'libzpool6linux', 'zfsutils-linux']
const backports = new Set(openZfs)

/** What the guest uses from the machine's own root file system. catatonit is static: jails get it as their reaper. */
const runtime = [...openZfs, 'busybox-static', 'catatonit', 'crun', 'iproute2', 'kmod', 'nftables', 'procps']

export const forKernel = ['bc', 'bison', 'flex', 'gcc', 'libc6-dev', 'libelf-dev', 'libssl-dev', 'make', 'xz-utils']
export const forRelease = ['mmdebstrap', 'xz-utils']

/** Installed packages with their versions, out of the named ones. */
async function installed(names: readonly string[]): Promise<Map<string, string>> {
  const format = ['db:Status-Abbrev', 'Package', 'Version'].map((field) => `\${${field}} `).join('')
  // It exits with 1 when it does not know a name, and still tells about the others.
  const { stdout } = await execa('dpkg-query', ['-W', '-f', `${format}\n`, ...names], {
    reject: false,
    stderr: 'ignore',
  })
  const found = new Map<string, string>()
  for (const line of stdout.split('\n')) {
    const [status, name, version] = line.split(/\s+/)
    if (status === 'ii' && name && version) found.set(name, version)
  }
  return found
}

export interface Installed {
  readonly missing: readonly string[]
  /** The version of OpenZFS whose modules fit the installed libraries. */
  readonly zfs: string | undefined
}

export async function checkRuntime(): Promise<Installed> {
  const found = await installed(runtime)
  const missing = runtime.filter((name) => !found.has(name) || (backports.has(name) && !isNew(found.get(name))))
  return { missing, zfs: missing.includes('zfsutils-linux') ? undefined : found.get('zfsutils-linux') }
}

/** Debian 12 itself has OpenZFS 2.1, which knows neither User Mode Linux nor Linux 6.12. */
const isNew = (version = '') => /^2\.[3-9]/.test(version)

export async function missingOf(names: readonly string[]): Promise<string[]> {
  // Without a name dpkg-query tells about every package.
  if (names.length === 0) return []
  const found = await installed(names)
  return names.filter((name) => !found.has(name))
}

/** The machine's own addresses for Debian: the archive's base address by suite, as apt itself reads its configuration. */
async function mirrors(): Promise<Map<string, string>> {
  const { stdout } = await execa('apt-get', ['--print-uris', 'update'], { stderr: 'ignore' })
  const found = new Map<string, string>()
  for (const [, base, suite] of stdout.matchAll(/^'([^']+)\/dists\/([^/']+)\/(?:In)?Release'/gm)) {
    if (base && suite && !found.has(suite)) found.set(suite, base)
  }
  return found
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Sources for Debian 12 as the machine has them, with contrib and backports added. */
export async function sources(components: string): Promise<string[]> {
  const known = await mirrors()
  const archive = known.get('bookworm')
  if (!archive) throw new Error('apt on this machine knows no address for Debian 12 (bookworm)')
  const security = known.get('bookworm-security')
  const line = (base: string, suite: string) => `deb [signed-by=${keyring}] ${base} ${suite} ${components}`
  return [
    ...['bookworm', 'bookworm-updates', 'bookworm-backports'].map((suite) => line(archive, suite)),
    ...(security ? [line(security, 'bookworm-security')] : []),
  ]
}

/** apt with lists of its own, so that the machine's lists stay as they are. */
export class Apt {
  readonly #flags: string[]

  private constructor(flags: string[]) {
    this.#flags = flags
  }

  static async open(step: Step): Promise<Apt> {
    const folder = cached('apt')
    const list = join(folder, 'sources.list')
    writeFileSync(list, `${(await sources('main contrib')).join('\n')}\n`)
    cached('apt', 'lists', 'partial')
    const apt = new Apt([
      ...['-o', `Dir::Etc::sourcelist=${list}`],
      ...['-o', 'Dir::Etc::sourceparts=/dev/null'],
      ...['-o', `Dir::State::lists=${join(folder, 'lists')}`],
      // apt would drop its rights to a user that cannot read the cache of another.
      ...['-o', 'APT::Sandbox::User=root'],
      ...['-o', 'DPkg::Lock::Timeout=300'],
    ])
    await apt.#run(step, ['update'])
    return apt
  }

  async #run(step: Step, args: string[], cwd?: string): Promise<void> {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    // A half-done installation would have to be mended by hand.
    await step.run('apt-get', [...this.#flags, ...args], { cwd, env, orphaned: 'finish' })
  }

  async install(step: Step, names: readonly string[]): Promise<void> {
    const wanted = names.map((name) => (backports.has(name) ? `${name}/bookworm-backports` : name))
    // Without a recommended zfs-dkms and zfs-zed: nothing is built or started on the machine itself.
    await this.#run(step, ['install', '--yes', '--no-install-recommends', ...wanted])
  }

  /** Downloads a package's file into a folder and installs nothing. */
  async download(step: Step, name: string, folder: string): Promise<void> {
    await this.#run(step, ['download', name], folder)
  }

  async version(name: string): Promise<string> {
    const { stdout } = await execa('apt-cache', [...this.#flags, 'policy', name])
    const version = /^ {2}Candidate: (\S+)$/m.exec(stdout)?.[1]
    if (!version || version === '(none)') throw new Error(`apt offers no package ${name}`)
    return version
  }
}

export function isBookworm(release = readFileSync('/etc/os-release', 'utf8')): boolean {
  return /^VERSION_CODENAME="?bookworm"?$/m.test(release) && /^ID="?debian"?$/m.test(release)
}
