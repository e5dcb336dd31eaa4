import type { Logger, OperationOptions } from '@gaoler/core'
import type { Dataset, Zfs } from '@gaoler/zfs'
import { JailFilterException } from '../filter/errors.ts'
import { IocageNotActivated } from '../host/errors.ts'
import { HostBase } from '../host/host-base.ts'
import type { RootDatasets } from '../host/root-datasets.ts'
import { requireSource } from '../host/sources.ts'
import type { ReleaseDescriptor } from '../host/sync.ts'
import { locate, splitSource } from '../jail/locate.ts'
import { ConflictingResourceSelection } from '../storage/errors.ts'
import { ReleaseNotFetched } from './errors.ts'
import { checkReleaseName } from './mirror.ts'

export interface ReleaseInit {
  readonly host?: HostBase
  /** ZFS to work with instead of the host's own. */
  readonly zfs?: Zfs
  /** Logs every operation that is given no logger of its own. */
  readonly logger?: Logger
  /** The source that the release is in; without it the name says it, or the release is looked for. */
  readonly rootDatasetsName?: string
  /** The dataset, when it is known and not what the name says. */
  readonly dataset?: Pick<Dataset, 'name'>
  readonly datasetName?: string
}

/** What both faces of a release share: names, paths, state. All of it is synchronous, and making one changes nothing. */
export class ReleaseBase {
  /** Without source and patch level: `14.3-RELEASE`. */
  readonly name: string
  /** The patch level that was asked for, null for the newest. */
  readonly patchlevel: number | null
  readonly host: HostBase
  readonly #dataset: string | undefined
  #source: string | undefined

  /**
   * By `[source/]name[-pN]`. Throws InvalidReleaseName, SourceNotFound, ConflictingResourceSelection when the source is said
   * twice and differently; without `host`, what Host.open() throws.
   */
  constructor(name: string, init: ReleaseInit = {}) {
    const { rootDatasetsName, dataset, datasetName } = init
    const host = (init.host ?? HostBase.open()).with(init)
    const asked = splitSource(name)
    const [, base = asked.name, level] = /^(.*)-p(\d{1,9})$/s.exec(asked.name) ?? []
    this.name = checkReleaseName(base)
    this.patchlevel = level === undefined ? null : Number(level)
    this.host = host
    this.#dataset = datasetName ?? dataset?.name
    this.#source = asked.source ?? rootDatasetsName
    if (asked.source !== undefined && rootDatasetsName !== undefined && asked.source !== rootDatasetsName) {
      const sources = [asked.source, rootDatasetsName].map((source) => `${source}/${asked.name}`)
      throw new ConflictingResourceSelection({ name, sources })
    }
    if (this.#source !== undefined) requireSource(this.#source, host.datasets)
  }

  /** `[source/]name[-pN]`: the source where the host has several, the patch level where one was asked for. */
  get fullName(): string {
    const name = this.patchlevel === null ? this.name : `${this.name}-p${this.patchlevel}`
    if (this.host.datasets.size < 2) return name
    try {
      return `${this.source}/${name}`
    } catch (error) {
      if (error instanceof ConflictingResourceSelection || error instanceof IocageNotActivated) return name
      throw error
    }
  }

  /** The source that has the release; where none has it, the main one. Throws ConflictingResourceSelection. */
  get source(): string {
    if (this.#source !== undefined) return this.#source
    const { datasets } = this.host
    if (this.#dataset !== undefined) return datasets.findRootDatasetsName(this.#dataset)
    if (datasets.size < 2) return datasets.mainDatasetsName
    this.#source = locate(this.host, 'releases', this.name, undefined)?.source
    return this.#source ?? datasets.mainDatasetsName
  }

  get rootDatasets(): RootDatasets {
    return this.host.datasets.getRootSource(this.source)
  }

  get datasetName(): string {
    return this.#dataset ?? `${this.rootDatasets.releases}/${this.name}`
  }

  get rootDatasetName(): string {
    return `${this.datasetName}/root`
  }

  /** What `baseDatasetName` is in. */
  get baseFolderName(): string {
    return `${this.rootDatasets.base}/${this.name}`
  }

  /** What holds the datasets that basejails of the type zfs are cloned from, a dataset for each system directory. */
  get baseDatasetName(): string {
    return `${this.baseFolderName}/root`
  }

  get path(): string {
    return this.host.datasets.path(this.datasetName)
  }

  get rootPath(): string {
    return this.host.datasets.path(this.rootDatasetName)
  }

  /** The snapshot of the highest patch level (`…/root@p3`), from which jails are cloned; null when there is none. */
  get latestSnapshot(): string | null {
    return this.versionSnapshots[0] ?? null
  }

  /** The snapshot of the patch level that was asked for, else the newest; null when there is none. */
  get currentSnapshot(): string | null {
    if (this.patchlevel === null) return this.latestSnapshot
    return this.#levels().find(({ level }) => level === this.patchlevel)?.name ?? null
  }

  /** The patch level of `currentSnapshot`; null when there is none. */
  get currentSnapshotPatchlevel(): number | null {
    const snapshot = this.currentSnapshot
    return snapshot === null ? null : Number(snapshot.slice(snapshot.lastIndexOf('@p') + 2))
  }

  /** The snapshots of all patch levels, the newest first. */
  get versionSnapshots(): string[] {
    return this.#levels()
      .sort((a, b) => b.level - a.level)
      .map(({ name }) => name)
  }

  /** The number before the first dash, 14.3; 0 of what has none, as `CURRENT`. */
  get versionNumber(): number {
    return Number(/^\d+(?:\.\d+)?/.exec(this.name)?.[0] ?? 0)
  }

  /** Whether its major version is above that of the host's kernel; a release without a number is. Throws HostReleaseUnknown. */
  get newerThanHost(): boolean {
    const major = Math.trunc(this.versionNumber) || Number.POSITIVE_INFINITY
    return major > Number.parseInt(this.host.releaseVersion, 10)
  }

  /** Whether the release has a dataset here, complete or not. */
  get exists(): boolean {
    return this.host.zfs.existsSync(this.datasetName)
  }

  /** Whether it is complete, so that jails can be made of it. */
  get fetched(): boolean {
    return this.latestSnapshot !== null
  }

  /** The snapshot that was asked for. Throws ReleaseNotFetched. */
  requireFetched(): string {
    const snapshot = this.currentSnapshot
    if (snapshot === null) throw new ReleaseNotFetched({ release: this.fullName })
    return snapshot
  }

  /** What a filter can ask for. Throws JailFilterException for anything else. */
  get(key: string): unknown {
    if (key === 'name' || key === 'source' || key === 'fetched' || key === 'patchlevel') return this[key]
    if (key === 'full_name') return this.fullName
    if (key === 'dataset_name') return this.datasetName
    throw new JailFilterException(`${JSON.stringify(key)} is nothing that a release has`, {})
  }

  /** The release's lock. Throws ResourceLocked. */
  lock(purpose: string): Disposable {
    return this.host.lock(this.datasetName, `${purpose} of release ${this.fullName}`)
  }

  /** The release as an operation with these options sees it: a plan has a host of its own. */
  protected viewFor({ plan }: OperationOptions): ReleaseBase {
    return plan ? this.on(this.host.planned()) : this
  }

  /** The same release on another view of its host. */
  on(host: HostBase): ReleaseBase {
    if (host === this.host) return this
    const { name, init } = this.descriptor
    return new ReleaseBase(name, { ...init, host })
  }

  /** What names the same release in another thread: plain data. */
  get descriptor(): ReleaseDescriptor {
    const level = this.patchlevel === null ? '' : `-p${this.patchlevel}`
    const source = this.#source === undefined ? '' : `${this.#source}/`
    return {
      name: `${source}${this.name}${level}`,
      init: { datasetName: this.#dataset },
      host: this.host.options,
    }
  }

  /** Where a jail was promoted, the release's root is a clone of the jail's, which has the snapshots until then. */
  #levels(): { name: string; level: number }[] {
    const root = this.rootDatasetName
    const { zfs } = this.host
    if (!zfs.existsSync(root)) return []
    const found = zfs.listSync({ root, depth: 1, types: ['filesystem', 'snapshot'], properties: ['origin'] })
    const origin = found.find(({ name }) => name === root)?.properties.origin?.value
    return [...(origin ? [origin] : []), ...found.map(({ name }) => name)].flatMap((name) => {
      const [, level] = /@p(\d{1,9})$/.exec(name) ?? []
      return level === undefined ? [] : [{ name, level: Number(level) }]
    })
  }
}
