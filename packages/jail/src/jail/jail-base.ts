import { createHash } from 'node:crypto'
import type { Completion, OperationOptions } from '@gaoler/core'
import type { JailConfig } from '../config/config.ts'
import { InvalidJailName } from '../config/errors.ts'
import { checkJailName, humanReadableName, randomJailName } from '../config/name.ts'
import { type ConfigStore, readConfig } from '../config/store.ts'
import { MissingFeature } from '../errors.ts'
import { textOf } from '../filter/term.ts'
import { IocageNotActivated } from '../host/errors.ts'
import type { HostBase } from '../host/host-base.ts'
import { requireSource } from '../host/sources.ts'
import type { JailDescriptor } from '../host/sync.ts'
import { ConflictingResourceSelection, ResourceUnmanaged } from '../storage/errors.ts'
import { type JailStorage, storageFor } from '../storage/storage.ts'
import { attributeOf, isAttribute } from './attributes.ts'
import { hookEnvironment } from './environment.ts'
import { JailGuards } from './jail-guards.ts'
import type { ResourceInit } from './jail-resource.ts'
import { isShortUuid, locate, type Place, splitSource } from './locate.ts'

export interface JailInit extends ResourceInit {
  /** The source that the jail is in; without it the name says it, or the jail is looked for. */
  readonly rootDatasetsName?: string
  /** The jail is to be created: it is not looked for, and without a source it goes into the main one. */
  readonly new?: boolean
  /** What gives the host's defaults; lists read them once for all their jails. */
  readonly defaults?: () => JailConfig
}

/** A jail by its id (its name, or the first eight characters of its UUID), and properties for its creation. */
export interface JailData {
  readonly id?: string
  /** As `id`, and never the beginning of a UUID. */
  readonly name?: string
  readonly [property: string]: unknown
}

/** What both faces of a jail share: names, paths, state, guards. All of it is synchronous, and making one changes nothing. */
export class JailBase extends JailGuards {
  /** Properties that were given with the name, for the jail's creation. */
  readonly initial: Readonly<Record<string, unknown>>
  /** The name as it was asked for, or the beginning of a UUID. */
  #asked: string
  /** Whether that can be the beginning of a UUID: only an id is looked for by it. */
  #short: boolean
  #source: string | undefined
  #place: Place | undefined
  #new: boolean
  readonly #defaults: (() => JailConfig) | undefined
  #config: JailConfig | undefined

  /**
   * By name or `source/name`, or by dataset; without any it gets a random UUID. Which source a bare name is in is looked up
   * when it is first needed. Throws InvalidJailName, SourceNotFound, ConflictingResourceSelection when the source is said
   * twice and differently; without `host`, what Host.open() throws.
   */
  constructor(data: string | JailData = {}, init: JailInit = {}) {
    super(init)
    const { id, name, uuid, ...initial } = typeof data === 'string' ? { id: data } : (data as Record<string, unknown>)
    const said = id ?? name ?? uuid ?? this.assignedDataset?.split('/').at(-1) ?? randomJailName()
    const asked = splitSource(said as string)
    this.initial = initial
    this.#asked = checkJailName(asked.name)
    this.#short = id !== undefined && isShortUuid(this.#asked)
    this.#new = init.new ?? false
    this.#defaults = init.defaults
    this.#source = asked.source ?? init.rootDatasetsName
    if (asked.source !== undefined && init.rootDatasetsName !== undefined && asked.source !== init.rootDatasetsName) {
      const sources = [asked.source, init.rootDatasetsName].map((source) => `${source}/${asked.name}`)
      throw new ConflictingResourceSelection({ name: said as string, sources })
    }
    if (this.#source !== undefined) requireSource(this.#source, this.host.datasets)
  }

  override get jail(): JailBase {
    return this
  }

  /** The last component of the dataset's name. */
  get name(): string {
    if (!this.#short || this.assignedDataset !== undefined) return this.#asked
    return this.#located?.name ?? this.#asked
  }

  /** `source/name` where the host has several sources, else the name. */
  get fullName(): string {
    if (this.host.datasets.size < 2) return this.name
    const source = this.#managed?.source
    return source === undefined ? this.name : `${source}/${this.name}`
  }

  get humanreadableName(): string {
    return humanReadableName(this.name)
  }

  /**
   * The kernel's name of the jail, libioc's form `source-name`: a dot has a meaning for kernels, a star is in no name.
   * Throws ResourceUnmanaged, ConflictingResourceSelection.
   */
  get identifier(): string {
    return `${this.source.replaceAll('-', '*')}-${this.name.replaceAll('.', '*')}`
  }

  /** The dataset that was assigned, else the one that the source and the name say. Throws ConflictingResourceSelection. */
  override get datasetName(): string {
    if (this.assignedDataset !== undefined) return this.assignedDataset
    const { source, name } = this.#where()
    return `${this.host.datasets.getRootSource(source).jails}/${name}`
  }

  /** Makes this the jail in another dataset, which must end with the jail's name. Throws InvalidJailName. */
  override set datasetName(name: string) {
    if (name.split('/').at(-1) !== this.name) throw new InvalidJailName({ name: name.split('/').at(-1) ?? name })
    this.assignDataset(name)
    this.reload()
  }

  /** Returns to the dataset that the source and the name say. */
  autosetDatasetName(): void {
    this.assignDataset(undefined)
    this.reload()
  }

  override get source(): string {
    return this.assignedDataset === undefined ? this.#where().source : super.source
  }

  // Where the source is known, its directory is too: a list of many jails asks for this of each.
  override get path(): string {
    if (this.assignedDataset !== undefined) return super.path
    const { source, name } = this.#where()
    const root = this.host.datasets.getRootSource(source)
    return root.path(`${root.jails}/${name}`)
  }

  /** For who creates the jail: it is not looked for, and without a source in its name it goes into the main one. */
  asNew(): this {
    this.#new = true
    this.#place = undefined
    return this
  }

  /** Where the jail is, or where it would be made. */
  #where(): Place {
    if (this.#place) return this.#place
    const { datasets } = this.host
    const known = this.#new || datasets.size === 1 ? (this.#source ?? datasets.mainDatasetsName) : this.#source
    if (known !== undefined && (this.#new || !this.#short)) {
      this.#place = { source: known, name: this.#asked }
      return this.#place
    }
    const found = locate(this.host, 'jails', this.#asked, this.#source, this.#short)
    // A jail that is not there may come to be, in any source.
    if (found) this.#place = found
    return found ?? { source: this.#source ?? datasets.mainDatasetsName, name: this.#asked }
  }

  /** As `#where`, for names in messages: null where it cannot be told. */
  get #located(): Place | null {
    try {
      return this.#where()
    } catch (error) {
      if (error instanceof ConflictingResourceSelection || error instanceof IocageNotActivated) return null
      throw error
    }
  }

  /** Whether the jail belongs to a source of the host. */
  get managed(): boolean {
    return this.#managed !== null
  }

  get #managed(): { source: string } | null {
    if (this.assignedDataset === undefined) return this.#located
    try {
      return { source: this.source }
    } catch (error) {
      if (error instanceof ResourceUnmanaged) return null
      throw error
    }
  }

  /** The jail as an operation with these options sees it: a plan has a host of its own. */
  viewFor({ plan }: OperationOptions): JailBase {
    return plan ? this.on(this.host.planned()) : this
  }

  /** The same jail on another view of its host, with what was set and not written. */
  on(host: HostBase): JailBase {
    const { data, init } = this.descriptor
    const jail = new JailBase(data, { ...init, host })
    jail.#config = this.#config
    return jail
  }

  /** What names the same jail in another thread: plain data. */
  get descriptor(): JailDescriptor {
    const { assignedDataset, initial } = this
    const text = this.#source === undefined ? this.#asked : `${this.#source}/${this.#asked}`
    return {
      data: { ...initial, ...(this.#short ? { id: text } : { name: text }) },
      init: { datasetName: assignedDataset, new: this.#new, ...this.givenFiles },
      host: this.host.options,
    }
  }

  /** What its hooks said, beside the jails and not in their reach; it is not removed with the jail (iocage's place and name). */
  get consoleLogFile(): string {
    return `${this.host.datasets.getRootSource(this.source).mountpoint}/log/ioc-${this.name}-console.log`
  }

  /** The jail's number while it runs, else null. */
  get jid(): number | null {
    return this.host.platform.findJail(this.identifier)?.jid ?? null
  }

  get running(): boolean {
    return this.jid !== null
  }

  get stopped(): boolean {
    return !this.running
  }

  /** What is configured; read once, see `reload()`. Throws JailConfigError. */
  get config(): JailConfig {
    this.#config ??= this.readConfig().config
    return this.#config
  }

  /** The configuration as it is now, and where it is, or will be, written; `config` stays as it was. Throws JailConfigError. */
  readConfig(): { readonly config: JailConfig; readonly store: ConfigStore } {
    const { configType: format, skipInvalidConfig } = this.givenFiles
    const defaults = this.#defaults ? this.#defaults() : this.host.defaults.config
    return readConfig(this.configPlace, { jail: this.name, format, defaults, skipInvalidConfig })
  }

  /** Forgets what was read or set and not written. */
  reload(): this {
    this.#config = undefined
    return this
  }

  /** The release that the jail was created from. */
  get release(): string | null {
    return this.config.get('release')
  }

  /** The jail's own host UUID: as configured, else derived. */
  get hostuuid(): string {
    return this.config.get('host_hostuuid') ?? this.derivedHostuuid
  }

  /** Made from the host's UUID and the jail's name (libioc's rule). */
  get derivedHostuuid(): string {
    const host = Buffer.from(this.host.platform.hostUuid().replaceAll('-', ''), 'hex')
    const hex = createHash('sha1').update(host).update(this.identifier).digest('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
  }

  /** An attribute (`jid`, `full_name`, `running` …), else the property of that name. Throws UnknownConfigProperty. */
  get(key: string): unknown {
    return attributeOf(this, key, () => this.jid)
  }

  /** As `get`, as text: `yes`, `no`, `-` for what is not set; of `user.*`, what is not set is empty. */
  getstring(key: string): string {
    return isAttribute(key) ? textOf(this.get(key)) : this.config.getstring(key)
  }

  get isBasejail(): boolean {
    return this.config.get('basejail')
  }

  /** The ruleset of devfs that is configured: a number, or a name; null for none. */
  get devfsRuleset(): number | string | null {
    return this.config.get('devfs_ruleset')
  }

  /** How the jail comes to its files: see storage/. Throws InvalidJailConfigValue. */
  get storageBackend(): JailStorage {
    return storageFor(this.config)
  }

  /** The snapshot of a release or jail that the root is a clone of (`…/root@p3`); null when it is none. */
  get releaseSnapshot(): string | null {
    if (!this.host.zfs.existsSync(this.rootDatasetName)) return null
    return this.host.zfs.getSync(this.rootDatasetName, ['origin']).properties.origin.value
  }

  /** What hooks find in their environment. */
  get env(): Readonly<Record<string, string>> {
    return hookEnvironment(this)
  }

  /** Throws MissingFeature: jails are not provisioned yet. */
  get provisioner(): never {
    throw new MissingFeature({ feature: `provisioning of jail ${this.fullName}` })
  }

  /** How a verb on this jail is completed by who recovers, once it cannot be undone (recovery/completions.ts). */
  completion(verb: string, args: object = {}): Completion {
    return { verb, args: { ...args, name: this.name, dataset: this.datasetName } }
  }

  /** The jail's lock. Throws ResourceLocked, RecoveryNeeded. */
  lock(purpose: string): Disposable {
    return this.host.lock(this.datasetName, `${purpose} of jail ${this.fullName}`)
  }

  /** The jail of that name beside this one: in the same source, or below the same dataset. Throws InvalidJailName. */
  beside(name: string): JailBase {
    const { host, assignedDataset } = this
    if (assignedDataset === undefined) return new JailBase({ name }, { host, rootDatasetsName: this.source })
    const datasetName = assignedDataset.slice(0, assignedDataset.lastIndexOf('/') + 1) + checkJailName(name)
    return new JailBase({ name }, { host, datasetName })
  }

  /** Called when the jail's datasets have got another name. */
  renamed(name: string): void {
    const { datasetName } = this.beside(name)
    if (this.assignedDataset === undefined) this.#place = { source: this.source, name }
    else this.assignDataset(datasetName)
    this.#asked = name
    this.#short = false
    this.reload()
  }
}
