import type { JailConfig } from '../config/config.ts'
import { InvalidJailName } from '../config/errors.ts'
import { checkJailName, humanReadableName, randomJailName } from '../config/name.ts'
import { IocageNotActivated } from '../host/errors.ts'
import { requireSource } from '../host/sources.ts'
import { ConflictingResourceSelection, ResourceUnmanaged } from '../storage/errors.ts'
import { foreignIdentifier, identifierOf } from './identifier.ts'
import { JailResource, type ResourceInit } from './jail-resource.ts'
import { isShortUuid, locate, type Place, splitSource } from './locate.ts'

export interface JailInit extends ResourceInit {
  /** The source that the jail is in; without it the name says it, or the jail is looked for. */
  readonly rootDatasetsName?: string
  /** The jail is to be created: it is not looked for, and without a source it goes into the main one. */
  readonly new?: boolean
  /** Properties that are set and not written yet, as another object of the same jail has them. */
  readonly changes?: Readonly<Record<string, unknown>>
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

/** Which jail it is: its name, and where it is, which is looked up when it is first needed. */
export abstract class NamedJail extends JailResource {
  /** Properties that were given with the name, for the jail's creation. */
  readonly initial: Readonly<Record<string, unknown>>
  /** The name as it was asked for, or the beginning of a UUID. */
  #asked: string
  /** Whether that can be the beginning of a UUID: only an id is looked for by it. */
  #short: boolean
  #source: string | undefined
  #place: Place | undefined
  #new: boolean

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
    this.#source = asked.source ?? init.rootDatasetsName
    if (asked.source !== undefined && init.rootDatasetsName !== undefined && asked.source !== init.rootDatasetsName) {
      const sources = [asked.source, init.rootDatasetsName].map((source) => `${source}/${asked.name}`)
      throw new ConflictingResourceSelection({ name: said as string, sources })
    }
    if (this.#source !== undefined) requireSource(this.#source, this.host.datasets)
  }

  abstract reload(): this

  /** Forgets what was read of the jail, which has changed meanwhile, and of what was set only these properties. */
  abstract refresh(written?: readonly string[]): this

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
   * The kernel's name of the jail: `source-name`, and for one in a dataset that is no source's place for jails a name made
   * from the dataset's. Throws ConflictingResourceSelection.
   */
  get identifier(): string {
    const { assignedDataset, name } = this
    if (assignedDataset === undefined) return identifierOf(this.source, name)
    const [home] = [...this.host.datasets].find(([, root]) => assignedDataset === `${root.jails}/${name}`) ?? []
    return home === undefined ? foreignIdentifier(assignedDataset, name) : identifierOf(home, name)
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

  /** The name as data for the constructor, which finds the same jail by it. */
  protected get said(): { readonly id: string } | { readonly name: string } {
    const text = this.#source === undefined ? this.#asked : `${this.#source}/${this.#asked}`
    return this.#short ? { id: text } : { name: text }
  }

  /** Whether the jail is about to be made. */
  protected get isNew(): boolean {
    return this.#new
  }

  /** Where the jail of that name beside this one is: in the same source, or below the same dataset. Throws InvalidJailName. */
  protected placeBeside(name: string): Pick<JailInit, 'datasetName' | 'rootDatasetsName'> {
    const { assignedDataset } = this
    if (assignedDataset === undefined) return { rootDatasetsName: this.source }
    return { datasetName: assignedDataset.slice(0, assignedDataset.lastIndexOf('/') + 1) + checkJailName(name) }
  }

  /** Called when the jail's datasets have got another name. */
  renamed(name: string): void {
    const { datasetName } = this.placeBeside(name)
    if (datasetName === undefined) this.#place = { source: this.source, name }
    else this.assignDataset(datasetName)
    this.#asked = name
    this.#short = false
    this.refresh()
  }
}
