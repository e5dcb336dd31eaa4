import { derived, setDerived } from './derived.ts'
import { InvalidJailConfigAddress, InvalidJailConfigValue, UnknownConfigProperty } from './errors.ts'
import {
  canonicalName,
  interfaceOfMac,
  isUserProperty,
  type JailProperties,
  nameAliases,
  type PropertyName,
  type PropertyValue,
  rowOf,
  similarProperties,
} from './properties/index.ts'
import type { PropertyRow } from './properties/row.ts'
import type { RawConfig, RawValue } from './raw.ts'
import { isNone } from './values/value-type.ts'
import { lengthOf, userValue, writeValue } from './written.ts'

/** Longer values fit neither into the environment of a hook nor into anything that shows them. */
const MAX_VALUE = 65_536

/** A format of configuration; `legacy` is what libioc calls the last two. */
export type ConfigFormat = 'json' | 'zfs' | 'ucl'

interface Entry {
  /** Undefined where what was read means nothing to us: a foreign key, or no value at all. */
  readonly value?: PropertyValue
  /** What was read, and is written back as long as nobody sets it. */
  readonly raw?: RawValue
  /** It follows from an old name, which is written back; this is not. */
  readonly implied?: true
}

export interface JailConfigOptions {
  /** What holds for properties that are not set here; beneath it is the table. */
  readonly defaults?: JailConfig
  readonly format?: ConfigFormat
  /** These are the defaults of a host, and of no jail. */
  readonly ofHost?: boolean
}

/** The configuration of one jail: what was set for it, over the host's defaults, over the defaults of the table. */
export class JailConfig {
  /** Name of the jail, for messages. */
  readonly jail: string
  /** What it was read from; null for a new one. */
  readonly format: ConfigFormat | null
  readonly ofHost: boolean
  readonly #defaults: JailConfig | undefined
  readonly #entries = new Map<string, Entry>()
  /** Names that were set or unset since the configuration was read. */
  readonly #changed = new Set<string>()

  constructor(jail: string, { defaults, format, ofHost = false }: JailConfigOptions = {}) {
    this.jail = jail
    this.format = format ?? null
    this.ofHost = ofHost
    this.#defaults = defaults
  }

  /** The value in force; dotted names of kernel parameters are known as well. Throws UnknownConfigProperty. */
  get<K extends PropertyName>(name: K): JailProperties[K]
  get(name: string): PropertyValue
  get(asked: string): PropertyValue {
    if (nameAliases.includes(asked)) return this.jail
    const name = canonicalName(asked)
    const own = this.#entries.get(name)?.value
    if (own !== undefined) return own
    const follows = derived.get(name)?.(this)
    if (follows !== undefined) return follows
    const byDefault = this.#defaults ? this.#defaults.#entries.get(name)?.value : undefined
    if (byDefault !== undefined) return byDefault
    const row = rowOf(name)
    if (row) return row.default
    if (isUserProperty(name)) return null
    throw this.#unknown(asked)
  }

  /** The value as text: `-` for none, `yes` and `no`, nothing for a `user.*` that is not set. Throws UnknownConfigProperty. */
  getstring(asked: string): string {
    const name = canonicalName(asked)
    if (isUserProperty(name) && !this.isConfigured(name)) return ''
    const value = this.get(name)
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : writeValue(name, value)
    return text === 'none' ? '-' : text
  }

  /** Sets a value, or with `undefined` returns to the default. Throws UnknownConfigProperty, InvalidJailConfigValue. */
  set(asked: string, value: unknown): this {
    const name = canonicalName(asked)
    if (nameAliases.includes(name)) {
      const reason = 'a jail has the name of its dataset: rename it'
      throw new InvalidJailConfigValue({ property: name, jail: this.jail, value, reason })
    }
    const row = rowOf(name)
    if (!row && !isUserProperty(name)) throw this.#unknown(asked)
    if (setDerived(this, name, value)) return this
    if (value === undefined || (value === null && row && !takesNone(row))) {
      this.#entries.delete(name)
      this.#changed.add(name)
      return this
    }
    if (!row && this.#clashes(name)) {
      const reason = 'a name cannot have a value and names below it (`user.a` and `user.a.b`) at the same time'
      throw new InvalidJailConfigValue({ property: name, jail: this.jail, value, reason })
    }
    this.#entries.set(name, { value: this.#parse(name, value) })
    this.#changed.add(name)
    return this
  }

  /** Sets several, MAC addresses last: their interfaces may be among them. Returns the names whose values have changed. */
  setAll(values: Readonly<Record<string, unknown>>): string[] {
    const entries = Object.entries(values)
    const macs = entries.filter(([name]) => interfaceOfMac(name) !== null)
    const changed: string[] = []
    for (const [name, value] of [...entries.filter((entry) => !macs.includes(entry)), ...macs]) {
      const before = this.#written(name)
      this.set(name, value)
      const nic = value === undefined || value === null ? null : interfaceOfMac(name)
      if (nic !== null && !this.get('interfaces').some((each) => each.interface === nic)) {
        const reason = `${nic} is not among the interfaces of the jail`
        throw new InvalidJailConfigValue({ property: name, jail: this.jail, value, reason })
      }
      if (this.#written(name) !== before) changed.push(canonicalName(name))
    }
    return changed
  }

  /** Whether the value was set for this jail and is not a default. */
  isSet(name: string): boolean {
    return this.#entries.get(canonicalName(name))?.value !== undefined
  }

  /** Whether the value was set for this jail or in the host's defaults. */
  isConfigured(name: string): boolean {
    return this.isSet(name) || (this.#defaults?.isSet(name) ?? false)
  }

  /** What was set, sorted by name. */
  entries(): [name: string, value: PropertyValue][] {
    const set = [...this.#entries].flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value] as const]))
    return set.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, value])
  }

  /** What was set since it was read; undefined: unset. */
  get changes(): Record<string, PropertyValue | undefined> {
    return Object.fromEntries([...this.#changed].map((name) => [name, this.#entries.get(name)?.value]))
  }

  /** Names that were read and that nobody here knows: they are kept and written back. */
  get unknown(): string[] {
    return [...this.#entries.keys()].filter((name) => !rowOf(name) && !isUserProperty(name)).sort()
  }

  /** The host's defaults beneath, if any. */
  get defaults(): JailConfig | undefined {
    return this.#defaults
  }

  /** The same, for another format: known values are written in its words, and not as they were read. */
  reworded(): JailConfig {
    const copy = this.clone()
    for (const [name, { value, implied }] of this.#entries)
      if (value !== undefined && !implied) copy.#entries.set(name, { value })
    return copy
  }

  /** Another configuration with the same values, of this jail or of another. */
  clone(jail: string = this.jail): JailConfig {
    const copy = new JailConfig(jail, { defaults: this.#defaults, format: this.format ?? undefined })
    for (const [name, entry] of this.#entries) copy.#entries.set(name, entry)
    for (const name of this.#changed) copy.#changed.add(name)
    return copy
  }

  /**
   * Takes over what a file holds. Keys that are unknown, and words for no value where there must be one, are kept as
   * they are. `onInvalid` is told of a value that cannot be; when it returns, that is kept as well and has no effect.
   */
  load(raw: RawConfig, onInvalid: (error: InvalidJailConfigValue) => void): this {
    for (const [written, value] of raw) {
      const name = canonicalName(written)
      if (nameAliases.includes(name)) continue
      const row = rowOf(name)
      const empty = row ? isNone(value) && !takesNone(row) : value === null
      if ((!row && !isUserProperty(name)) || empty || name === 'legacy') this.#entries.set(name, { raw: value })
      else this.#entries.set(name, { raw: value, ...this.#parsed(name, value, onInvalid) })
    }
    this.#readOldNames(onInvalid)
    return this
  }

  /** What is written: what was read and not changed as it was, the rest by `write`. */
  save(write: (name: string, value: PropertyValue) => RawValue): Map<string, RawValue> {
    const entries = [...this.#entries].filter(
      ([, { value, raw, implied }]) => !implied && (raw !== undefined || value !== undefined),
    )
    return new Map(
      entries.map(([name, { raw, value }]) => [name, raw !== undefined ? raw : write(name, value as PropertyValue)]),
    )
  }

  /** A text to compare what is stored under a name before and after. */
  #written(name: string): string {
    return JSON.stringify(this.#entries.get(canonicalName(name))?.value ?? null)
  }

  #parsed(
    name: string,
    value: RawValue,
    onInvalid: (error: InvalidJailConfigValue) => void,
  ): { value?: PropertyValue } {
    try {
      return { value: this.#parse(name, value) }
    } catch (error) {
      if (!(error instanceof InvalidJailConfigValue)) throw error
      onInvalid(error)
      return {}
    }
  }

  /** Older iocage says `type=basejail` and has no flag for it, and `hostname` for `host_hostname`. */
  #readOldNames(onInvalid: (error: InvalidJailConfigValue) => void): void {
    const hostname = this.#entries.get('hostname')?.raw
    if (typeof hostname === 'string' && !this.isSet('host_hostname')) {
      this.#entries.set('host_hostname', { ...this.#parsed('host_hostname', hostname, onInvalid), implied: true })
    }
    const { raw } = this.#entries.get('type') ?? {}
    if (raw === 'basejail' || raw === 'clonejail') {
      this.#entries.set('type', { raw })
      if (!this.isSet(raw)) this.#entries.set(raw, { value: true, implied: true })
    }
  }

  #clashes(name: string): boolean {
    return [...this.#entries.keys()].some((set) => set.startsWith(`${name}.`) || name.startsWith(`${set}.`))
  }

  #parse(property: string, value: unknown): PropertyValue {
    const fail = (reason: string): InvalidJailConfigValue => {
      const details = { property, jail: this.jail, value, reason }
      const isAddress = property === 'ip4_addr' || property === 'ip6_addr'
      return isAddress ? new InvalidJailConfigAddress(details) : new InvalidJailConfigValue(details)
    }
    const tooLong = (length: number): InvalidJailConfigValue =>
      fail(`it is written with ${length} characters, at most ${MAX_VALUE} are allowed`)
    if (lengthOf(value) > MAX_VALUE) throw tooLong(lengthOf(value))
    const row = rowOf(property)
    try {
      const parsed = row ? row.type.parse(value) : userValue(value)
      // What is written must be read again: a list may be longer as text than its items are.
      const length = typeof parsed === 'object' && parsed !== null ? writeValue(property, parsed).length : 0
      if (length > MAX_VALUE) throw tooLong(length)
      return parsed
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw fail(
        row && !error.message.startsWith('expected')
          ? `expected ${row.type.expected}; ${error.message}`
          : error.message,
      )
    }
  }

  #unknown(property: string): UnknownConfigProperty {
    return new UnknownConfigProperty({ property, jail: this.jail, known: similarProperties(property) })
  }
}

function takesNone({ type }: PropertyRow<PropertyValue>): boolean {
  try {
    type.parse(null)
    return true
  } catch {
    return false
  }
}
