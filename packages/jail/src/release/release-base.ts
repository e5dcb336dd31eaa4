import { Host } from '../host/host.ts'
import { ReleaseNotFetched } from './errors.ts'
import { checkReleaseName } from './mirror.ts'

/** What both faces of a release share: names, paths, state. All of it is synchronous, and making one touches nothing. */
export class ReleaseBase {
  readonly name: string
  readonly host: Host

  /** Throws InvalidReleaseName; without `host`, what Host.open() throws. */
  constructor(name: string, { host = Host.open() }: { readonly host?: Host } = {}) {
    this.name = checkReleaseName(name)
    this.host = host
  }

  get datasetName(): string {
    return `${this.host.datasets.releases}/${this.name}`
  }

  get rootDatasetName(): string {
    return `${this.datasetName}/root`
  }

  get path(): string {
    return this.host.datasets.path(this.datasetName)
  }

  get rootPath(): string {
    return this.host.datasets.path(this.rootDatasetName)
  }

  /** The snapshot of the highest patch level (`…/root@p3`), from which jails are cloned; null when there is none. */
  get latestSnapshot(): string | null {
    if (!this.host.zfs.existsSync(this.rootDatasetName)) return null
    const levels = this.host.zfs
      .listSync({ root: this.rootDatasetName, depth: 1, types: ['snapshot'] })
      .map(({ name }) => Number(/@p(\d{1,9})$/.exec(name)?.[1] ?? Number.NaN))
      .filter((level) => !Number.isNaN(level))
    return levels.length > 0 ? `${this.rootDatasetName}@p${Math.max(...levels)}` : null
  }

  get fetched(): boolean {
    return this.latestSnapshot !== null
  }

  /** The newest snapshot. Throws ReleaseNotFetched. */
  requireFetched(): string {
    const snapshot = this.latestSnapshot
    if (snapshot === null) throw new ReleaseNotFetched({ release: this.name })
    return snapshot
  }

  /** The release's lock. Throws ResourceLocked. */
  lock(purpose: string): Disposable {
    return this.host.lock(this.datasetName, `${purpose} of release ${this.name}`)
  }
}
