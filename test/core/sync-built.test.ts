import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { assert, suite } from '../harness.ts'
import { run } from './fixtures/run.ts'

const test = suite('core/sync-built')
const core = resolve(import.meta.dirname, '../../packages/core')

/** Installs core as it is published: JavaScript in a folder node_modules, where Node runs no TypeScript. */
function install(into: string): void {
  const manifest = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'))
  const write = (file: string, text: string): void => {
    const path = join(into, 'node_modules/@gaoler/core', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  write('package.json', JSON.stringify({ ...manifest, ...manifest.publishConfig }))
  for (const file of globSync('**/*.ts', { cwd: join(core, 'src') })) {
    const source = stripTypeScriptTypes(readFileSync(join(core, 'src', file), 'utf8'))
    write(`dist/${file.replace(/ts$/, 'js')}`, source.replaceAll(/(from '\..*)\.ts'/g, "$1.js'"))
  }
}

test('the built package starts its worker from a .js file, and takes a module written as .ts as .js', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gaoler-built-'))
  try {
    install(folder)
    writeFileSync(
      join(folder, 'operations.js'),
      `import { operation } from '@gaoler/core'
export const start = (call) => operation('JailStart', () => 42, call)`,
    )
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    writeFileSync(
      join(folder, 'main.js'),
      `import { syncBridge } from '@gaoler/core/sync'
const bridge = syncBridge('./operations.ts', import.meta.url)
console.log(bridge.drain('start', []), bridge.collect('start', []).map(String).join(' '))`,
    )
    const { stdout, stderr, code } = await run([join(folder, 'main.js')])
    assert.is(stdout, '42 JailStart: pending JailStart: done\n', stderr)
    assert.is(code, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
