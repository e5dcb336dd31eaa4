import { readFileSync } from 'node:fs'
import { JailConfig, writeValue } from './config.ts'
import { JailConfigUnreadable } from './errors.ts'

/** Names that the dataset's own name overrides; libioc writes one of them and reads none. */
const ALIASES = new Set(['id', 'name', 'uuid'])

/** The text of `config.json`: sorted keys, indent 4, every scalar a string, `a.b` as nested objects (libioc's form). */
export function writeJson(config: JailConfig): string {
  // Without a prototype: `user.__proto__` is a name like any other.
  const root: Record<string, unknown> = Object.create(null)
  for (const [name, value] of [...config.entries(), ['id', config.jail] as const].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const path = name.split('.')
    const last = path.pop() as string
    let at = root
    for (const key of path) {
      at[key] ??= Object.create(null)
      at = at[key] as Record<string, unknown>
    }
    at[last] = writeValue(value)
  }
  return `${JSON.stringify(root, null, 4)}\n`
}

/** Reads the text of a `config.json`; an empty one is an empty configuration. Throws JailConfigError. */
export function parseJson(text: string, jail: string, file: string): JailConfig {
  const config = new JailConfig(jail)
  if (text.trim() === '') return config
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new JailConfigUnreadable({ file, reason: (error as Error).message }, { cause: error })
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new JailConfigUnreadable({ file, reason: 'it is not a JSON object' })
  }
  for (const [name, value] of flatten(data)) if (!ALIASES.has(name)) config.set(name, value)
  return config
}

/** Reads a file; null when there is none. */
export function readTextFile(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new JailConfigUnreadable({ file, reason: message }, { cause: error })
  }
}

function* flatten(data: object, prefix = ''): Generator<[name: string, value: unknown]> {
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield* flatten(value, `${prefix}${key}.`)
    else yield [prefix + key, value]
  }
}
