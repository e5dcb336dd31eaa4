import { MAX_DEPTH, type RawValue } from '../raw.ts'

/** Not the subset of UCL that configurations are written in; `offset` counts characters from 0. */
export class UclSyntaxError extends SyntaxError {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export interface ParsedUcl {
  readonly data: { readonly [key: string]: RawValue }
  /** Where the key of each dotted name begins. */
  readonly offsets: ReadonlyMap<string, number>
}

/**
 * Reads UCL as libioc and iocage write it, and JSON: `key = value;`, `key: value`, sections, arrays, strings in quotes,
 * comments. Values without quotes are text, whatever they look like. No macros, no variables, no here-documents
 * (libucl's doc/api.md). Throws UclSyntaxError.
 */
export function parseUcl(text: string): ParsedUcl {
  return new Parser(text).parse()
}

type Section = { [key: string]: RawValue }

class Parser {
  readonly #text: string
  readonly #offsets = new Map<string, number>()
  /** The lists that repeated keys have made: they grow in place. */
  readonly #repeated = new Map<Section, Map<string, RawValue[]>>()
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): ParsedUcl {
    this.#skip()
    const braced = this.#take('{')
    const data = this.#entries('', 0, braced)
    this.#skip()
    if (this.#at < this.#text.length) this.#fail('something follows the last section')
    return { data, offsets: this.#offsets }
  }

  /** The entries of a section, and the brace that ends it. */
  #entries(prefix: string, depth: number, braced: boolean): Section {
    if (depth > MAX_DEPTH) this.#fail(`it is nested more than ${MAX_DEPTH} levels deep`)
    const section: Section = Object.create(null)
    for (;;) {
      this.#skip()
      if (this.#take(';') || this.#take(',')) continue
      if (this.#at >= this.#text.length) {
        if (braced) this.#fail('a section is not ended by }')
        return section
      }
      if (braced && this.#take('}')) return section
      this.#entry(section, prefix, depth)
    }
  }

  #entry(section: Section, prefix: string, depth: number): void {
    const offset = this.#at
    if (this.#text[this.#at] === '.') this.#fail('macros such as .include are not read')
    const key = this.#key()
    const path = prefix === '' ? key : `${prefix}.${key}`
    if (!this.#offsets.has(path)) this.#offsets.set(path, offset)
    this.#skipSpace()
    const separated = this.#take('=') || this.#take(':')
    this.#skip()
    this.#add(section, key, separated ? this.#value(path, depth) : this.#unseparated(path, depth))
  }

  /** A key that comes again makes a list (libucl's implicit arrays); sections of one name are one. */
  #add(section: Section, key: string, value: RawValue): void {
    const before = section[key]
    const list = before === undefined ? undefined : this.#repeated.get(section)?.get(key)
    if (before === undefined) section[key] = value
    else if (list) list.push(value)
    else if (isSection(before) && isSection(value)) {
      for (const [name, child] of Object.entries(value)) this.#add(before, name, child)
    } else {
      const values = [...(Array.isArray(before) ? (before as RawValue[]) : [before]), value]
      section[key] = values
      this.#repeated.set(section, (this.#repeated.get(section) ?? new Map()).set(key, values))
    }
  }

  /** `key { … }`, `key name { … }` or `key value`. */
  #unseparated(path: string, depth: number): RawValue {
    if (this.#take('{')) return this.#entries(path, depth + 1, true)
    const start = this.#at
    const name = this.#match(KEY) ?? (this.#text[this.#at] === '"' ? this.#quoted() : null)
    this.#skip()
    if (name !== null && this.#take('{')) {
      const section: Section = Object.create(null)
      section[name] = this.#entries(`${path}.${name}`, depth + 2, true)
      return section
    }
    this.#at = start
    return this.#value(path, depth)
  }

  #value(path: string, depth: number): RawValue {
    if (this.#take('{')) return this.#entries(path, depth + 1, true)
    if (this.#take('[')) return this.#array(path, depth + 1)
    const quote = this.#text[this.#at]
    if (quote === '"') return this.#quoted()
    if (quote === "'") return this.#single()
    if (this.#text.startsWith('<<', this.#at)) this.#fail('here-documents are not read')
    const word = (this.#match(BARE) ?? '').trim()
    if (word === '') this.#fail('a value is missing')
    return word === 'null' ? null : word
  }

  #array(path: string, depth: number): RawValue {
    if (depth > MAX_DEPTH) this.#fail(`it is nested more than ${MAX_DEPTH} levels deep`)
    const items: RawValue[] = []
    for (;;) {
      this.#skip()
      if (this.#take(',') || this.#take(';')) continue
      if (this.#take(']')) return items
      if (this.#at >= this.#text.length) this.#fail('an array is not ended by ]')
      items.push(this.#value(path, depth))
    }
  }

  #key(): string {
    if (this.#text[this.#at] === '"') return this.#quoted()
    if (this.#text[this.#at] === "'") return this.#single()
    return this.#match(KEY) ?? this.#fail('the name of a property is expected')
  }

  #quoted(): string {
    const start = this.#at
    const quoted = this.#match(QUOTED) ?? this.#fail('a string is not ended by "')
    try {
      return JSON.parse(quoted) as string
    } catch {
      this.#at = start
      return this.#fail('a string has an escape that is none, or a control character')
    }
  }

  /** Only a quote and the end of a line can be escaped. */
  #single(): string {
    const quoted = this.#match(SINGLE) ?? this.#fail("a string is not ended by '")
    return quoted.slice(1, -1).replace(/\\'/g, "'").replace(/\\\n/g, '')
  }

  /** Space, ends of lines, comments. */
  #skip(): void {
    for (;;) {
      this.#match(SPACE)
      if (this.#text[this.#at] === '#') this.#match(LINE)
      else if (this.#text.startsWith('/*', this.#at)) this.#comment()
      else return
    }
  }

  #skipSpace(): void {
    this.#match(BLANK)
  }

  /** Comments of this kind nest. */
  #comment(): void {
    const start = this.#at
    let open = 0
    do {
      COMMENT.lastIndex = this.#at
      const found = COMMENT.exec(this.#text)
      if (!found) {
        this.#at = start
        this.#fail('a comment is not ended by */')
      }
      open += found[0] === '/*' ? 1 : -1
      this.#at = COMMENT.lastIndex
    } while (open > 0)
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  /** What a sticky pattern finds here, if anything. */
  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    if (found !== null) this.#at += found.length
    return found
  }

  #fail(reason: string): never {
    throw new UclSyntaxError(reason, this.#at)
  }
}

const KEY = /[A-Za-z0-9_][A-Za-z0-9_.-]*/y
const BARE = /(?:[^\n\r;,}\]#/]|\/(?!\*))*/y
const QUOTED = /"(?:[^"\\\n]|\\.)*"/y
const SINGLE = /'(?:[^'\\]|\\[\s\S])*'/y
const SPACE = /\s*/y
const BLANK = /[ \t]*/y
const LINE = /[^\n]*/y
const COMMENT = /\/\*|\*\//g

function isSection(value: RawValue): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
