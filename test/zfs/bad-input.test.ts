import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { assert, suite } from '../harness.ts'

const test = suite('zfs/bad-input')
const child = join(import.meta.dirname, 'bad-input-child.ts')

test(
  'nothing bad ends the process: every call refuses it by a typed error, names before ZFS is asked',
  () => {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [child], { encoding: 'utf8' })
    assert.equal([status, signal], [0, null], stderr)
    const { done, problems } = JSON.parse(stdout)
    assert.equal(problems.slice(0, 20), [])
    assert.ok(done > 5000, String(done))
  },
  { timeout: 60_000 },
)

test.run()
