import { InvalidFstabLine } from './errors.ts'

/** A line that mounts something, fstab(5). */
export interface FstabLine {
  readonly kind: 'mount'
  /** Absolute path, or a bare word for what has no device (`tmpfs`). */
  readonly source: string
  readonly destination: string
  readonly type: string
  readonly options: readonly string[]
  readonly freq: number
  readonly passno: number
  /** What follows a `#` at the end of the line. */
  readonly comment: string | null
}

/** A line of the file: comments and empty lines are kept as they are, and so is what is no line of an fstab. */
export type FstabEntry =
  | FstabLine
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'malformed'; readonly text: string; readonly reason: string }
  /** Where lines stood that libioc makes by itself for a basejail; they are not written again. */
  | { readonly kind: 'automatic' }

/** What a line is made of; what is left out has libioc's defaults. */
export interface FstabLineInit {
  readonly source: string
  readonly destination: string
  /** Default `nullfs`. */
  readonly type?: string
  /** Default `ro`. */
  readonly options?: string | readonly string[]
  readonly freq?: number
  readonly passno?: number
  readonly comment?: string | null
}

/** The comment by which libioc recognises lines of its own. */
const AUTOMATIC = 'iocage-auto'

/** The text that a line was read from: it is written again as it was as long as the line is the same. */
const texts = new WeakMap<FstabLine, string>()

/** `line`, which is written as `other` was: it means the same. */
export function writtenAs(line: FstabLine, other: FstabLine): FstabLine {
  const text = texts.get(other)
  if (text !== undefined) texts.set(line, text)
  return line
}

/** Throws InvalidFstabLine. */
export function fstabLine(init: FstabLineInit): FstabLine {
  const { source, destination, type = 'nullfs', options = 'ro', freq = 0, passno = 0, comment = null } = init
  const line: FstabLine = {
    kind: 'mount',
    source,
    destination,
    type,
    options: typeof options === 'string' ? options.split(',') : [...options],
    freq,
    passno,
    comment,
  }
  const reason = problem(line)
  if (reason !== null) throw new InvalidFstabLine({ line: `${source} ${destination}`, reason })
  return line
}

/** Reads one line; never throws, since a file may hold anything and nothing of it may be lost. */
export function parseLine(text: string): FstabEntry {
  if (/^[ \t\r]*(#|$)/.test(text)) return { kind: 'comment', text }
  const [fields, comment] = split(text)
  if (comment === AUTOMATIC) return { kind: 'automatic' }
  const malformed = (reason: string): FstabEntry => ({ kind: 'malformed', text, reason })
  if (fields.length < 4 || fields.length > 6) return malformed(`it has ${fields.length} fields and not 4 to 6`)
  const [source, destination, type, options, freq = '0', passno = '0'] = fields as [string, string, string, string]
  if (!/^\d{1,9}$/.test(freq) || !/^\d{1,9}$/.test(passno)) return malformed('its last fields are no numbers')
  const line: FstabLine = {
    kind: 'mount',
    source,
    destination,
    type,
    options: options.split(','),
    freq: Number(freq),
    passno: Number(passno),
    comment,
  }
  const reason = problem(line)
  if (reason !== null) return malformed(reason)
  texts.set(line, text)
  return line
}

/** The line as it was read; a new or changed one has tabs between its fields, and octal escapes where a field holds white space. */
export function formatEntry(entry: FstabEntry): string | null {
  if (entry.kind === 'automatic') return null
  if (entry.kind !== 'mount') return entry.text
  const text = texts.get(entry)
  if (text !== undefined) return text
  const { source, destination, type, options, freq, passno, comment } = entry
  const fields = [source, destination, type, options.join(',')].map(escapeField)
  return [...fields, freq, passno, ...(comment === null ? [] : [`# ${comment}`])].join('\t')
}

/** Fields and the comment behind them: a `#` begins it only where a field would. Octal escapes are bytes, of UTF-8. */
function split(text: string): [fields: string[], comment: string | null] {
  const fields: string[] = []
  let field = ''
  for (let at = 0; at <= text.length; at++) {
    const character = text[at]
    if (character === undefined || character === ' ' || character === '\t' || character === '\r') {
      if (field !== '') fields.push(field)
      field = ''
    } else if (character === '#' && field === '') {
      return [fields, text.slice(at + 1).trim()]
    } else if (character === '\\') {
      OCTAL.lastIndex = at
      const octal = OCTAL.exec(text)?.[0]
      const next = text[at + 1] ?? ''
      // libioc writes a backslash before a space; any other backslash stands for itself.
      const known = octal !== undefined || next === ' ' || next === '\t' || next === '\\'
      field += octal === undefined ? (known ? next : character) : fromOctal(octal)
      if (known) at += (octal?.length ?? 2) - 1
    } else {
      field += character
    }
  }
  return [fields, null]
}

const OCTAL = /(?:\\[0-3][0-7]{2})+/y

function fromOctal(escapes: string): string {
  const bytes = escapes.split('\\').slice(1)
  return Buffer.from(bytes.map((digits) => Number.parseInt(digits, 8))).toString()
}

function escapeField(field: string): string {
  const escaped = field.replace(/[ \t\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return escaped.startsWith('#') ? `\\043${escaped.slice(1)}` : escaped
}

function problem({ source, destination, type, options, freq, passno, comment }: FstabLine): string | null {
  if (/^[A-Za-z][A-Za-z0-9]*$/.test(source) === false) {
    const reason = pathProblem(source)
    if (reason !== null) return `its source ${reason}, and is no bare word like tmpfs`
  } else if (type === 'nullfs') return 'its source is not an absolute path'

  const reason = pathProblem(destination)
  if (reason !== null) return `its destination ${reason}`
  if (!/^[a-z][a-z0-9.]{0,15}$/.test(type)) return 'its type is not the name of a file system'
  if (options.some((option) => !/^[A-Za-z][\w.-]*(=[^\s,\\\p{Cc}]+)?$/u.test(option))) {
    return 'its options are not words separated by commas'
  }
  if (![freq, passno].every((number) => Number.isSafeInteger(number) && number >= 0 && number < 1e9)) {
    return 'its last fields are not numbers from 0 on'
  }
  return comment !== null && /[\n\r\0]/.test(comment) ? 'its comment has more than one line' : null
}

/** What keeps a path from meaning one place, whoever reads it. */
function pathProblem(path: string): string | null {
  if (!path.startsWith('/')) return 'is not an absolute path'
  if (/\p{Cc}/u.test(path)) return 'holds a control character'
  if (path.length > 1 && path.endsWith('/')) return 'ends with a slash'
  const parts = path.split('/').slice(1)
  if (path !== '/' && parts.some((part) => part === '')) return 'holds two slashes in a row'
  return parts.some((part) => /^\.+$/.test(part)) ? 'holds a name of dots' : null
}
