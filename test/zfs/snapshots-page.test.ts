import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedZfs } from '@gaoler/zfs'
import { assert, suite } from '../harness.ts'
import { runPage } from './page.ts'

const test = suite('docs/snapshots.md')

test('the examples run in their order', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-page-'))
  try {
    const zfs = embeddedZfs({ directory })
    zfs.pools.createSync('tank')
    for (const name of ['tank/www', 'tank/www/logs', 'tank/db']) zfs.createSync(name)
    const printed = await runPage('docs/snapshots.md', zfs)
    assert.ok(printed.some(([first]) => Array.isArray(first) && first[0] === 'tank/test'))
    assert.ok(printed.some(([name, tag]) => name === 'tank/db@monday' && tag === 'until-copied'))
    assert.equal(zfs.namesSync('tank'), ['tank', 'tank/db', 'tank/test'])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test.run()
