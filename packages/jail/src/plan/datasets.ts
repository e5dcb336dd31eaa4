import {
  type Dataset,
  DatasetBusy,
  DatasetNotFound,
  type DatasetType,
  FilesystemExists,
  type ListOptions,
  ParentNotFound,
  type Property,
  type PropertyValue,
  propertyValue,
  SnapshotExists,
  SnapshotIsCloned,
  type Zfs,
} from '@gaoler/zfs'

/** A dataset or snapshot as a plan sees it. */
export interface Entry {
  name: string
  readonly type: DatasetType
  /** Its name in the real ZFS, which knows its other properties; null for what is only planned. */
  readonly real: string | null
  /** The snapshot that it was cloned from, by its name in the plan. */
  origin: string | null
  mountpoint: string | null
  /** A snapshot that goes with its last clone. */
  deferred: boolean
  /** Properties that are set (null: no more) in the plan. */
  readonly set: Map<string, string | null>
}

const KNOWN = ['origin', 'mountpoint'] as const

/** The datasets of a host as they would be after what was planned. They are read once, when they are first asked for. */
export class PlannedDatasets {
  readonly #real: Zfs
  #entries: Map<string, Entry> | undefined
  readonly #mountpoints: { name: string; mountpoint: string }[] = []

  constructor(real: Zfs) {
    this.#real = real
  }

  exists(name: string): boolean {
    return this.#all.has(name)
  }

  find(name: string): Entry | undefined {
    return this.#all.get(name)
  }

  list({ root, depth = Number.POSITIVE_INFINITY, types, properties = [] }: ListOptions = {}): Dataset[] {
    const top = root === undefined ? undefined : this.#require(root)
    const wanted = new Set(types ?? ['filesystem', 'volume'])
    const base = top ? level(top.name) : 1
    const found = [...this.#all.values()]
      .filter(({ name, type }) => wanted.has(type) && (!top || isBelow(name, top.name)) && level(name) - base <= depth)
      .sort((a, b) => order(a.name, b.name))
    return found.map((entry) => this.#describe(entry, properties))
  }

  get(name: string, properties: readonly string[]): Dataset {
    return this.#describe(this.#require(name), properties)
  }

  getHolds(snapshot: string): Record<string, bigint> {
    const { real } = this.#require(snapshot)
    return real === null ? {} : this.#real.getHoldsSync(real)
  }

  /** The dataset whose directory holds `path`. */
  holding(path: string): Entry | undefined {
    return longest([...this.#all.values()], path)
  }

  /** The dataset whose directory holds `path` today. */
  realHolding(path: string): { name: string; mountpoint: string } | undefined {
    return longest(this.#today, path)
  }

  realMountpoint(name: string): string | null {
    return this.#today.find((each) => each.name === name)?.mountpoint ?? null
  }

  create(name: string, origin: string | null = null): void {
    if (this.exists(name)) throw new FilesystemExists({ name, asked: 'plan a dataset' })
    const parent = this.#all.get(name.slice(0, name.lastIndexOf('/')))
    if (!parent) throw new ParentNotFound({ name, asked: 'plan a dataset' })
    if (origin !== null) this.#require(origin)
    const mountpoint = parent.mountpoint && parent.mountpoint + name.slice(parent.name.length)
    this.#all.set(name, { name, type: 'filesystem', real: null, origin, mountpoint, deferred: false, set: new Map() })
  }

  /** With all that is missing above it. */
  ensure(name: string): void {
    const parts = name.split('/')
    for (const [index] of parts.entries()) {
      const each = parts.slice(0, index + 1).join('/')
      if (!this.exists(each)) this.create(each)
    }
  }

  set(name: string, property: string, value: string | null): void {
    const entry = this.#require(name)
    entry.set.set(property, value)
    if (property === 'mountpoint' && value?.startsWith('/')) entry.mountpoint = value
  }

  snapshot(names: readonly string[]): void {
    for (const name of names) {
      if (this.exists(name)) throw new SnapshotExists({ name, asked: 'plan a snapshot' })
      this.#require(datasetOf(name))
    }
    for (const name of names) {
      this.#all.set(name, {
        name,
        type: 'snapshot',
        real: null,
        origin: null,
        mountpoint: null,
        deferred: false,
        set: new Map(),
      })
    }
  }

  destroy(name: string): void {
    const { origin } = this.#require(name)
    const inTheWay = [...this.#all.keys()].find((other) => other !== name && isBelow(other, name))
    if (inTheWay) throw new DatasetBusy({ name, asked: 'plan a destruction', reason: `it has ${inTheWay}` })
    this.#all.delete(name)
    const snapshot = origin === null ? undefined : this.#all.get(origin)
    if (snapshot?.deferred && this.#clones(snapshot.name).length === 0) this.#all.delete(snapshot.name)
  }

  destroySnapshots(names: readonly string[], { defer = false }: { defer?: boolean } = {}): void {
    for (const entry of names.map((name) => this.#all.get(name))) {
      if (!entry) continue
      const pinned = this.#clones(entry.name).length > 0
      if (pinned && !defer) throw new SnapshotIsCloned({ name: entry.name, asked: 'plan a destruction' })
      if (pinned) entry.deferred = true
      else this.#all.delete(entry.name)
    }
  }

  /** Of a dataset with all that is below it, or of a snapshot. */
  rename(from: string, to: string): void {
    const { mountpoint } = this.#require(from)
    if (this.exists(to)) throw new FilesystemExists({ name: to, asked: `plan to rename ${from}` })
    const parent = this.#all.get(to.slice(0, to.lastIndexOf('/')))
    const target = parent?.mountpoint ? parent.mountpoint + to.slice(parent.name.length) : null
    const moved = (name: string): string => (isBelow(name, from) ? to + name.slice(from.length) : name)
    const entries = [...this.#all.values()]
    for (const entry of entries) {
      if (isBelow(entry.name, from) && mountpoint !== null && target !== null) {
        entry.mountpoint = entry.mountpoint && target + entry.mountpoint.slice(mountpoint.length)
      }
      entry.name = moved(entry.name)
      entry.origin = entry.origin && moved(entry.origin)
    }
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]))
  }

  /** A clone takes over the snapshots that it and its origin have in common. */
  promote(name: string): void {
    const clone = this.#require(name)
    if (clone.origin === null) throw new DatasetNotFound({ name, asked: 'plan to promote: it is no clone' })
    const parent = this.#require(datasetOf(clone.origin))
    const snapshots = [...this.#all.keys()].filter((each) => each.startsWith(`${parent.name}@`))
    const shared = snapshots.slice(0, snapshots.indexOf(clone.origin) + 1)
    const taken = clone.name + clone.origin.slice(parent.name.length)
    for (const snapshot of shared) this.rename(snapshot, clone.name + snapshot.slice(parent.name.length))
    clone.origin = parent.origin
    parent.origin = taken
  }

  get #all(): Map<string, Entry> {
    this.#entries ??= this.#read()
    return this.#entries
  }

  /** Directories as they are, whatever is planned. */
  get #today(): { name: string; mountpoint: string }[] {
    void this.#all
    return this.#mountpoints
  }

  #read(): Map<string, Entry> {
    const entries = new Map(
      this.#real.listSync({ types: ['filesystem', 'volume', 'snapshot'], properties: KNOWN }).map(
        ({ name, type, properties: { origin, mountpoint } }) =>
          [
            name,
            {
              name,
              type,
              real: name,
              origin: origin.value,
              mountpoint: mountpoint.value?.startsWith('/') ? mountpoint.value : null,
              deferred: false,
              set: new Map(),
            },
          ] as [string, Entry],
      ),
    )
    for (const { name, mountpoint } of entries.values())
      if (mountpoint !== null) this.#mountpoints.push({ name, mountpoint })
    return entries
  }

  #require(name: string): Entry {
    const entry = this.#all.get(name)
    if (!entry) throw new DatasetNotFound({ name, asked: 'plan' })
    return entry
  }

  #clones(snapshot: string): string[] {
    return [...this.#all.values()].filter(({ origin }) => origin === snapshot).map(({ name }) => name)
  }

  #describe(entry: Entry, wanted: readonly string[]): Dataset {
    const { name, type, real } = entry
    const own: Record<string, PropertyValue> = {
      origin: entry.origin,
      mountpoint: entry.mountpoint ?? (type === 'filesystem' ? 'none' : null),
      clones: type === 'snapshot' ? this.#clones(name) : null,
    }
    const others = wanted.filter((property) => !(property in own))
    const known = real === null || others.length === 0 ? {} : this.#real.getSync(real, others).properties
    const properties: Record<string, Property> = { ...known }
    const named = wanted.includes('all') ? [...Object.keys(own), ...entry.set.keys()] : wanted
    for (const property of named) {
      const set = entry.set.get(property)
      if (set !== undefined) {
        const source = set === null ? 'none' : 'local'
        properties[property] = { value: set === null ? null : propertyValue(property, set), source }
      } else if (property in own) properties[property] = { value: own[property] ?? null, source: 'none' }
      else if (real === null) properties[property] = { value: NEW[property] ?? null, source: 'none' }
    }
    return { name, type, properties }
  }
}

/** What a dataset that does not exist yet would answer. */
const NEW: Readonly<Record<string, PropertyValue>> = { mounted: true, userrefs: 0n }

/** The entry whose directory is nearest above `path`. */
function longest<E extends { readonly mountpoint: string | null }>(entries: readonly E[], path: string): E | undefined {
  let best: E | undefined
  for (const entry of entries) {
    const { mountpoint } = entry
    if (mountpoint === null || (mountpoint !== '/' && path !== mountpoint && !path.startsWith(`${mountpoint}/`)))
      continue
    if (mountpoint.length > (best?.mountpoint?.length ?? -1)) best = entry
  }
  return best
}

function datasetOf(snapshot: string): string {
  return snapshot.slice(0, snapshot.indexOf('@'))
}

function isBelow(name: string, root: string): boolean {
  return name === root || name.startsWith(`${root}/`) || name.startsWith(`${root}@`)
}

function level(name: string): number {
  return name.split(/[/@]/).length
}

/** As `zfs list` has them: a dataset, its snapshots, its children. */
function order(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split('@')[0] as string)
  if (left === right) return Number(a.includes('@')) - Number(b.includes('@'))
  const [one, other] = [left, right].map((name) => (name as string).replaceAll('/', '\0'))
  return (one as string) < (other as string) ? -1 : 1
}
