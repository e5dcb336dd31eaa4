import { randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { EffectContext } from '@gaoler/core'
import { execa } from 'execa'
import { linuxPlatform } from '../../packages/jail/src/platform/linux/index.ts'
import type { Command, CommandResult, LaunchParameters, Mount } from '../../packages/jail/src/platform/platform.ts'

export const scratch: string = process.env.GAOLER_LAB_SCRATCH ?? '/tmp'
export const runDirectory = '/run/gaoler-platform-test'
export const cgroup = 'gaoler-platform-test'

export const platform: ReturnType<typeof linuxPlatform> = linuxPlatform({ runDirectory, cgroup })
export const effects: typeof platform.effects = platform.effects

/** Applets of busybox that the tests use inside. */
const applets = [
  ...['cat', 'chmod', 'date', 'echo', 'env', 'head', 'id', 'kill', 'ls', 'mkdir', 'mount', 'ps', 'readlink', 'rm'],
  ...['setsid', 'sh', 'sleep', 'stat', 'stty', 'touch', 'tty', 'unshare', 'usleep', 'nc'],
]

/** A root of a jail that holds a shell and no more. */
function fillRoot(root: string): void {
  for (const folder of ['bin', 'dev', 'proc', 'tmp', 'root', 'etc']) mkdirSync(join(root, folder), { recursive: true })
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
  for (const applet of applets) symlinkSync('busybox', join(root, 'bin', applet))
}

/** A pool on a file, with a filled root to be cloned. */
export class LabPool implements AsyncDisposable {
  readonly name: string

  private constructor(name: string) {
    this.name = name
  }

  static async make(name: string): Promise<LabPool> {
    const file = join(scratch, `${name}.img`)
    await execa('truncate', ['-s', '512M', file])
    await execa('zpool', ['create', '-O', 'compression=off', '-m', join(scratch, name), name, file])
    await execa('zfs', ['create', `${name}/release`])
    fillRoot(join(scratch, name, 'release'))
    await execa('zfs', ['snapshot', `${name}/release@ready`])
    return new LabPool(name)
  }

  /** A fresh clone of the root; gives its path. */
  async clone(name: string): Promise<string> {
    await execa('zfs', ['clone', `${this.name}/release@ready`, `${this.name}/${name}`])
    return join(scratch, this.name, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await execa('zpool', ['destroy', '-f', this.name])
  }
}

export interface Recorder extends EffectContext {
  /** What was delivered, with the milliseconds since the recorder was made. */
  readonly chunks: { text: string; stream: string; at: number }[]
}

export function recorder(signal: AbortSignal = new AbortController().signal): Recorder {
  const begun = performance.now()
  const chunks: Recorder['chunks'] = []
  return {
    signal,
    mark: randomUUID(),
    chunks,
    progress: () => {},
    output: async (text, stream = 'stdout') => {
      chunks.push({ text, stream, at: performance.now() - begun })
    },
  }
}

/** The command line that runs an effect in another process. */
export function child(effect: 'createJail' | 'execInJail', args: object, options: object = {}): [string, ...string[]] {
  const all = JSON.stringify({ runDirectory, cgroup, ...options })
  return [process.execPath, join(import.meta.dirname, 'linux-child.ts'), all, effect, JSON.stringify(args)]
}

export function usualMounts(root: string): Mount[] {
  return [
    { type: 'devfs', target: join(root, 'dev') },
    { type: 'fdescfs', target: join(root, 'dev/fd') },
  ]
}

export function launch(name: string, path: string, more: Partial<LaunchParameters> = {}): LaunchParameters {
  return {
    name,
    path,
    hostname: `${name}.example`,
    hostuuid: '5b2a9c3e-0000-4000-8000-000000000000',
    mounts: usualMounts(path),
    parameters: {},
    ...more,
  }
}

export async function create(parameters: LaunchParameters, signal?: AbortSignal): Promise<{ jid: number }> {
  return effects.createJail.run(parameters, recorder(signal))
}

export async function remove(name: string): Promise<void> {
  await effects.removeJail.run({ name }, recorder())
}

export async function inJail(
  name: string,
  command: Command,
  context: EffectContext = recorder(),
): Promise<CommandResult> {
  return effects.execInJail.run({ name, ...command }, context)
}

/** The output of a shell's command inside, without its last line feed. */
export async function shell(name: string, script: string): Promise<string> {
  const { stdout, stderr, code } = await inJail(name, { argv: ['sh', '-c', script] })
  if (code !== 0) throw new Error(`${script}: ${code}: ${stderr}`)
  return (stdout as string).trimEnd()
}

/** Everything on the host that a jail could leave behind. */
export function traces(...roots: string[]): string[] {
  const folders = [runDirectory, join('/sys/fs/cgroup', cgroup), ...roots]
  return [...readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n'), ...folders.flatMap(listing)]
}

function listing(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .map((path) => join(folder, String(path)))
    .sort()
}

/** The pids of processes whose command line holds a text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(text))
    .map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
