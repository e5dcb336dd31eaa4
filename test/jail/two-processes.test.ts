import { resolve } from 'node:path'
import { drain } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { execa } from 'execa'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'

const test = suite('jail/two processes')
const bin = resolve(import.meta.dirname, '../../packages/cli/src/bin.ts')
let world: JailWorld

test.before(async () => {
  world = await embeddedWorld()
})
test.after(() => world.close())

test(
  'of two processes that start a jail at once one wins, and the other says who holds it or that it runs',
  async () => {
    const jail = new JailGenerator('raced', { host: world.host })
    await drain(jail.create(world.release, { properties: { exec_prestart: 'sleep 0.5' } }))
    for (let round = 0; round < 3; round++) {
      const start = () =>
        execa(
          process.execPath,
          [bin, 'start', '--directory', String(world.host.options.directory), '--platform', 'embedded', 'raced'],
          { reject: false },
        )
      const ends = await Promise.all([start(), start(), start()])
      assert.is(ends.filter(({ exitCode }) => exitCode === 0).length, 1, ends.map(({ stderr }) => stderr).join('\n'))
      for (const { stderr } of ends.filter(({ exitCode }) => exitCode !== 0)) {
        assert.match(stderr, /locked by process \d+ \(start of jail raced\)|raced is already running/)
      }
      assert.ok(jail.running)
      await drain(jail.stop())
    }
    await drain(jail.destroy())
  },
  { timeout: 60_000 },
)

test(
  'a start whose process is killed leaves a jail that can be stopped by force and started again',
  async () => {
    const before = await world.snapshot()
    const jail = new JailGenerator('killed', { host: world.host })
    await drain(jail.create(world.release, { properties: { exec_start: 'sleep 60' } }))
    const run = execa(
      process.execPath,
      [bin, 'start', '--json', '--directory', String(world.host.options.directory), '--platform', 'embedded', 'killed'],
      { reject: false },
    )
    run.stdout?.on('data', (text: Buffer) => {
      if (/"type":"JailHookStart".*"state":"pending"/.test(text.toString())) run.kill('SIGKILL')
    })
    await run
    await drain(jail.stop({ force: true }))
    assert.ok(jail.stopped)
    await drain(jail.destroy())
    assert.is(await world.snapshot(), before)
  },
  { timeout: 60_000 },
)

test.run()
