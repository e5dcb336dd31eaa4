import { JailFilterException } from './errors.ts'
import { isPlain, Pattern } from './pattern.ts'
import { ResourceSelector } from './resource-selector.ts'

/** Spellings that mean the same; a value of a property is compared in all of them. */
const SPELLINGS: readonly (readonly string[])[] = [
  ['yes', 'true', 'on', '1'],
  ['no', 'false', 'off', '0'],
  ['-', 'none', ''],
]

/** What a filter looks at. */
export interface Filterable {
  readonly source: string
  readonly name: string
  /** The value of an attribute or property. Throws UnknownConfigProperty. */
  get(key: string): unknown
}

/** A key and the values that fit, of which one must: `release=14.3-RELEASE,14.2-*`. */
export class Term {
  readonly key: string
  /** As they were written: `*` and `+` are wildcards, `\` escapes, an empty one fits what is not set. */
  readonly values: readonly string[]
  /** Made when the first value is looked at. */
  #matcher: Matcher | undefined
  readonly #selectors: readonly ResourceSelector[]

  /** Throws JailFilterException; for the key `name` InvalidSourceName, JailFilterInvalidName. */
  constructor(key: string, values: string | readonly string[]) {
    this.key = key
    this.values = typeof values === 'string' ? [values] : values
    if (!/^[A-Za-z0-9_.-]+$/.test(key))
      throw new JailFilterException(`${JSON.stringify(key.slice(0, 120))} is no key of a filter`, {})
    if (this.values.length === 0) throw new JailFilterException(`the filter ${key}= has no value`, {})
    this.#selectors = this.isName ? this.values.map((value) => new ResourceSelector(value)) : []
  }

  /** Whether it is about names, which are known before anything is loaded. */
  get isName(): boolean {
    return this.key === 'name'
  }

  /** Whether something of this source can fit. */
  matchSource(source: string): boolean {
    return !this.isName || this.#selectors.some((selector) => selector.matchesSource(source))
  }

  /** Whether the name fits; every name does where the term is about something else. */
  matchName(source: string, name: string): boolean {
    return !this.isName || this.#selectors.some((selector) => selector.matches(source, name))
  }

  /** Whether a value of the key fits; of a list, one item is enough. */
  matchValue(value: unknown): boolean {
    if (Array.isArray(value) && value.length > 0) return value.some((item) => this.matchValue(item))
    if (this.isName) return typeof value === 'string' && this.#selectors.some(({ name }) => name.matches(value))
    const text = textOf(Array.isArray(value) ? null : value)
    this.#matcher ??= matcherOf(this.values)
    const { plain, spelled, patterns } = this.#matcher
    const same = typeof value === 'number' ? undefined : spellingsOf(text)
    return (
      plain.has(text) ||
      (same?.some((word) => spelled.has(word)) ?? false) ||
      patterns.some((pattern) => pattern.matches(text))
    )
  }

  matchResource(resource: Filterable): boolean {
    return this.isName ? this.matchName(resource.source, resource.name) : this.matchValue(resource.get(this.key))
  }

  toString(): string {
    return this.isName ? this.values.join(',') : `${this.key}=${this.values.join(',')}`
  }
}

/** The values of a term. */
interface Matcher {
  /** Those without wildcards: they are looked up, since a filter may have thousands of them. */
  readonly plain: ReadonlySet<string>
  /** Those of them that are one of several spellings, in lower case. */
  readonly spelled: ReadonlySet<string>
  readonly patterns: readonly Pattern[]
}

function matcherOf(values: readonly string[]): Matcher {
  const plain = new Set<string>()
  const patterns: Pattern[] = []
  for (const value of new Set(values)) {
    const pattern = isPlain(value) ? null : new Pattern(value)
    if (pattern === null || pattern.literal !== null) plain.add(pattern?.literal ?? value)
    else patterns.push(pattern)
  }
  return { plain, spelled: new Set([...plain].filter(hasSpellings).map((value) => value.toLowerCase())), patterns }
}

/** A value as filters and tables write it: `yes`, `no`, `-` for what is not set. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return Array.isArray(value) ? (value.length > 0 ? value.map(textOf).join(',') : '-') : String(value)
}

function hasSpellings(text: string): boolean {
  // The longest is `false`.
  return text.length <= 5 && spellingsOf(text) !== undefined
}

function spellingsOf(text: string): readonly string[] | undefined {
  return SPELLINGS.find((words) => words.includes(text.toLowerCase()))
}
