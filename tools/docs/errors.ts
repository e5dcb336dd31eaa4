import { sampleErrors } from './samples.ts'
import { generated, parseDoc, sources, typeText } from './source.ts'

/** An error class as its source tells of it. */
export interface ErrorDoc {
  readonly name: string
  readonly base: string
  readonly code: string
  readonly path: string
  /** The type of its details, as far as the class says it itself. */
  readonly data: string | null
  readonly cause: string
  /** The tag `@remedy` of its doc comment. */
  readonly remedy: string | null
  /** It has a constructor of its own. */
  readonly constructs: boolean
}

/** Every error class of the packages, in the order of its files. */
export function readErrors(): readonly ErrorDoc[] {
  return sources('packages/{core,zfs,jail}/src/**/*.ts').flatMap(({ path, text }) => parseErrors(text, path))
}

function parseErrors(source: string, path: string): ErrorDoc[] {
  const pattern =
    /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export class (\w+)((?:(?!export )[\s\S])*?) \{\n {2}static (?:override )?readonly code: string = '(\w+)'([\s\S]*?)\n\}\n/g
  return [...source.matchAll(pattern)].map(([, comment = '', name = '', header = '', code = '', body = '']) => {
    const { text, tags } = parseDoc(comment)
    const parameters = typeParameters(header)
    const [, base = '', given = ''] = /^\s*extends (\w+)(?:<([\s\S]*)>)?$/.exec(header.slice(parameters.length)) ?? []
    return {
      name,
      base,
      code,
      path,
      data: base === 'Error' ? null : dataOf(body, given, parameters, source),
      cause: text,
      remedy: tags.remedy ?? null,
      constructs: /^ {2}constructor\(/m.test(body),
    }
  })
}

/** The type parameters at the beginning of a class's header, with their brackets. */
function typeParameters(header: string): string {
  let depth = 0
  for (const [at, character] of [...header].entries()) {
    if (character === '<') depth++
    if (character === '>') depth--
    if (depth === 0) return character === '>' ? header.slice(0, at + 1) : ''
  }
  return ''
}

/** What the constructor takes, or else the details that the base is told of: as a type, by name, or as a parameter's default. */
function dataOf(body: string, given: string, parameters: string, source: string): string | null {
  const [, taken] = /constructor\(\s*details: (\{[\s\S]*?\})(?: = \{\})?,\s*options/.exec(body) ?? []
  const [, named] = new RegExp(`interface ${given || '-'} [^{]*(\\{[\\s\\S]*?\\n\\})`).exec(source) ?? []
  const [, byDefault] = /= (\{[\s\S]*\})/.exec(parameters) ?? []
  const [own] = /\{[\s\S]*\}/.exec(given) ?? []
  const data = taken ?? own ?? named?.replace(/\/\*\*[\s\S]*?\*\//g, '') ?? byDefault
  return data === undefined ? null : typeText(data)
}

const titles: Readonly<Record<string, string>> = {
  core: 'Operations and events',
  jail: 'Jails, releases and hosts',
  zfs: 'ZFS',
}

/** docs/errors.md. */
export async function errorsPage(): Promise<string> {
  const errors = readErrors()
  const samples = await sampleErrors(errors)
  const sections = ['core', 'jail', 'zfs'].map((name) => {
    const own = errors.filter(({ path }) => path.startsWith(`packages/${name}/`))
    return `## ${titles[name]}\n\n${own.map((doc) => entry(doc, samples.get(doc.name)?.message ?? '')).join('\n\n')}`
  })
  return `${generated}

# Errors

Whatever Gaoler throws on purpose is an \`IocError\`: \`code\` never changes, \`details\` is plain data, \`cause\` is what it came from,
\`suppressed\` has what failed besides (undos, siblings), and \`reverted\` says whether everything was undone. An error keeps its
class across threads and HTTP. Words in capitals stand for what is not known beforehand.

${sections.join('\n\n')}
`
}

function entry({ name, base, code, data, cause, remedy, path }: ErrorDoc, message: string): string {
  const derived = base === 'Error' || base === 'IocError' ? '' : `, derived from \`${base}\``
  const says = message === 'MESSAGE' ? [] : [`- says: \`\` ${message} \`\``]
  return [
    `### ${code}`,
    '',
    `[\`${name}\`](../${path})${derived}${cause === '' ? '' : `. ${cause}`}`,
    '',
    ...(data === null ? [] : [`- details: \`${data}\``]),
    ...says,
    `- remedy: ${remedy ?? 'as it says'}`,
  ].join('\n')
}
