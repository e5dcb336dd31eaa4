import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { type Completion, type OperationOptions, UsageError } from '@gaoler/core'
import type { ConfigFormat, JailConfig } from '../config/config.ts'
import { canonicalName } from '../config/properties/index.ts'
import { type ConfigStore, convertConfig, newStore, readConfig } from '../config/store.ts'
import { MissingFeature } from '../errors.ts'
import { textOf } from '../filter/term.ts'
import type { HostBase, HostScope } from '../host/host-base.ts'
import type { JailDescriptor } from '../host/sync.ts'
import { seal } from '../recovery/seal.ts'
import { type JailStorage, storageFor } from '../storage/storage.ts'
import { attributeOf, isAttribute, type JailValue } from './attributes.ts'
import { hookEnvironment } from './environment.ts'
import { JailGuards } from './jail-guards.ts'
import type { JailData, JailInit } from './named-jail.ts'

/** What both faces of a jail share: names, paths, state, guards. All of it is synchronous, and making one changes nothing. */
export class JailBase extends JailGuards {
  readonly #defaults: (() => JailConfig) | undefined
  #config: JailConfig | undefined
  /** What was set before the configuration is read anew. */
  #changes: Readonly<Record<string, unknown>>

  /** Throws what NamedJail throws. */
  constructor(data: string | JailData = {}, init: JailInit = {}) {
    super(data, init)
    this.#defaults = init.defaults
    this.#changes = init.changes ?? {}
  }

  override get jail(): JailBase {
    return this
  }

  /** The jail as an operation with these options sees it: a plan has a host of its own. */
  viewFor({ plan }: OperationOptions): JailBase {
    return plan ? this.on(this.host.planned()) : this
  }

  /** The same jail on another view of its host, with what was set and not written. */
  on(host: HostBase): JailBase {
    const { data, init } = this.descriptor
    return new JailBase(data, { ...init, host })
  }

  /** What names the same jail in another thread: plain data. */
  get descriptor(): JailDescriptor {
    return {
      data: { ...this.initial, ...this.said },
      init: { datasetName: this.assignedDataset, new: this.isNew, changes: this.changes, ...this.givenFiles },
      host: this.host.options,
    }
  }

  /**
   * What its hooks said, beside the jails and not in their reach; it is not removed with the jail (iocage's place and name).
   * Of a jail in no source, beside its configuration.
   */
  get consoleLogFile(): string {
    const file = `ioc-${this.name}-console.log`
    return this.managed ? `${this.rootDatasets.mountpoint}/log/${file}` : `${this.path}/${file}`
  }

  /** The jail's number while it runs, else null. */
  get jid(): number | null {
    return this.host.platform.findJail(this.identifier)?.jid ?? null
  }

  /** Whether the kernel, or what stands for it, has the jail now. */
  get running(): boolean {
    return this.jid !== null
  }

  get stopped(): boolean {
    return !this.running
  }

  /**
   * Whether it has ended by itself, or was killed: it does not run, and what belongs to it was not taken back. The next
   * operation that needs it stopped or running does that.
   */
  get ended(): boolean {
    return this.stopped && this.host.platform.hasLeftover(this.identifier)
  }

  /** What is configured; read once, see `reload()`. Throws JailConfigError. */
  get config(): JailConfig {
    if (!this.#config) {
      const { config } = this.readConfig()
      config.setAll(this.#changes)
      this.#config = config
    }
    return this.#config
  }

  /** What was set and is not written yet; undefined: back to the default. */
  get changes(): Readonly<Record<string, unknown>> {
    return this.#config?.changes ?? this.#changes
  }

  /** The configuration as it is now, and where it is, or will be, written; `config` stays as it was. Throws JailConfigError. */
  readConfig(): { readonly config: JailConfig; readonly store: ConfigStore } {
    const { configType: format, skipInvalidConfig } = this.givenFiles
    const defaults = this.#defaults ? this.#defaults() : this.host.defaults.config
    return readConfig(this.configPlace, { jail: this.name, format, defaults, skipInvalidConfig })
  }

  /** Where the configuration of this jail is written when it is new. */
  get newConfigStore(): ConfigStore {
    return newStore(this.configPlace, this.givenFiles.configType)
  }

  /** Writes the configuration in another format. Throws JailConfigUnwritable; UsageError for who reads one format only. */
  convertConfig(t: HostScope, config: JailConfig, format: ConfigFormat): Promise<ConfigStore> {
    const { configType = 'auto' } = this.givenFiles
    if (configType !== 'auto') {
      throw new UsageError(
        `jail ${this.fullName} was opened with configType ${configType} and would not find a configuration in ${format}: open it without`,
      )
    }
    return convertConfig(t, this.configPlace, config, format)
  }

  /** Forgets what was read or set and not written. */
  reload(): this {
    this.#config = undefined
    this.#changes = {}
    return this
  }

  override refresh(written: readonly string[] = []): this {
    const names = new Set(written.map(canonicalName))
    this.#changes = Object.fromEntries(Object.entries(this.changes).filter(([name]) => !names.has(canonicalName(name))))
    this.#config = undefined
    return this
  }

  /** As `refresh`, when what was written was taken back: what had been set before is still to be saved. */
  restore(changes: Readonly<Record<string, unknown>>): void {
    this.#changes = { ...changes, ...this.changes }
    this.#config = undefined
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
  get<K extends string>(key: K): JailValue<K> {
    return attributeOf(this, key, () => this.jid) as JailValue<K>
  }

  /** As `get`, as text: `yes`, `no`, `-` for what is not set; of `user.*`, what is not set is empty. */
  getstring(key: string): string {
    return isAttribute(key) ? textOf(this.get(key)) : this.config.getstring(key)
  }

  /** Whether the system's directories are those of the release. */
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

  // What console.log shows.
  static {
    const shown = function (this: JailBase): string {
      return `${this.constructor.name} ${inspect({ name: this.name, host: this.host })}`
    }
    Object.defineProperty(JailBase.prototype, inspect.custom, { value: shown })
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
  completion(
    verb: string,
    { env, ...args }: { readonly env?: Readonly<Record<string, string>>; readonly [option: string]: unknown } = {},
  ): Completion {
    const sealed = env && { env: seal(this.host.sealFile, env) }
    return { verb, args: { ...args, ...sealed, name: this.name, dataset: this.datasetName } }
  }

  /** The jail's lock; those who copy it share it. Throws ResourceLocked, RecoveryNeeded. */
  lock(purpose: string, options: { readonly shared?: boolean } = {}): Disposable {
    return this.host.lock(this.datasetName, `${purpose} of jail ${this.fullName}`, options)
  }

  /** The jail of that name beside this one: in the same source, or below the same dataset. Throws InvalidJailName. */
  beside(name: string): JailBase {
    return new JailBase({ name }, { host: this.host, ...this.placeBeside(name) })
  }
}
