import { JailConfigUnreadable, JailConfigUnwritable } from '../errors.ts'
import { flatten, nest, type RawConfig, type RawValue } from '../raw.ts'
import { jsonFault } from './json-fault.ts'
import { writeUcl } from './ucl.ts'
import { parseUcl, UclSyntaxError } from './ucl-parse.ts'

/** A format of a text file; errors name the file and the place in it. */
export interface TextFormat {
  /** An empty text is an empty configuration. Throws JailConfigUnreadable. */
  parse(text: string, file: string): RawConfig
  /** Throws JailConfigUnwritable. */
  write(raw: RawConfig, file: string): string
}

/** libioc's form: sorted keys, indent 4, dotted names as nested objects. */
export const jsonFormat: TextFormat = {
  parse: (text, file) => read(text, file, () => parseJson(text)),
  write: (raw, file) => `${JSON.stringify(nested(raw, file), null, 4)}\n`,
}

export const uclFormat: TextFormat = {
  parse: (text, file) => read(text, file, () => parseUcl(text).data),
  write: (raw, file) => writeUcl(nested(raw, file)),
}

/** Where a property stands in a text of either format, if it can be found. */
export function placeOf(text: string, property: string): { line: number; column: number } | null {
  try {
    const offset = parseUcl(text).offsets.get(property)
    return offset === undefined ? null : lineAndColumn(text, offset)
  } catch {
    return null
  }
}

function read(text: string, file: string, parse: () => unknown): RawConfig {
  if (text.trim() === '') return new Map()
  let data: unknown
  try {
    data = parse()
  } catch (error) {
    if (error instanceof RangeError) throw new JailConfigUnreadable({ file, reason: error.message }, { cause: error })
    if (!(error instanceof SyntaxError)) throw error
    const { message } = error
    const found = error instanceof UclSyntaxError ? error.offset : jsonFault(text)
    const reason = message.replace(/ in JSON at position .*$/s, '')
    throw new JailConfigUnreadable({ file, reason, ...lineAndColumn(text, found) }, { cause: error })
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new JailConfigUnreadable({ file, reason: 'it is not an object of properties', line: 1, column: 1 })
  }
  try {
    return flatten(data)
  } catch (error) {
    throw new JailConfigUnreadable({ file, reason: (error as Error).message }, { cause: error })
  }
}

/** Throws RangeError for a whole number that would not be written as it was read. */
function parseJson(text: string): unknown {
  // Only a long one can be, and looking at each number takes time.
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_, value: unknown, { source = '' }: { source?: string } = {}) => {
    if (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)) {
      throw new RangeError(`the number ${source.slice(0, 40)} is too large to be kept: write it in quotes`)
    }
    return value
  })
}

function nested(raw: RawConfig, file: string): { [key: string]: RawValue } {
  try {
    return nest(raw)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new JailConfigUnwritable({ file, reason: error.message }, { cause: error })
  }
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lines = before.split('\n')
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 }
}
