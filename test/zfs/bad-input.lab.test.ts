import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { openZfs } from '@gaoler/zfs'
import { assert, suite } from '../harness.ts'
import { makePool } from './pool.ts'

const test = suite('zfs/bad-input, for real')
const child = join(import.meta.dirname, 'bad-input-child.ts')

test(
  'nothing bad ends the process when C and the kernel get it: odd lists, closed and wrong descriptors',
  async () => {
    const pool = makePool()
    try {
      const zfs = openZfs()
      await zfs.create(`${pool.name}/a`)
      for (const snapshot of ['x', 'y']) await zfs.snapshot([`${pool.name}/a@${snapshot}`])
      await zfs.snapshot([`${pool.name}@x`])
      await zfs.bookmark({ [`${pool.name}/a#b`]: `${pool.name}/a@x` })
      const args = [child, pool.name, 'real']
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      assert.equal([status, signal], [0, null], stderr)
      const { done, problems } = JSON.parse(stdout)
      assert.equal(problems.slice(0, 20), [])
      assert.ok(done > 800, String(done))
      // The kernel is well, and so is the pool.
      assert.is(execFileSync('zpool', ['list', '-H', '-o', 'health', pool.name], { encoding: 'utf8' }).trim(), 'ONLINE')
    } finally {
      pool.destroy()
    }
  },
  { timeout: 120_000 },
)

test.run()
