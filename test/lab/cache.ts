import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export const here = import.meta.dirname

/** Where everything that is built or downloaded lives: outside the checkout, so that a fresh clone finds it. */
export function cacheFolder(): string {
  const own = process.env.GAOLER_LAB_CACHE
  if (own) return resolve(own)
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gaoler', 'lab')
}

/** A folder inside the cache, made when it is missing. */
export function cached(...parts: string[]): string {
  const folder = join(cacheFolder(), ...parts)
  mkdirSync(folder, { recursive: true })
  return folder
}

export function digest(...texts: (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text).update('\0')
  return hash.digest('hex').slice(0, 12)
}

export interface KernelParts {
  readonly linuxSource: string
  readonly zfs: string
  readonly fragment: string
  readonly gcc: string
}

export const artefacts = ['linux', 'spl.ko', 'zfs.ko'] as const

/** Versions contain `~` and `:`, which a path may hold but a kernel's command line should not. */
export function kernelName(parts: KernelParts): string {
  const name = `linux-${parts.linuxSource}_zfs-${parts.zfs}_config-${parts.fragment}_gcc-${parts.gcc}`
  return name.replaceAll(/[^\w.+-]/g, '-')
}

export function kernelFragment(): string {
  return digest(readFileSync(join(here, 'kernel.config')))
}

/**
 * The newest built kernel that fits what is installed here. The version of linux-source is left open: finding the
 * newest one would need apt, and a warm start must not call it.
 */
export function findKernel(want: Omit<KernelParts, 'linuxSource'>): string | undefined {
  const root = join(cacheFolder(), 'kernel')
  if (!existsSync(root)) return undefined
  const tail = kernelName({ ...want, linuxSource: '' }).slice('linux-'.length)
  return readdirSync(root)
    .filter((name) => name.startsWith('linux-') && name.endsWith(tail))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(root, name))
    .find((folder) => artefacts.every((file) => existsSync(join(folder, file))))
}

/** The last lines of a log. */
export function tail(file: string, lines = 30): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
}

/** Removes a work folder, but never what is mounted below it. */
export function discard(folder: string): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  const below = mounts.map((line) => line.split(' ')[1]).filter((target) => target?.startsWith(`${folder}/`))
  if (below.length > 0) throw new Error(`${folder} is not removed, for something is mounted there: ${below.join(', ')}`)
  rmSync(folder, { recursive: true, force: true })
}
