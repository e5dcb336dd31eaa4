import { rmSync, statSync } from 'node:fs'
import { JailAlreadyRunning, JailNotRunning } from '../../packages/jail/src/errors.ts'
import { type JailRecord, JailTable } from '../../packages/jail/src/platform/embedded/jail-table.ts'
import { mount } from '../../packages/jail/src/platform/embedded/mounts.ts'
import { assert, suite, thrown } from '../harness.ts'
import { inProcess } from './embedded-other-process.ts'
import { withFixture, withJail } from './embedded-support.ts'

const test = suite('embedded crashes')

// Kills itself before its nth change of a file.
const killAt = (n: number): string => `
  let left = ${n}
  channel('gaoler:jail:embedded:file').subscribe(() => { if (left-- === 0) process.kill(process.pid, 'SIGKILL') })`

test(
  'a jail outlives the process that created it',
  withFixture(async (fixture) => {
    assert.is((await inProcess(fixture, `await fixture.create()`)).code, 0)
    assert.equal(fixture.platform.findJail('web'), { name: 'web', jid: 1 })
    await fixture.remove()
    assert.is(fixture.platform.findJail('web'), null)
  }),
)

test(
  'kill -9 of the creator at any moment blocks nobody and leaves nothing behind',
  withFixture(async (fixture) => {
    const seen = new Set<boolean>()
    for (let n = 0; ; n++) {
      const creator = await inProcess(fixture, `${killAt(n)}; await fixture.create()`)
      const found = fixture.platform.findJail('web')
      seen.add(found !== null)
      if (found) assert.instance(await thrown(() => fixture.create()), JailAlreadyRunning)
      else assert.is(await fixture.create(), 1)
      await fixture.create('other')
      await fixture.remove()
      await fixture.remove('other')
      assert.equal(fixture.leftovers(), [], `killed before change ${n}`)
      if (creator.signal === null) {
        assert.ok(n >= 4, 'there were changes to be killed at')
        break
      }
    }
    assert.is(seen.size, 2, 'it was killed before and after the jail was there')
  }),
  { timeout: 60_000 },
)

test(
  'kill -9 of the remover at any moment: the jail is found until removing it again has ended',
  withFixture(async (fixture) => {
    const before = fixture.tree()
    for (let n = 0; ; n++) {
      await fixture.create()
      await fixture.mount('fdescfs', '/dev/fd')
      await fixture.mount('tmpfs', '/tmp')
      await fixture.mount('nullfs', '/usr/bin', { source: '/usr/lib' })
      fixture.file('tmp/content', 'x')
      const remover = await inProcess(fixture, `${killAt(n)}; await fixture.remove()`)
      await fixture.remove()
      assert.is(fixture.platform.findJail('web'), null)
      assert.equal(fixture.tree(), before, `killed before change ${n}`)
      // What a killed process could not take away, the next creator does.
      await fixture.create('other')
      await fixture.remove('other')
      assert.equal(fixture.leftovers(), [], `killed before change ${n}`)
      if (remover.signal === null) {
        assert.ok(n >= 10, 'there were changes to be killed at')
        break
      }
    }
  }),
  { timeout: 60_000 },
)

test(
  'a jail that is being removed takes no commands and no mounts, and its name is not free',
  withFixture(async (fixture) => {
    await fixture.create()
    // The second change is the end of it: until then the removal has only begun.
    const remover = await inProcess(fixture, `${killAt(2)}; await fixture.remove()`)
    assert.is(remover.signal, 'SIGKILL')
    assert.ok(fixture.platform.findJail('web'))
    assert.instance(await thrown(() => fixture.exec(['sh', '-c', 'true'])), JailNotRunning)
    assert.instance(await thrown(() => fixture.mount('devfs', '/dev')), JailNotRunning)
    const { setUpNetwork } = fixture.platform.effects
    assert.instance(await thrown(() => setUpNetwork.run({ name: 'web' }, fixture.context)), JailNotRunning)
    assert.instance(await thrown(() => fixture.create()), JailAlreadyRunning)
  }),
)

test(
  'two processes that remove the same jail at once both succeed',
  withFixture(async (fixture) => {
    for (let round = 0; round < 3; round++) {
      await fixture.create()
      await fixture.mount('devfs', '/dev')
      await fixture.mount('tmpfs', '/tmp')
      await fixture.exec(['sh', '-c', 'sleep 60 >/dev/null 2>&1 &'])
      const removers = await Promise.all([1, 2].map(() => inProcess(fixture, `await fixture.remove()`)))
      assert.equal(
        removers.map(({ code }) => code),
        [0, 0],
      )
      assert.equal(fixture.leftovers(), [])
    }
  }),
)

test(
  'removing the jail takes its mounts away, whoever made them, the last first',
  withJail(async (fixture) => {
    const before = fixture.tree()
    const body = `await fixture.mount('devfs', '/dev'); await fixture.mount('fdescfs', '/dev/fd')
      await fixture.mount('tmpfs', '/mnt/a'); await fixture.mount('tmpfs', '/mnt/a/b'); await fixture.mount('nullfs', '/mnt/a/b/c', { source: '/etc' })`
    assert.is((await inProcess(fixture, body)).code, 0)
    await fixture.remove()
    assert.equal(fixture.tree(), before)
    assert.ok(statSync('/etc').isDirectory())
  }),
)

test(
  'kill -9 in the middle of a mount: removing the jail takes away what was made',
  withJail(async (fixture) => {
    const before = fixture.tree()
    await fixture.remove()
    for (let n = 0; ; n++) {
      await fixture.create()
      const body = `${killAt(n)}
        await fixture.mount('nullfs', '/tmp', { source: '/etc' })
        await fixture.mount('fdescfs', '/dev/fd')`
      const { signal } = await inProcess(fixture, body)
      await fixture.remove()
      assert.equal(fixture.tree(), before, `killed before change ${n}`)
      assert.equal(fixture.leftovers(), [])
      if (signal === null) return
    }
  }),
  { timeout: 60_000 },
)

test(
  'a mount whose jail is being removed meanwhile is taken away again',
  withJail(async (fixture) => {
    const before = fixture.tree()
    const table = new JailTable(fixture.state)
    const jail = table.require('web')
    class Late extends JailTable {
      override require(): JailRecord {
        return jail
      }
    }
    await table.beginRemoval(jail)
    const target = `${fixture.root}/dev`
    const error = await thrown(() => mount(new Late(fixture.state), { name: 'web', type: 'devfs', target }))
    assert.instance(error, JailNotRunning)
    assert.equal(fixture.tree(), before)
  }),
)

test(
  'a root that is gone does not keep a jail from being removed',
  withJail(async (fixture) => {
    await fixture.mount('devfs', '/dev')
    await fixture.mount('nullfs', '/tmp', { source: '/etc' })
    rmSync(fixture.root, { recursive: true })
    await fixture.remove()
    assert.equal(fixture.leftovers(), [])
  }),
)

test.run()
