import type { JailConfig } from '../config/config.ts'
import { isJailName } from '../config/name.ts'
import type { Filterable } from '../filter/term.ts'
import { Terms } from '../filter/terms.ts'
import { HostBase } from '../host/host-base.ts'
import { attributeOf, type JailValue, needsConfig, requireKnown } from './attributes.ts'
import type { JailBase } from './jail-base.ts'
import type { Place } from './locate.ts'
import type { JailInit } from './named-jail.ts'

/** As for a jail, whose constructor gets all of it. */
export type JailsInit = Omit<JailInit, 'dataset' | 'datasetName' | 'rootDatasetsName' | 'new' | 'changes' | 'defaults'>

/** Values by the names of columns: properties, or attributes as `jid` and `full_name`. */
export type JailRow<C extends string = string> = { readonly [K in C]: JailValue<K> }

/**
 * What both faces of a list of jails share. Names come from one query for each source, states from one for the host, and both
 * are asked anew by each iteration; a jail's configuration is read when a filter or a column needs it.
 */
export class JailsBase {
  readonly host: HostBase
  readonly filters: Terms
  protected readonly init: JailsInit

  /** `filters`: all of them must fit, `web*,db` are alternatives (see Terms); all jails without. Throws what Terms throws; without `host`, what Host.open() throws. */
  constructor(filters: Terms | string | readonly string[] | null = null, init: JailsInit = {}) {
    this.host = (init.host ?? HostBase.open()).with(init)
    this.filters = filters instanceof Terms ? filters : new Terms(filters)
    this.init = { ...init, host: this.host, zfs: undefined, logger: undefined }
  }

  /** Those of a source's names that the filters leave, before anything of a jail is loaded. */
  protected places(source: string, names: readonly string[]): Place[] {
    return names
      .filter((name) => isJailName(name) && this.filters.matchName(source, name))
      .map((name) => ({ source, name }))
  }

  /** Begins an iteration: the states are those of the moment in which the first is needed. Throws UnknownConfigProperty. */
  protected view(columns: readonly string[] = []): JailsView {
    for (const key of [...this.filters].map((term) => term.key).concat(columns)) requireKnown(key)
    return new JailsView(this.host, this.filters)
  }
}

/** One iteration of a list. */
export class JailsView {
  readonly #host: HostBase
  readonly #filters: Terms
  #jids: Map<string, number> | undefined
  #defaults: JailConfig | undefined

  /** What holds beneath every jail's own configuration: asked for once, and not by each jail. */
  readonly defaults = (): JailConfig => {
    this.#defaults ??= this.#host.defaults.config
    return this.#defaults
  }

  constructor(host: HostBase, filters: Terms) {
    this.#host = host
    this.#filters = filters
  }

  /** Whether the filters fit, and the jail is still there. Throws JailConfigError, UnknownConfigProperty. */
  has(jail: JailBase): boolean {
    if (this.#filters.size === 0) return true
    const keys = [...this.#filters].map(({ key }) => key)
    return this.#present(jail, keys) && this.#filters.matchResource(this.#filterable(jail))
  }

  /** Null when the jail has vanished meanwhile. Throws JailConfigError, UnknownConfigProperty. */
  row<C extends string>(jail: JailBase, columns: readonly C[]): JailRow<C> | null {
    if (!this.#present(jail, columns)) return null
    const jid = (): number | null => this.#jid(jail)
    return Object.fromEntries(columns.map((column) => [column, attributeOf(jail, column, jid)])) as JailRow<C>
  }

  #filterable(jail: JailBase): Filterable {
    const get = (key: string): unknown => {
      const value = attributeOf(jail, key, () => this.#jid(jail))
      // Addresses, limits and the like are matched as they are written.
      return isPlain(value) ? value : jail.getstring(key).split(/[,;]/)
    }
    return { source: jail.source, name: jail.name, get }
  }

  /** A jail that is gone has no configuration: it would be shown with defaults that it never had. */
  #present(jail: JailBase, keys: readonly string[]): boolean {
    if (!keys.some((key) => key !== 'name' && needsConfig(key))) return true
    return jail.config.format !== null || jail.exists
  }

  #jid(jail: JailBase): number | null {
    this.#jids ??= new Map(this.#host.platform.listJails().map(({ name, jid }) => [name, jid]))
    return this.#jids.get(jail.identifier) ?? null
  }
}

function isPlain(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPlain) : typeof value !== 'object' || value === null
}
