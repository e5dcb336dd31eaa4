import { NvlistMalformed } from './errors.ts'

/** How texts are read: as UTF-8 (what is not becomes U+FFFD), or each byte as one character, which loses nothing. */
export type TextEncoding = 'utf8' | 'latin1'

/** Texts of one packed list. */
export class Text {
  readonly #bytes: Buffer
  readonly #encoding: TextEncoding
  /** Behind the NUL of the text that `until` read last. */
  next = 0

  constructor(bytes: Buffer, encoding: TextEncoding) {
    this.#bytes = bytes
    this.#encoding = encoding
  }

  /** The text between two offsets. */
  name(start: number, end: number): string {
    const bytes = this.#bytes
    // Names are short and ASCII almost always: a loop is faster than a call out of JavaScript.
    if (end - start < SHORT) {
      let text = ''
      for (let at = start; at < end; at++) {
        const code = bytes[at] as number
        if (code > 0x7f) return bytes.toString(this.#encoding, start, end)
        text += ASCII[code]
      }
      return text
    }
    return bytes.toString(this.#encoding, start, end)
  }

  /** The text from `start` to the NUL before `end`. Throws NvlistMalformed when there is none. */
  until(start: number, end: number): string {
    const nul = this.#bytes.indexOf(0, start)
    if (nul < 0 || nul >= end) throw new NvlistMalformed({ reason: 'a text has no end', offset: start })
    this.next = nul + 1
    return this.name(start, nul)
  }
}

const SHORT = 24
const ASCII: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
