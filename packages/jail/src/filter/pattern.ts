/** One character run without wildcards, and how many characters a wildcard before it takes at least; null: there is none. */
interface Part {
  readonly gap: number | null
  readonly text: string
}

/**
 * A text with wildcards: `*` is any run of characters, `+` a run that is not empty, `\` takes the meaning from the character
 * after it, every other character is itself. Matching takes time in proportion to the lengths of text and pattern.
 */
export class Pattern {
  /** As it was written. */
  readonly text: string
  /** What it stands for when it has no wildcards, else null. */
  readonly literal: string | null
  readonly #parts: readonly Part[]

  constructor(text: string) {
    this.text = text
    this.#parts = parse(text)
    const [only] = this.#parts
    this.literal = this.#parts.length === 1 && only?.gap === null ? only.text : null
  }

  /** Whether the whole of `value` fits. */
  matches(value: string): boolean {
    if (this.literal !== null) return value === this.literal
    const first = this.#parts[0] as Part
    if (first.gap === null && !value.startsWith(first.text)) return false
    let at = first.gap === null ? first.text.length : 0
    const rest = first.gap === null ? this.#parts.slice(1) : this.#parts
    const last = rest.at(-1) as Part
    // As far left as possible: what is found there leaves the most for the parts behind it.
    for (const part of rest.slice(0, -1)) {
      const found = indexOf(value, part.text, at + (part.gap ?? 0))
      if (found < 0) return false
      at = found + part.text.length
    }
    return value.length - last.text.length >= at + (last.gap ?? 0) && value.endsWith(last.text)
  }

  /** A text whose pattern matches this value and no other. */
  static escape(value: string): string {
    return value.replace(/[\\*+,=\s]/g, '\\$&')
  }
}

/** Whether every character of a pattern is itself. */
export function isPlain(text: string): boolean {
  return !/[\\*+]/.test(text)
}

/** Splits at the wildcards: the first part has no gap, or the pattern begins with one. */
function parse(text: string): Part[] {
  if (isPlain(text)) return [{ gap: null, text }]
  const parts: { gap: number | null; text: string }[] = [{ gap: null, text: '' }]
  let run = ''
  const close = (): void => {
    const last = parts.at(-1) as { text: string }
    last.text += run
    run = ''
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character === '\\' && at + 1 < text.length) run += text[++at]
    else if (character !== '*' && character !== '+') run += character
    else {
      close()
      const last = parts.at(-1) as { gap: number | null; text: string }
      const least = character === '+' ? 1 : 0
      if (last.gap !== null && last.text === '') last.gap += least
      else parts.push({ gap: least, text: '' })
    }
  }
  close()
  return parts
}

/** As String.indexOf, in linear time for every input (Knuth, Morris and Pratt). */
function indexOf(value: string, wanted: string, from: number): number {
  if (wanted === '') return from <= value.length ? from : -1
  const back = new Int32Array(wanted.length)
  for (let at = 1, length = 0; at < wanted.length; at++) {
    while (length > 0 && wanted[at] !== wanted[length]) length = back[length - 1] as number
    if (wanted[at] === wanted[length]) length++
    back[at] = length
  }
  for (let at = from, length = 0; at < value.length; at++) {
    while (length > 0 && value[at] !== wanted[length]) length = back[length - 1] as number
    if (value[at] === wanted[length]) length++
    if (length === wanted.length) return at - wanted.length + 1
  }
  return -1
}
