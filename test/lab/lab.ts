import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { buildKernel, builtKernel } from './build.ts'
import { cached, cacheFolder, discard, here } from './cache.ts'
import { type Guest, startGuest } from './guest.ts'
import { lock } from './lock.ts'
import { Apt, checkRuntime, forKernel, forRelease, isBookworm, missingOf, openZfs } from './packages.ts'
import { buildRelease, hasRelease, labRelease } from './release.ts'
import { Step } from './steps.ts'

export { labRelease } from './release.ts'

export interface LabStatus {
  /** The lab starts at once. */
  readonly ready: boolean
  /** Why it can neither start nor be prepared here. */
  readonly reason?: string
  /** What prepareLab would install and build. */
  readonly needs: string[]
}

/** Says what the lab needs, and changes nothing. */
export async function labStatus(): Promise<LabStatus> {
  const reason = unfit()
  if (reason) return { ready: false, reason, needs: [] }
  const { missing, zfs } = await checkRuntime()
  const kernel = await builtKernel(zfs)
  const release = hasRelease()
  const tools = [...(kernel ? [] : forKernel), ...(release ? [] : forRelease)]
  const packages = [...missing, ...(await missingOf([...new Set(tools)]))]
  const needs = [
    ...packages.map((name) => `package ${name}`),
    ...(kernel ? [] : ['the kernel and its ZFS modules']),
    ...(release ? [] : ['the Debian release for jails']),
  ]
  if (process.getuid?.() !== 0 && (packages.length > 0 || !release)) {
    return { ready: false, reason: `only root can install what the lab needs here: ${needs.join(', ')}`, needs }
  }
  return { ready: needs.length === 0, needs }
}

function unfit(): string | undefined {
  if (process.env.GAOLER_LAB === '1') return 'this is the lab already'
  if (process.platform !== 'linux') return `the lab needs Linux; this is ${process.platform}`
  if (process.arch !== 'x64') return `the lab's kernel runs on x86-64 only; this is ${process.arch}`
  if (!existsSync('/etc/os-release') || !isBookworm()) return 'the lab needs Debian 12: it is built from its packages'
  if (/\s/.test(cacheFolder())) return `a kernel's command line cannot hold the blank in ${cacheFolder()}`
  const memory = mountOptions('/dev/shm')
  if (memory?.type !== 'tmpfs') return "/dev/shm is no tmpfs, and the guest's memory is a file there"
  if (memory.options.includes('noexec')) return "/dev/shm is mounted noexec, and the guest's memory is a file there"
  if (mountOptions(cacheFolder())?.options.includes('noexec'))
    return `${cacheFolder()} is on a file system mounted noexec`
  try {
    accessSync('/dev/shm', constants.W_OK)
  } catch {
    return '/dev/shm cannot be written'
  }
  return undefined
}

/** The mount that a path is on. */
function mountOptions(path: string): { options: string[]; type: string } | undefined {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, target]) => target && (target === '/' || path === target || path.startsWith(`${target}/`)))
  // Of two mounts on one place the later one is seen.
  const [best] = mounts.reverse().sort((a, b) => (b[1]?.length ?? 0) - (a[1]?.length ?? 0))
  return best && { type: best[2] ?? '', options: best[3]?.split(',') ?? [] }
}

export class CannotRun extends Error {
  override name = 'CannotRun'
}

/** Installs and builds what is missing. It says what it does before it does it. */
export async function prepareLab(options: { log?: (line: string) => void } = {}): Promise<void> {
  const log = options.log ?? (() => {})
  if ((await fitStatus()).ready) return
  const file = join(cached(), 'prepare.lock')
  let held = await lock(file, { wait: false })
  if (!held) {
    log('waiting for another set-up of the lab to end …')
    held = await lock(file, { wait: true })
  }
  try {
    const { ready, needs } = await fitStatus()
    if (ready) return
    log(`the lab needs ${needs.join(', ')}`)
    // What an interrupted set-up left; nobody else is in there while the lock is held.
    discard(join(cacheFolder(), 'tmp'))
    const step = new Step('prepare', log)
    log(`log: ${step.file}`)
    await step.timed('the whole set-up', () => prepare(step))
  } finally {
    held?.release()
  }
}

async function fitStatus(): Promise<LabStatus> {
  const status = await labStatus()
  if (status.reason) throw new CannotRun(status.reason)
  return status
}

async function prepare(step: Step): Promise<void> {
  const before = await checkRuntime()
  const needsKernel = !(await builtKernel(before.zfs))
  const needsRelease = !hasRelease()
  const tools = [...(needsKernel ? forKernel : []), ...(needsRelease ? forRelease : [])]
  const packages = [...before.missing, ...(await missingOf([...new Set(tools)]))]
  if (packages.length > 0 || needsKernel) {
    const apt = await step.timed('reading package lists', () => Apt.open(step))
    // OpenZFS is named also when it is installed: only the newest version's modules can be downloaded.
    const wanted = needsKernel ? [...new Set([...packages, ...openZfs])] : packages
    await step.timed('installing packages', () => apt.install(step, wanted))
    const { zfs } = await checkRuntime()
    if (!zfs) throw new Error('zfsutils-linux is still not installed')
    if (!(await builtKernel(zfs))) await buildKernel(step, apt, zfs)
  }
  if (needsRelease) await buildRelease(step)
}

export interface LabOptions {
  readonly cwd?: string
  /** Added to what passes through from this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Seconds until the guest is ended; 900. */
  readonly timeout?: number
  /** The guest's memory, `4G`. It is taken only as it is used. */
  readonly memory?: string
  /** A pool to make first, on a file of 2 GiB. */
  readonly pool?: string
  /** Folders that the guest may write on the machine; all else that it writes is thrown away. */
  readonly shared?: readonly string[]
  readonly terminal?: { rows: number; columns: number }
  readonly stdin?: Readable
  readonly stdout?: Writable
  readonly stderr?: Writable
  readonly signal?: AbortSignal
}

const scratch = '/run/lab/scratch'
const passed = /^(?:GAOLER_.*|CI|TERM|COLORTERM|COLUMNS|LINES|FORCE_COLOR|NO_COLOR|NODE_.*|TZ|LANG|LC_.*|PATH)$/

function environment(extra: LabOptions['env']): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && passed.test(name)) env[name] = value
  }
  const bin = resolve(here, '..', '..', 'node_modules', '.bin')
  const system = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
  return {
    ...env,
    PATH: [...new Set([bin, ...(env.PATH ?? '').split(delimiter), ...system])].filter(Boolean).join(delimiter),
    HOME: '/root',
    USER: 'root',
    LOGNAME: 'root',
    GAOLER_LAB: '1',
    GAOLER_LAB_SCRATCH: scratch,
    GAOLER_LAB_MIRROR: labRelease().mirror,
    ...extra,
  }
}

/** Starts a command in a prepared lab. */
export async function startInLab(argv: readonly string[], options: LabOptions = {}): Promise<Guest> {
  const kernel = await builtKernel((await checkRuntime()).zfs)
  if (!kernel) throw new CannotRun('the lab is not prepared')
  return startGuest({
    kernel,
    argv,
    cwd: options.cwd ?? process.cwd(),
    env: environment(options.env),
    timeout: options.timeout ?? 900,
    memory: options.memory ?? process.env.GAOLER_LAB_MEMORY ?? '4G',
    pool: options.pool,
    shared: (options.shared ?? []).map((path) => resolve(path)),
    terminal: options.terminal,
    stdin: options.stdin,
    stdout: options.stdout ?? process.stdout,
    stderr: options.stderr ?? process.stderr,
    signal: options.signal,
  })
}

/** Runs a command in a prepared lab to its end. Its exit code is 124 when the time limit ended it. */
export async function runInLab(argv: readonly string[], options: LabOptions = {}): Promise<{ code: number }> {
  const guest = await startInLab(argv, options)
  return guest.result
}
