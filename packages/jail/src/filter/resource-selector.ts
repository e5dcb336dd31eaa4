import { isJailName, isUuid } from '../config/name.ts'
import { InvalidSourceName } from '../host/errors.ts'
import { isSourceName } from '../host/sources.ts'
import { JailFilterInvalidName } from './errors.ts'
import { Pattern } from './pattern.ts'

/** The longest name with wildcards that is looked at: a UUID, and a wildcard around each character. */
const LONGEST = 128

/** A jail or release in a filter: `[source/]name`, the name with or without wildcards; `ALL` means `*`. */
export class ResourceSelector {
  /** The source that it must be in; null for every one. */
  readonly source: string | null
  readonly name: Pattern
  readonly #written: string

  /** Throws InvalidSourceName, JailFilterInvalidName for what no name can fit. */
  constructor(text: string) {
    const at = text.indexOf('/')
    const name = text.slice(at + 1)
    this.source = at < 0 ? null : text.slice(0, at)
    if (this.source !== null && !isSourceName(this.source))
      throw new InvalidSourceName({ name: this.source.slice(0, 300) })
    if (name.length > LONGEST) throw new JailFilterInvalidName({ term: `${name.slice(0, LONGEST)}…` })
    this.name = new Pattern(name === 'ALL' ? '*' : name)
    this.#written = text
    const { literal } = this.name
    const possible = literal === null ? /^[A-Za-z0-9_.*+-]+$/.test(this.name.text) : isJailName(literal)
    if (!possible) throw new JailFilterInvalidName({ term: text })
  }

  /** Whether something in this source can be meant. */
  matchesSource(source: string): boolean {
    return this.source === null || this.source === source
  }

  /** By the whole name, or the first eight characters of a UUID. */
  matches(source: string, name: string): boolean {
    return this.matchesSource(source) && (this.name.matches(name) || this.#isShortFor(name))
  }

  toString(): string {
    return this.#written
  }

  #isShortFor(name: string): boolean {
    const { literal } = this.name
    return literal?.length === 8 && isUuid(name) && name.slice(0, 8).toLowerCase() === literal.toLowerCase()
  }
}
