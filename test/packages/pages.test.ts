import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as zfs from '@gaoler/zfs'
import { execa } from 'execa'
import { commands } from '../../tools/docs/rosetta.ts'
import { assert, suite } from '../harness.ts'

// What readers copy must compile. Most pages are run as well, by tests of their packages.
const test = suite('packages/pages')
const root = resolve(import.meta.dirname, '../..')
const directory = join(root, 'node_modules/.cache/pages')

/** What the rosetta of libioc writes in its lines. */
const rosetta = `import { Host, Jail, Jails, Release, Releases } from '@gaoler/jail'
const host = Host.open()
const jail = new Jail('web', { host })
${commands.map(([, call]) => call.replace(/^`(.*)`$/, '$1').replaceAll('\\|', '|')).join('\n')}
`

/** What the rosetta of pyzfs gives: its table's right sides, each a name with its arguments and options. */
const calls = Array.from(
  (readFileSync(join(root, 'docs/rosetta-pyzfs.md'), 'utf8').split('\n## ')[0] ?? '').matchAll(/^\|[^|]*\|(.*)\|$/gm),
  ([, ours = '']) => [...ours.matchAll(/`(\w+)\(([^`]*)\)`/g)],
)
  .flat()
  .map(([, name = '', words = '']) => {
    const [, before = '', options = ''] = /^(.*?)(?:, )?\{ ([^:]*) \}$/.exec(words) ?? []
    const names = options.split(', ').flatMap((each) => /^\w+/.exec(each) ?? [])
    return { name, at: before === '' ? 0 : before.split(', ').length, names }
  })

/** Each of these options must be one of its call, at its place. */
const options = `import type { Zfs } from '@gaoler/zfs'
${calls
  .filter(({ name, names }) => name in zfs.openZfs() && names.length > 0)
  .map(({ name, at, names }, n) => {
    const given = names.map((each) => `${each}: undefined as never`).join(', ')
    return `export const call${n}: Parameters<Zfs['${name}']>[${at}] = { ${given} }`
  })
  .join('\n')}
`

/** The examples of a page as one program: each sees what those before it have made, and may have the same names. */
function program(text: string): string {
  const blocks = Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code = '']) => code)
  const imports = new Map<string, Set<string>>()
  const bodies = blocks.map((code) =>
    code.replace(/^import \{ (.*) \} from '(.*)'$/gm, (_, names: string, module: string) => {
      // Programs of this repository are in `test`.
      const from = module.replace(/^\.\//, '../../../test/')
      imports.set(from, new Set([...(imports.get(from) ?? []), ...names.split(', ')]))
      return ''
    }),
  )
  const head = Array.from(imports, ([from, names]) => `import { ${[...names].join(', ')} } from '${from}'\n`)
  const nested = `${bodies.map((code) => `{\n${code}`).join('')}${'}'.repeat(bodies.length)}\n`
  return `${head.join('')}export {}\n${nested}`
}

test(
  'every example of a page compiles with what the packages export',
  async () => {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    const pages = globSync(['*.md', 'docs/*.md', 'packages/*/README.md'], { cwd: root })
    assert.ok(pages.length > 20)
    for (const page of pages) {
      const code = program(readFileSync(join(root, page), 'utf8'))
      writeFileSync(join(directory, `${page.replaceAll('/', '-')}.ts`), code)
    }
    writeFileSync(join(directory, 'rosetta-lines.ts'), rosetta)
    writeFileSync(join(directory, 'rosetta-options.ts'), options)
    const compilerOptions = { noEmit: true, composite: false, rewriteRelativeImportExtensions: false, types: ['node'] }
    const config = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['.'] }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
    const { stdout } = await execa(join(root, 'node_modules/.bin/tsc'), ['-p', directory, '--pretty', 'false'], {
      cwd: root,
      reject: false,
    })
    assert.is(stdout, '')
  },
  { timeout: 120_000 },
)

test('each name that the rosetta of pyzfs gives is there', () => {
  assert.ok(calls.length > 60)
  const real = zfs.openZfs()
  assert.equal(
    calls.filter(({ name }) => !(name in real) && !(name in zfs)),
    [],
  )
})

test.run()
