import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { assert, suite } from '../harness.ts'

const test = suite('docs/jails.md')
const page = join(import.meta.dirname, '../../docs/jails.md')

test(
  'the examples run in their order',
  async () => {
    // Below the workspace, so that its packages are found.
    const directory = mkdtempSync(join(import.meta.dirname, '../../node_modules/.jails-page-'))
    try {
      const { mirror } = await makeSmallRelease(join(directory, 'mirror'))
      const blocks = [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '')
      const [start = '', ...examples] = blocks
      const home = JSON.stringify({ platform: 'embedded', directory: join(directory, 'host') })
      const opened = start.replace('HostGenerator.open()', `HostGenerator.open(${home})`)
      assert.is.not(opened, start)
      const body = examples
        .map((code) => `{\n${code.replace('.fetch()', `.fetch({ mirror: '${mirror}' })`)}}\n`)
        .join('')
      const file = join(directory, 'page.mjs')
      writeFileSync(file, stripTypeScriptTypes(`${opened}export default async (console) => {\n${body}return host }\n`))
      const printed: string[] = []
      const log = (...words: unknown[]): void => void printed.push(words.join(' '))
      await ((await import(pathToFileURL(file).href)) as { default(console: object): Promise<unknown> }).default({
        log,
      })
      for (const line of [
        'JailStart done',
        'hello from web\n 0',
        'www true',
        'base 14.3-RELEASE',
        'shop 14.3-RELEASE',
        'shop ',
        'the health check failed true false,false,false',
        'JAIL_HAS_DEPENDENTS',
        'true and it is still there',
      ]) {
        assert.ok(printed.includes(line), `${JSON.stringify(line)} in ${JSON.stringify(printed)}`)
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
  { timeout: 60_000 },
)

test.run()
