import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { documented, readmePage } from '../../tools/docs/readme.ts'
import { assert, suite } from '../harness.ts'

const test = suite('packages/readme')

for (const name of documented) {
  test(`the README of ${name} is what its source says: else run node tools/docs.ts`, () => {
    const file = join(import.meta.dirname, '../../packages', name, 'README.md')
    assert.snapshot(readFileSync(file, 'utf8'), readmePage(name))
  })
}

test.run()
