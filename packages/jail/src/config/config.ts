import { InvalidJailConfigValue, UnknownConfigProperty } from './errors.ts'
import {
  isPropertyName,
  isUserProperty,
  type JailProperties,
  type PropertyName,
  type PropertyType,
  type PropertyValue,
  properties,
  similarProperties,
} from './properties.ts'

const YES = new Set(['yes', 'true', 'on', '1'])
const NO = new Set(['no', 'false', 'off', '0'])
const NONE = new Set(['none', '-', ''])

/** The configuration of one jail: what was set for it, over the defaults of the table. */
export class JailConfig {
  /** Name of the jail, for messages. */
  readonly jail: string
  readonly #values = new Map<string, PropertyValue>()

  constructor(jail: string) {
    this.jail = jail
  }

  /** The value in force. Throws UnknownConfigProperty. */
  get<K extends PropertyName>(name: K): JailProperties[K]
  get(name: string): PropertyValue
  get(name: string): PropertyValue {
    const set = this.#values.get(name)
    if (set !== undefined) return set
    if (isPropertyName(name)) return properties[name].default
    if (isUserProperty(name)) return null
    throw new UnknownConfigProperty({ property: name, jail: this.jail, known: similarProperties(name) })
  }

  /** Sets a value, or with `undefined` returns to the default. Throws UnknownConfigProperty, InvalidJailConfigValue. */
  set(name: string, value: unknown): this {
    if (!isPropertyName(name) && !isUserProperty(name)) {
      throw new UnknownConfigProperty({ property: name, jail: this.jail, known: similarProperties(name) })
    }
    if (value === undefined) {
      this.#values.delete(name)
      return this
    }
    if (this.#clashes(name)) {
      const reason = 'a name cannot have a value and names below it (`user.a` and `user.a.b`) at the same time'
      throw new InvalidJailConfigValue({ property: name, jail: this.jail, value, reason })
    }
    this.#values.set(name, isPropertyName(name) ? this.#coerce(name, value) : userValue(value))
    return this
  }

  /** Whether the value was set for this jail and is not a default. */
  isSet(name: string): boolean {
    return this.#values.has(name)
  }

  /** What was set, sorted by name. */
  entries(): [name: string, value: PropertyValue][] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  #clashes(name: string): boolean {
    return [...this.#values.keys()].some((set) => set.startsWith(`${name}.`) || name.startsWith(`${set}.`))
  }

  #coerce(property: PropertyName, value: unknown): PropertyValue {
    const { type } = properties[property]
    if (typeof value === 'string' && value.includes('\0')) {
      throw new InvalidJailConfigValue({ property, jail: this.jail, value, reason: 'it contains a NUL character' })
    }
    const coerced = coerce(type, value)
    if (coerced === undefined) {
      throw new InvalidJailConfigValue({ property, jail: this.jail, value, reason: `expected ${EXPECTED[type]}` })
    }
    return coerced
  }
}

const EXPECTED: Readonly<Record<PropertyType, string>> = {
  string: 'a string',
  boolean: 'yes or no',
  integer: 'a whole number that is not negative',
  list: 'a list, separated by commas',
}

/** The value as its type has it, read from what files and users write; undefined when it is none. */
function coerce(type: PropertyType, value: unknown): PropertyValue | undefined {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value
    return YES.has(String(word)) ? true : NO.has(String(word)) ? false : undefined
  }
  if (type === 'integer') {
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value
    return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
  }
  if (type === 'list') {
    if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? value : undefined
    if (typeof value !== 'string') return value === null ? [] : undefined
    return NONE.has(word as string) ? [] : value.split(',').map((item) => item.trim())
  }
  if (value === null || NONE.has(word as string)) return null
  return typeof value === 'string' ? value : undefined
}

// A user's own data keeps its text: "1", "on" and "none" are theirs to mean.
function userValue(value: unknown): PropertyValue {
  return value === null || typeof value === 'string' ? value : String(value)
}

/** A value as libioc's files and environment write it: `yes`, `no`, `none`, lists with commas. */
export function writeValue(value: PropertyValue): string {
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'object') return value.length > 0 ? value.join(',') : 'none'
  return String(value)
}
