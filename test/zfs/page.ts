import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Zfs } from '@gaoler/zfs'

const root = resolve(import.meta.dirname, '../..')

/** Runs the examples of a page as one program, each in a block of its own; gives what they printed. */
export async function runPage(page: string, zfs: Zfs): Promise<unknown[][]> {
  const text = readFileSync(join(root, page), 'utf8')
  const imports = new Map<string, Set<string>>()
  const blocks = Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code = '']) =>
    code.replace(/^import \{ (.*) \} from '(.*)'$/gm, (_, names: string, from: string) => {
      imports.set(from, new Set([...(imports.get(from) ?? []), ...names.split(', ')]))
      return ''
    }),
  )
  const head = Array.from(imports, ([from, names]) => `import { ${[...names].join(', ')} } from '${from}'\n`)
  const body = blocks.map((code) => `{\n${code}}\n`)
  const program = `${head.join('')}export default async (zfs, console) => {\n${body.join('')}}\n`
  // Below the workspace, so that its packages are found.
  const directory = mkdtempSync(join(root, 'node_modules/.page-'))
  const printed: unknown[][] = []
  try {
    const file = join(directory, 'page.mjs')
    writeFileSync(file, stripTypeScriptTypes(program))
    const module = (await import(pathToFileURL(file).href)) as { default(zfs: Zfs, console: object): Promise<void> }
    await module.default(zfs, { log: (...words: unknown[]) => printed.push(words) })
  } finally {
    rmSync(directory, { recursive: true })
  }
  return printed
}
