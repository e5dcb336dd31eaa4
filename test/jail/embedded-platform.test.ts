import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OperationCancelled } from '@gaoler/core'
import { JailAlreadyRunning, JailLaunchFailed, JailNotRunning } from '../../packages/jail/src/errors.ts'
import { hostUuid } from '../../packages/jail/src/platform/embedded/host-uuid.ts'
import { EmbeddedStateDamaged } from '../../packages/jail/src/platform/embedded/index.ts'
import { assert, suite, thrown } from '../harness.ts'
import { inProcess } from './embedded-other-process.ts'
import { Fixture, withFixture } from './embedded-support.ts'

const test = suite('embedded platform')
test('it claims no isolation', () => {
  const fixture = new Fixture()
  assert.is(fixture.platform.name, 'embedded')
  assert.match(fixture.platform.isolation, /^none: /)
  fixture.destroy()
})

test(
  'a created jail is found with its jid, by other processes too',
  withFixture(async (fixture) => {
    assert.is(fixture.platform.findJail('web'), null)
    assert.is(await fixture.create(), 1)
    assert.equal(fixture.platform.findJail('web'), { name: 'web', jid: 1 })
    const other = await inProcess(fixture, `console.log(JSON.stringify(fixture.platform.findJail('web')))`)
    assert.equal(JSON.parse(other.stdout), { name: 'web', jid: 1 })
  }),
)

test(
  'the lowest free jid is allotted',
  withFixture(async (fixture) => {
    for (const [index, name] of ['a', 'b', 'c'].entries()) assert.is(await fixture.create(name), index + 1)
    await fixture.remove('b')
    assert.is(await fixture.create('d'), 2)
    assert.is(await fixture.create('e'), 4)
  }),
)

test(
  'a second jail of the same name is refused and the first stays',
  withFixture(async (fixture) => {
    await fixture.create()
    const error = await thrown<JailAlreadyRunning>(() => fixture.create())
    assert.instance(error, JailAlreadyRunning)
    assert.equal(error.details, { jail: 'web', jid: 1 })
    assert.equal(fixture.platform.findJail('web'), { name: 'web', jid: 1 })
  }),
)

test(
  'a root that is no directory, or is the host itself, is refused',
  withFixture(async (fixture) => {
    fixture.file('file', '')
    symlinkSync('/', join(fixture.directory, 'host'))
    for (const path of [
      'relative',
      join(fixture.directory, 'none'),
      join(fixture.root, 'file'),
      '/',
      join(fixture.directory, 'host'),
    ]) {
      const error = await thrown<JailLaunchFailed>(() => fixture.create('web', path))
      assert.instance(error, JailLaunchFailed, path)
      assert.match(error.message, /^jail web could not be launched: its root /)
    }
    assert.is(fixture.platform.findJail('web'), null)
  }),
)

test(
  'names of every kind are different jails and stay below the directory',
  withFixture(async (fixture) => {
    const names = [
      'a',
      'A',
      '.',
      '..',
      '../x',
      'a/b',
      'a%2fb',
      '',
      'ü',
      ' ',
      '-rf',
      'x'.repeat(300),
      'x'.repeat(301),
      '\u0000',
    ]
    for (const name of names) await fixture.create(name)
    assert.equal(
      names.map((name) => fixture.platform.findJail(name)),
      names.map((name, index) => ({ name, jid: index + 1 })),
    )
    assert.is(readdirSync(join(fixture.state, 'jails')).length, names.length)
    assert.equal(readdirSync(fixture.directory).sort(), ['root', 'run'])
    for (const name of names) await fixture.remove(name)
    assert.equal(fixture.leftovers(), [])
  }),
)

test(
  'removing a jail that is not there does nothing, however often',
  withFixture(async (fixture) => {
    await fixture.remove()
    await fixture.create()
    await fixture.remove()
    await fixture.remove()
    assert.equal(fixture.leftovers(), [])
  }),
)

test(
  'of two processes that create the same jail at once, one wins and the other is told so',
  withFixture(async (fixture) => {
    mkdirSync(join(fixture.directory, 'ready'))
    // They wait for each other before every round, so that they meet.
    const create = (id: number): Promise<{ stdout: string }> =>
      inProcess(
        fixture,
        `const { readdirSync, writeFileSync } = await import('node:fs')
        const ready = ${JSON.stringify(join(fixture.directory, 'ready'))}
        const rounds = []
        for (let round = 0; round < 20; round++) {
          writeFileSync(ready + '/' + round + '-${id}', '')
          const all = () => readdirSync(ready).filter((name) => name.startsWith(round + '-')).length === 3
          while (!all()) await new Promise(setImmediate)
          try { rounds.push(await fixture.create('jail' + round)) } catch (error) { rounds.push(error.name) }
        }
        console.log(JSON.stringify(rounds))`,
      )
    const results = await Promise.all([1, 2, 3].map(create))
    const rounds = results.map(({ stdout }) => JSON.parse(stdout) as (number | string)[])
    for (let round = 0; round < 20; round++) {
      const outcomes = rounds.map((one) => one[round]).sort()
      assert.equal(outcomes, [round + 1, 'JailAlreadyRunning', 'JailAlreadyRunning'])
    }
  }),
)

test(
  'processes that create different jails at once never share a jid',
  withFixture(async (fixture) => {
    const create = (letter: string): Promise<{ stdout: string }> =>
      inProcess(
        fixture,
        `const jids = []
        for (let n = 0; n < 20; n++) jids.push(await fixture.create('${letter}' + n))
        console.log(JSON.stringify(jids))`,
      )
    const results = await Promise.all(['a', 'b', 'c'].map(create))
    const jids = results.flatMap(({ stdout }) => JSON.parse(stdout) as number[])
    assert.equal(
      jids.sort((a, b) => a - b),
      Array.from({ length: 60 }, (_, index) => index + 1),
    )
  }),
)

test(
  'a creation that was cancelled before it began makes nothing',
  withFixture(async (fixture) => {
    fixture.signal = AbortSignal.abort(new Error('enough'))
    assert.instance(await thrown(() => fixture.create()), OperationCancelled)
    assert.is(fixture.platform.findJail('web'), null)
  }),
)

test(
  'what a jail was launched with is recorded, and nothing of it carried out',
  withFixture(async (fixture) => {
    const parameters = { 'ip4.addr': ['10.0.0.1'], vnet: true, securelevel: 2 }
    const wanted = { name: 'web', path: fixture.root, hostname: 'w', hostuuid: 'u', mounts: [], parameters }
    await fixture.platform.effects.createJail.run(wanted, fixture.context)
    const record = JSON.parse(readFileSync(join(fixture.state, 'jails/web.json'), 'utf8'))
    assert.equal(record.parameters, parameters)
    await fixture.platform.effects.setUpNetwork.run({ name: 'web' }, fixture.context)
    await fixture.platform.effects.tearDownNetwork.run({ name: 'web' }, fixture.context)
  }),
)

test(
  'a network is set up for a running jail only, and torn down for any',
  withFixture(async (fixture) => {
    const { setUpNetwork, tearDownNetwork } = fixture.platform.effects
    assert.instance(await thrown(() => setUpNetwork.run({ name: 'web' }, fixture.context)), JailNotRunning)
    await tearDownNetwork.run({ name: 'web' }, fixture.context)
  }),
)

test('every effect names its inverse', () => {
  const fixture = new Fixture()
  const { effects } = fixture.platform
  const web = { name: 'web', path: '/x', hostname: '', hostuuid: '', mounts: [], parameters: {} }
  assert.equal(effects.createJail.undo?.(web, 'a-mark'), ['removeJail', { name: 'web' }])
  const mount = { name: 'web', type: 'devfs', target: '/x/dev' } as const
  assert.equal(effects.mount.undo?.(mount, 'a-mark'), ['unmount', { name: 'web', target: '/x/dev' }])
  assert.equal(effects.setUpNetwork.undo?.({ name: 'web' }, 'a-mark'), ['tearDownNetwork', { name: 'web' }])
  fixture.destroy()
})

test(
  'a damaged file of the state is a typed error that names it',
  withFixture(async (fixture) => {
    mkdirSync(join(fixture.state, 'jails'))
    const path = join(fixture.state, 'jails/web.json')
    for (const content of ['', '{', 'null', '{"version":2}', '{"version":1,"name":"web"}']) {
      writeFileSync(path, content)
      const error = await thrown<EmbeddedStateDamaged>(() => fixture.platform.findJail('web'))
      assert.instance(error, EmbeddedStateDamaged, content)
      assert.is(error.details.path, path)
      assert.instance(await thrown(() => fixture.create('other')), EmbeddedStateDamaged)
    }
    writeFileSync(path, '{"version":1,"name":"web","jid":1,"path":"/x","root":"/x","token":"t"}')
  }),
)

test('the host keeps its UUID: that of its machine id, else one that is made once', () => {
  const fixture = new Fixture()
  const machineId = join(fixture.directory, 'machine-id')
  const own = hostUuid(fixture.state, machineId)
  assert.match(own, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.is(hostUuid(fixture.state, machineId), own)
  writeFileSync(machineId, 'uninitialized\n')
  assert.is(hostUuid(fixture.state, machineId), own)
  writeFileSync(machineId, '0123456789ABCDEF0123456789abcdef\n')
  assert.is(hostUuid(fixture.state, machineId), '01234567-89ab-cdef-0123-456789abcdef')
  if (existsSync('/etc/machine-id')) assert.is(fixture.platform.hostUuid(), hostUuid(fixture.state))
  fixture.destroy()
})

test.run()
