import { UsageError } from '@gaoler/core'
import type { EmbeddedZfs, NamesOptions, Zfs } from '@gaoler/zfs'
import { JailAlreadyRunning, JailNotRunning } from '../errors.ts'
import type { HostFiles } from '../host/view.ts'
import type { KernelJail, Platform } from '../platform/platform.ts'
import { PlannedDatasets } from './datasets.ts'

/** The number of a jail that is only planned: the kernel chooses the real one. */
const UNKNOWN_JID = 0

/** A host as it would be after what was planned: effects change this in their `plan`, and queries ask it. */
export class World {
  readonly datasets: PlannedDatasets
  /** Kernel jails that are made or removed, by name. */
  readonly #jails = new Map<string, boolean>()
  /** Files that are written, or removed (null), by path. */
  readonly #files = new Map<string, string | null>()
  readonly #platform: Platform
  readonly #real: HostFiles

  constructor(zfs: Zfs, platform: Platform, files: HostFiles) {
    this.datasets = new PlannedDatasets(zfs)
    this.#platform = platform
    this.#real = files
  }

  createJail(name: string): { jid: number } {
    const found = this.findJail(name)
    if (found) throw new JailAlreadyRunning({ jail: name, jid: found.jid })
    this.#jails.set(name, true)
    return { jid: UNKNOWN_JID }
  }

  removeJail(name: string): void {
    this.#jails.set(name, false)
  }

  findJail(name: string): KernelJail | null {
    const planned = this.#jails.get(name)
    if (planned === undefined) return this.#platform.findJail(name)
    return planned ? { name, jid: UNKNOWN_JID } : null
  }

  /** Whether the kernel has it now, whatever is planned: then what is mounted in it hides its own files. */
  isReal(name: string): boolean {
    return this.#platform.findJail(name) !== null
  }

  requireJail(name: string): void {
    if (!this.findJail(name)) throw new JailNotRunning({ jail: name })
  }

  writeFile(path: string, content: string | null): void {
    this.#files.set(path, content)
  }

  /** The files as the plan has them: what it wrote, and what it cloned as its origin has it. */
  readonly files: HostFiles = {
    readText: (path, below) => {
      const planned = this.#files.get(path)
      if (planned !== undefined) return planned
      const real = this.#translate(path)
      const root = below === undefined ? undefined : this.#translate(below)
      return real === null || root === null ? null : this.#real.readText(real, root)
    },
    exists: (path) => {
      const planned = this.#files.get(path)
      if (planned !== undefined) return planned !== null
      if (this.datasets.holding(path)?.mountpoint === path) return true
      const real = this.#translate(path)
      return real !== null && this.#real.exists(real)
    },
    // In a root that is only planned and empty nothing is known to be missing: a plan is what happens when all goes well.
    missing: (path, below) => {
      const root = this.#translate(below)
      if (root === null) return []
      return this.#real.missing(root + path.slice(below.length), root).map((each) => below + each.slice(root.length))
    },
    kind: (path, below) => {
      const root = this.#translate(below)
      return root === null ? null : this.#real.kind(root + path.slice(below.length), root)
    },
  }

  /** Where a path is today: another place when its dataset was cloned or renamed in the plan, null when it is new or gone. */
  #translate(path: string): string | null {
    const entry = this.datasets.holding(path)
    const today = this.datasets.realHolding(path)
    // Outside of all datasets, or where it was.
    if (entry?.real === today?.name && entry?.mountpoint === today?.mountpoint) return path
    if (!entry?.mountpoint) return null
    const inside = path.slice(entry.mountpoint.length)
    const source = entry.origin === null ? undefined : this.datasets.find(entry.origin.split('@')[0] as string)
    const real = entry.real ?? source?.real ?? null
    const directory = real === null ? null : this.datasets.realMountpoint(real)
    return directory === null ? null : directory + inside
  }
}

/** ZFS as a plan may ask it. What is not here cannot be asked in a plan; a change of it is refused, whoever tries. */
export function plannedZfs(real: Zfs, { datasets }: World): Zfs {
  const queries = {
    exists: (name: string) => datasets.exists(name),
    list: datasets.list.bind(datasets),
    names: (root: string, options: NamesOptions = {}) => datasets.list({ root, ...options }).map(({ name }) => name),
    get: datasets.get.bind(datasets),
    getHolds: (snapshot: string) => datasets.getHolds(snapshot),
  }
  // Of a snapshot that is only planned there are no files yet.
  const { snapshotDirectory } = real as Partial<EmbeddedZfs>
  const both = Object.entries(queries).flatMap(([name, query]) => [
    [`${name}Sync`, query],
    [name, async (...args: never[]) => (query as (...args: never[]) => unknown)(...args)],
  ])
  const answers: Record<PropertyKey, unknown> = {
    ...Object.fromEntries(both),
    kind: real.kind,
    snapshotDirectory,
    isSupported: real.isSupported,
  }
  return new Proxy({} as Zfs, {
    get: (_, name) => {
      if (name in answers || typeof name === 'symbol') return answers[name]
      throw new UsageError(`zfs.${String(name)}() is not known to plans: ask with ${Object.keys(queries).join(', ')}`)
    },
  })
}
