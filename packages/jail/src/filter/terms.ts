import { JailFilterException } from './errors.ts'
import { type Filterable, Term } from './term.ts'

/** The longest filter that is read. */
const LONGEST = 100_000

/**
 * A filter: terms that must all fit. As text: `web* release=14.3-*,15.0-* user.team=front boot=yes`, where white space
 * separates terms, a comma the values of one, and `\` takes the meaning from the character after it.
 */
export class Terms implements Iterable<Term> {
  readonly #terms: Term[] = []

  /** Texts of one or several terms, or terms. Throws what the text's terms throw. */
  constructor(terms: string | Iterable<string | Term> | null = null) {
    for (const term of typeof terms === 'string' ? [terms] : (terms ?? [])) this.add(term)
  }

  /** Adds what the text says, or a term. */
  add(term: string | Term): this {
    this.#terms.push(...(typeof term === 'string' ? parse(term) : [term]))
    return this
  }

  /** Replaces every term of this key. */
  set(key: string, values: string | readonly string[]): this {
    const term = new Term(key, values)
    const kept = this.#terms.filter((each) => each.key !== key)
    this.#terms.splice(0, this.#terms.length, ...kept, term)
    return this
  }

  has(key: string): boolean {
    return this.#terms.some((term) => term.key === key)
  }

  get size(): number {
    return this.#terms.length
  }

  [Symbol.iterator](): IterableIterator<Term> {
    return this.#terms.values()
  }

  /** Whether something of this source can fit. */
  matchSource(source: string): boolean {
    return this.#terms.every((term) => term.matchSource(source))
  }

  /** Whether the name fits: known before anything of a jail is loaded. */
  matchName(source: string, name: string): boolean {
    return this.#terms.every((term) => term.matchName(source, name))
  }

  /** Whether a value fits every term of this key. */
  matchKey(key: string, value: unknown): boolean {
    return this.#terms.every((term) => term.key !== key || term.matchValue(value))
  }

  /** Whether all terms fit; those about names are asked first. Throws UnknownConfigProperty. */
  matchResource(resource: Filterable): boolean {
    return (
      this.matchName(resource.source, resource.name) &&
      this.#terms.every((term) => term.isName || term.matchResource(resource))
    )
  }

  toString(): string {
    return this.#terms.join(' ')
  }
}

/** One pass over the text, which is cut and not copied; an escaped character keeps its backslash, which the pattern reads. */
function parse(text: string): Term[] {
  if (text.length > LONGEST) throw new JailFilterException(`a filter has at most ${LONGEST} characters`, {})
  return [...text.matchAll(TERM)].map(([term]) => termOf(term))
}

/** White space ends a term, unless a backslash is before it. */
const TERM = /(?:\\[\s\S]|[^\s\\]|\\$)+/g

function termOf(text: string): Term {
  const values: string[] = []
  let key: string | null = null
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === ',') {
      values.push(text.slice(from, at))
      from = at + 1
    } else if (character === '=' && key === null && values.length === 0) {
      key = text.slice(0, at)
      from = at + 1
    }
  }
  return new Term(key ?? 'name', [...values, text.slice(from)])
}
