import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..', '..')

/** The files of the workspace that fit, by path, in order. */
export function sources(pattern: string): { path: string; text: string }[] {
  const paths = globSync(pattern, { cwd: root }).sort()
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The text of a doc comment, without its stars: what it says first, and each tag. */
export function parseDoc(comment: string): { text: string; tags: Readonly<Record<string, string>> } {
  const plain = comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replace(/^\s*\* ?/gm, '')
    .trim()
  const [text = '', ...rest] = plain.split(/^@/m)
  const tags = rest.map((tag) => {
    const [, name = '', value = ''] = /^(\w+)\s+([\s\S]*)$/.exec(tag) ?? []
    return [name, oneLine(value)] as const
  })
  return { text: oneLine(text), tags: Object.fromEntries(tags) }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** A type as it is shown: on one line, without `readonly`, which holds for all of them. */
export function typeText(source: string): string {
  // Fields on lines of their own have no semicolons.
  const separated = source.replace(/(?<=[^{\s])\n\s*(?=(?:readonly )?\w+\??: )/g, '; ')
  return oneLine(separated).replaceAll('readonly ', '').replace(/;? \}/g, ' }')
}

export const generated =
  '<!-- Written by `node tools/docs.ts` from the source; a test compares it. Change the source. -->'
