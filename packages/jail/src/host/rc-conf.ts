import { InvalidRcConf } from './errors.ts'

/** A piece of a value: unquoted, in single or in double quotes. Each begins with another character: no backtracking. */
const PIECE = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\#;&|<>()`$]|(?<=[^\s;])#)|[$`]/y
const NAME = /([A-Za-z_][A-Za-z0-9_]*)=/y
const BLANK = /(?:[ \t]|\\\r?\n)+/y
const COMMENT = /#[^\n]*/y

/**
 * Reads assignments as rc.conf(5) has them, `name="value"`, and nothing else of the shell's language: the file is never run.
 * The last assignment of a name counts, its place is that of the first. A value with `$` or a backquote, which only a shell
 * could know, is null. Throws InvalidRcConf for every line that is no assignment, since it could change the others' meaning.
 */
export function parseRcConf(text: string, file: string): Map<string, string | null> {
  const found = new Map<string, string | null>()
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match
  }
  const refuse = (reason: string): never => {
    throw new InvalidRcConf({ file, line: text.slice(0, at).split('\n').length, reason })
  }
  while (at < text.length) {
    if (text[at] === '\n' || text[at] === '\r' || text[at] === ';') {
      at++
      continue
    }
    if (take(BLANK) || take(COMMENT)) continue
    const name = take(NAME)?.[1] ?? refuse('it is no assignment like name="value"')
    let value: string | null = ''
    for (let piece = take(PIECE); piece !== null; piece = take(PIECE)) {
      const [whole, single, double, escaped, plain] = piece
      if (whole === '$' || whole === '`' || (double !== undefined && /(?<!\\)(?:\\\\)*[$`]/.test(double))) value = null
      if (value === null) continue
      // Between double quotes a backslash is itself but before what it can quote.
      const unquoted = double?.replace(/\\([$`"\\\n])/g, (_, quoted: string) => (quoted === '\n' ? '' : quoted))
      value += single ?? unquoted ?? (escaped === '\n' ? '' : escaped) ?? plain ?? ''
    }
    if (at < text.length && !/[\s;]/.test(text[at] as string)) {
      refuse(
        /['"]/.test(text[at] as string)
          ? 'its quotes are not closed'
          : `it has ${JSON.stringify(text[at])} outside of quotes`,
      )
    }
    found.set(name, value)
  }
  return found
}
