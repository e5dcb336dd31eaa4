import { isAbsolute } from 'node:path'
import type { Logger } from '@gaoler/core'
import type { Dataset, Zfs } from '@gaoler/zfs'
import type { ConfigFormat } from '../config/config.ts'
import type { ConfigPlace } from '../config/store.ts'
import { HostBase } from '../host/host-base.ts'
import type { RootDatasets } from '../host/root-datasets.ts'
import type { JailBase } from './jail-base.ts'

type GivenFiles = Pick<ResourceInit, 'configFile' | 'configType' | 'skipInvalidConfig' | 'fstab'>

export interface ResourceInit {
  readonly host?: HostBase
  /** ZFS to work with instead of the host's own. */
  readonly zfs?: Zfs
  /** Logs every operation that is given no logger of its own. */
  readonly logger?: Logger
  /** The dataset, when it is known and not what the name says; it may belong to no source of the host. */
  readonly dataset?: Pick<Dataset, 'name'>
  readonly datasetName?: string
  /** A file instead of `config.json`, or of `config` with `configType: 'ucl'`: absolute, or below the jail's directory. */
  readonly configFile?: string
  /** The format of the configuration; default `auto`: JSON, then ZFS properties, then UCL, whichever is there. */
  readonly configType?: ConfigFormat | 'auto'
  /** Values of the configuration that cannot be are kept without effect, and do not fail. */
  readonly skipInvalidConfig?: boolean
  /** A file instead of `fstab`: absolute, or below the jail's directory. */
  readonly fstab?: string
}

/**
 * The datasets and files of a jail, of this host's or of any other dataset that looks like one: a copy, a backup.
 *
 * ```ts
 * const foreign = new JailResource({ datasetName: 'tank/backup/web', host })
 * console.log(foreign.path, foreign.exists)
 * ```
 */
export class JailResource {
  readonly host: HostBase
  readonly #jail: JailBase | null
  readonly #files: GivenFiles
  #dataset: string | undefined

  /** Throws TypeError without a jail and without a dataset; without `host`, what Host.open() throws. */
  constructor(init: ResourceInit & { readonly jail?: JailBase }) {
    this.#jail = init.jail ?? null
    this.host = (init.host ?? init.jail?.host ?? HostBase.open()).with(init)
    this.#dataset = init.datasetName ?? init.dataset?.name
    const { configFile, configType, skipInvalidConfig, fstab } = init
    this.#files = { configFile, configType, skipInvalidConfig, fstab }
    if (new.target === JailResource && !this.#jail && this.#dataset === undefined) {
      throw new TypeError('a JailResource is of a jail or of a dataset: give one of them')
    }
  }

  /** The jail that these are the datasets and files of; null of a foreign dataset. */
  get jail(): JailBase | null {
    return this.#jail
  }

  /** The name of the dataset that has the jail's configuration and, below it, its root. */
  get datasetName(): string {
    return this.#dataset ?? (this.#jail as JailBase).datasetName
  }

  /** The dataset that was given instead of the one that the name says. */
  protected get assignedDataset(): string | undefined {
    return this.#dataset
  }

  protected assignDataset(name: string | undefined): void {
    this.#dataset = name
  }

  /** The files that were given instead of the usual ones, and how they are read. */
  protected get givenFiles(): GivenFiles {
    return this.#files
  }

  get rootDatasetName(): string {
    return `${this.datasetName}/root`
  }

  /** Whether the dataset is there; asked for each time. */
  get exists(): boolean {
    return this.host.zfs.existsSync(this.datasetName)
  }

  /** Directory of the jail's dataset: its configuration is here, not in the jail's reach. */
  get path(): string {
    return this.host.datasets.path(this.datasetName)
  }

  /** The jail's root directory. */
  get rootPath(): string {
    return this.host.datasets.path(this.rootDatasetName)
  }

  /** The file that has the configuration, in the format that was asked for; JSON by default. */
  get configFile(): string {
    const { json, ucl } = this.configPlace
    return this.#files.configType === 'ucl' ? ucl : json
  }

  /** Where the configuration may be, in each format. */
  protected get configPlace(): ConfigPlace {
    const { configFile, configType } = this.#files
    const isUcl = configType === 'ucl'
    // Asked for once: a list of many jails does this for each.
    const { path } = this
    return {
      host: this.host,
      dataset: this.datasetName,
      json: within(path, isUcl ? 'config.json' : (configFile ?? 'config.json')),
      ucl: within(path, isUcl ? (configFile ?? 'config') : 'config'),
    }
  }

  /** The file with the jail's own mounts. */
  get fstabFile(): string {
    return within(this.path, this.#files.fstab ?? 'fstab')
  }

  /** Where older versions of libioc kept scripts of hooks; nothing is written there any more. */
  get launchScriptDir(): string {
    return `${this.path}/launch-scripts`
  }

  get scriptEnvPath(): string {
    return `${this.launchScriptDir}/.env`
  }

  getHookScriptPath(hook: string): string {
    return `${this.launchScriptDir}/${hook}.sh`
  }

  /** The name of the source that the dataset belongs to. Throws ResourceUnmanaged when it belongs to none. */
  get source(): string {
    return this.host.datasets.findRootDatasetsName(this.datasetName)
  }

  /** The root datasets of its source. Throws ResourceUnmanaged. */
  get rootDatasets(): RootDatasets {
    return this.host.datasets.getRootSource(this.source)
  }
}

function within(directory: string, name: string): string {
  return isAbsolute(name) ? name : `${directory}/${name}`
}
