import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Zfs } from '@gaoler/zfs'
import { embeddedZfs } from '@gaoler/zfs'
import { assert, suite } from '../harness.ts'

const test = suite('docs/snapshots.md')
const page = join(import.meta.dirname, '../../docs/snapshots.md')

test('the examples run in their order', async () => {
  // Below the workspace, so that its packages are found.
  const directory = mkdtempSync(join(import.meta.dirname, '../../node_modules/.snapshots-page-'))
  try {
    const zfs = embeddedZfs({ directory: join(directory, 'zfs') })
    zfs.pools.createSync('tank')
    for (const name of ['tank/www', 'tank/www/logs', 'tank/db']) zfs.createSync(name)
    const printed: unknown[][] = []
    const blocks = [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '')
    const [imports = '', ...examples] = blocks
    const body = `export default async (zfs, console) => {\n${examples.map((code) => `{\n${code}}\n`).join('')}}\n`
    const file = join(directory, 'page.mjs')
    writeFileSync(file, stripTypeScriptTypes(`${imports}${body}`))
    const module = (await import(pathToFileURL(file).href)) as { default(zfs: Zfs, console: object): Promise<void> }
    await module.default(zfs, { log: (...words: unknown[]) => printed.push(words) })
    assert.ok(printed.some(([first]) => Array.isArray(first) && first[0] === 'tank/test'))
    assert.ok(printed.some(([name, tag]) => name === 'tank/db@monday' && tag === 'until-copied'))
    assert.equal(zfs.namesSync('tank'), ['tank', 'tank/db', 'tank/test'])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test.run()
