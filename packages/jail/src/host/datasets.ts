import type { Zfs } from '@gaoler/zfs'
import { ResourceUnmanaged } from '../storage/errors.ts'
import { DatasetNotMounted, IocageNotActivated } from './errors.ts'
import { RootDatasets } from './root-datasets.ts'
import { ACTIVE, checkSourceName, type FoundSources, isActive, requireSource, type SourceOrigin } from './sources.ts'

/**
 * The sources of a host: root datasets by their names, in order; the first is the main one.
 * They are looked for when they are first needed, and then kept until `reload()`.
 */
export class Datasets implements Iterable<[name: string, root: RootDatasets]> {
  readonly #zfs: Zfs
  readonly #find: () => FoundSources
  #found: { origin: SourceOrigin | null; roots: Map<string, RootDatasets> } | undefined

  constructor(zfs: Zfs, find: () => FoundSources) {
    this.#zfs = zfs
    this.#find = find
  }

  /** What said where jails live; null when nothing did. */
  get origin(): SourceOrigin | null {
    return this.#load().origin
  }

  get size(): number {
    return this.#load().roots.size
  }

  get names(): string[] {
    return [...this.#load().roots.keys()]
  }

  get(name: string): RootDatasets | undefined {
    return this.#load().roots.get(name)
  }

  has(name: string): boolean {
    return this.#load().roots.has(name)
  }

  [Symbol.iterator](): IterableIterator<[name: string, root: RootDatasets]> {
    return this.#load().roots.entries()
  }

  /** Throws IocageNotActivated when there is no source. */
  get mainDatasetsName(): string {
    const [first] = this.names
    if (first === undefined) throw new IocageNotActivated()
    return first
  }

  /** The first source. Throws IocageNotActivated. */
  get main(): RootDatasets {
    return this.getRootSource()
  }

  /** A source by its name, without one the main source. Throws SourceNotFound, IocageNotActivated. */
  getRootSource(name: string = this.mainDatasetsName): RootDatasets {
    return this.get(name) ?? (this.get(requireSource(name, this)) as RootDatasets)
  }

  /** The name of the source that a dataset belongs to; of nested ones the innermost. Throws ResourceUnmanaged. */
  findRootDatasetsName(dataset: string): string {
    const [found] = [...this]
      .filter(([, root]) => root.has(dataset))
      .sort(([, a], [, b]) => b.root.length - a.root.length)
    if (!found) throw new ResourceUnmanaged({ dataset })
    return found[0]
  }

  /** The source that a dataset belongs to. Throws ResourceUnmanaged. */
  findRootDatasets(dataset: string): RootDatasets {
    return this.getRootSource(this.findRootDatasetsName(dataset))
  }

  /** The directory of a dataset, also of one that belongs to no source. Throws DatasetNotMounted, DatasetNotFound. */
  path(dataset: string): string {
    if ([...this].some(([, root]) => root.has(dataset))) return this.findRootDatasets(dataset).path(dataset)
    const mountpoint = this.#zfs.getSync(dataset, ['mountpoint']).properties.mountpoint?.value ?? 'unknown'
    if (!mountpoint.startsWith('/')) throw new DatasetNotMounted({ dataset, mountpoint })
    return mountpoint
  }

  /** Adds a source, or changes which dataset it is. Throws InvalidSourceName. */
  attachSource(name: string, dataset: string): RootDatasets {
    return this.attachRootDatasets(name, new RootDatasets(this.#zfs, dataset))
  }

  attachSources(sources: Readonly<Record<string, string>>): void {
    for (const [name, dataset] of Object.entries(sources)) this.attachSource(name, dataset)
  }

  attachRootDatasets(name: string, root: RootDatasets): RootDatasets {
    const loaded = this.#load()
    loaded.roots.set(checkSourceName(name), root)
    loaded.origin = 'explicit'
    return root
  }

  /** The pool of the main source; null when there is none. */
  get activePool(): string | null {
    return this.size === 0 ? null : this.main.pool
  }

  /** Whether the pool, without one any pool, is marked as the one that holds jails. */
  isPoolActive(pool?: string): boolean {
    return this.#zfs
      .listSync({ depth: 0, types: ['filesystem'], properties: [ACTIVE] })
      .some(({ name, properties }) => (pool ?? name) === name && isActive(properties[ACTIVE]?.value))
  }

  /** Root datasets by the names of their sources: as `Host.open({ sources })` takes them. */
  toSources(): Record<string, string> {
    return Object.fromEntries([...this].map(([name, { root }]) => [name, root]))
  }

  /** Looks for the sources anew when they are next needed; what was attached is forgotten. */
  reload(): void {
    this.#found = undefined
  }

  #load(): { origin: SourceOrigin | null; roots: Map<string, RootDatasets> } {
    if (!this.#found) {
      const { origin, sources } = this.#find()
      this.#found = {
        origin,
        roots: new Map([...sources].map(([name, dataset]) => [name, new RootDatasets(this.#zfs, dataset)])),
      }
    }
    return this.#found
  }
}
