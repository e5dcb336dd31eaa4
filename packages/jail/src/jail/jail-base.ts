import { createHash } from 'node:crypto'
import type { OperationOptions } from '@gaoler/core'
import type { JailConfig } from '../config/config.ts'
import { InvalidJailName } from '../config/errors.ts'
import { parseJson } from '../config/json.ts'
import { checkJailName, humanReadableName, randomJailName } from '../config/name.ts'
import { JailAlreadyRunning, JailNotRunning } from '../errors.ts'
import { textOf } from '../filter/term.ts'
import { IocageNotActivated } from '../host/errors.ts'
import type { HostBase } from '../host/host-base.ts'
import { requireSource } from '../host/sources.ts'
import type { JailDescriptor } from '../host/sync.ts'
import { ConflictingResourceSelection, ResourceUnmanaged } from '../storage/errors.ts'
import { attributeOf } from './attributes.ts'
import { JailAlreadyExists, JailDoesNotExist, JailHostUUIDMismatch } from './errors.ts'
import { JailResource, type ResourceInit } from './jail-resource.ts'
import { isShortUuid, locate, type Place, splitSource } from './locate.ts'

export interface JailInit extends ResourceInit {
  /** The source that the jail is in; without it the name says it, or the jail is looked for. */
  readonly rootDatasetsName?: string
  /** The jail is to be created: it is not looked for, and without a source it goes into the main one. */
  readonly new?: boolean
}

/** A jail by its id (its name, or the first eight characters of its UUID), and properties for its creation. */
export interface JailData {
  readonly id?: string
  /** As `id`, and never the beginning of a UUID. */
  readonly name?: string
  readonly [property: string]: unknown
}

/** What both faces of a jail share: names, paths, state, guards. All of it is synchronous, and making one changes nothing. */
export class JailBase extends JailResource {
  /** Properties that were given with the name, for the jail's creation. */
  readonly initial: Readonly<Record<string, unknown>>
  /** The name as it was asked for, or the beginning of a UUID. */
  readonly #asked: string
  #source: string | undefined
  #place: Place | undefined
  #new: boolean
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
    this.#new = init.new ?? false
    this.#source = asked.source ?? init.rootDatasetsName
    if (asked.source !== undefined && init.rootDatasetsName !== undefined && asked.source !== init.rootDatasetsName) {
      const sources = [asked.source, init.rootDatasetsName].map((source) => `${source}/${asked.name}`)
      throw new ConflictingResourceSelection({ name: said as string, sources })
    }
    if (this.#source !== undefined) requireSource(this.#source, this.host.datasets)
    // Only an id is looked for by its beginning.
    if (id === undefined && this.#source !== undefined) this.#place = { source: this.#source, name: this.#asked }
  }

  override get jail(): JailBase {
    return this
  }

  /** The last component of the dataset's name. */
  get name(): string {
    if (!isShortUuid(this.#asked) || this.assignedDataset !== undefined) return this.#asked
    return this.#located?.name ?? this.#asked
  }

  /** `source/name` where the host has several sources, else the name. */
  get fullName(): string {
    if (this.host.datasets.size < 2) return this.name
    const source = this.#managed?.source
    return source === undefined ? this.name : `${source}/${this.name}`
  }

  get humanReadableName(): string {
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
    if (known !== undefined && (this.#new || !isShortUuid(this.#asked))) {
      this.#place = { source: known, name: this.#asked }
      return this.#place
    }
    const found = locate(this.host, 'jails', this.#asked, this.#source)
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
  protected viewFor({ plan }: OperationOptions): JailBase {
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
    const id = this.#source === undefined ? this.#asked : `${this.#source}/${this.#asked}`
    return {
      data: { ...initial, id },
      init: { datasetName: assignedDataset, new: this.#new, ...this.givenFiles },
      host: this.host.options,
    }
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
    this.#config ??= parseJson(this.host.files.readText(this.configFile) ?? '', this.name, this.configFile)
    return this.#config
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

  /** The jail's own host UUID: as configured, else derived from the host's and the jail's name (libioc's rule). */
  get hostuuid(): string {
    const set = this.config.get('host_hostuuid')
    if (set) return set
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
    const value = this.get(key)
    return key.startsWith('user.') && value === null ? '' : textOf(value)
  }

  requireExisting(): void {
    if (!this.exists) throw new JailDoesNotExist({ jail: this.fullName, dataset: this.datasetName })
  }

  requireNotExisting(): void {
    if (this.exists) throw new JailAlreadyExists({ jail: this.fullName })
  }

  requireRunning(): void {
    if (!this.running) throw new JailNotRunning({ jail: this.fullName })
  }

  requireStopped(): void {
    const { jid } = this
    if (jid !== null) throw new JailAlreadyRunning({ jail: this.fullName, jid })
  }

  requireMatchingHostid(): void {
    const hostid = this.config.get('hostid')
    const host = this.host.platform.hostUuid()
    if (this.config.get('hostid_strict_check') && hostid !== null && hostid !== host) {
      throw new JailHostUUIDMismatch({ jail: this.fullName, hostid, host })
    }
  }

  /** The jail's lock. Throws ResourceLocked. */
  lock(purpose: string): Disposable {
    return this.host.lock(this.datasetName, `${purpose} of jail ${this.fullName}`)
  }
}
