import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { table } from '../../packages/zfs/src/lzc/table.ts'
import { statusPage } from '../../tools/docs/status.ts'
import { assert, suite } from '../harness.ts'

const test = suite('zfs/status')
const docs = resolve(import.meta.dirname, '../../docs')

test('docs/status.md is up to date: else run node tools/docs.ts', () => {
  assert.ok(readFileSync(resolve(docs, 'status.md'), 'utf8') === statusPage())
})

test('docs/rosetta-pyzfs.md has every call', () => {
  const rosetta = readFileSync(resolve(docs, 'rosetta-pyzfs.md'), 'utf8')
  for (const name of Object.keys(table))
    assert.ok(rosetta.includes(`\`${name}(`), `docs/rosetta-pyzfs.md lacks ${name}`)
})

test.run()
