import { drain, type IocError } from '@gaoler/core'
import { Jail, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'

// Two objects stand for two processes: what one has read is not what the other has written since.
const test = suite('jail/set and not saved')
let world: JailWorld

test.before(async () => {
  world = await embeddedWorld()
})
test.after(() => world.close())

const open = (name: string): JailGenerator => new JailGenerator(name, { host: world.host })

test('a rename keeps what others have written since the jail was read', async () => {
  const jail = open('stale')
  await drain(jail.create(world.release, { properties: { 'user.a': 'old' } }))
  assert.is(jail.config.get('user.a'), 'old')
  await drain(open('stale').set({ 'user.a': 'new', priority: 7 }))
  jail.config.set('user.b', 'mine')
  await drain(jail.rename('fresh'))
  assert.equal([open('fresh').config.get('user.a'), open('fresh').config.get('priority')], ['new', 7])
  assert.is(open('fresh').config.get('user.b'), null, 'a rename is no save')
  await drain(jail.save())
  assert.is(open('fresh').config.get('user.b'), 'mine', 'what was set is still to be saved')
  await drain(jail.destroy())
})

test('a clone has the configuration that its source has at that moment', async () => {
  const source = open('source')
  await drain(source.create(world.release, { properties: { template: 'yes', 'user.a': 'old' } }))
  assert.is(source.config.get('user.a'), 'old')
  await drain(open('source').set({ 'user.a': 'new' }))
  await drain(open('copy').cloneFromJail(source))
  await drain(open('made').create(source))
  assert.equal([open('copy').config.get('user.a'), open('made').config.get('user.a')], ['new', 'new'])
  for (const name of ['copy', 'made', 'source']) await drain(open(name).destroy())
})

test('a jail is created with what was set before', async () => {
  const jail = open('set-before')
  jail.config.set('host_hostname', 'set.example')
  await drain(jail.create(world.release))
  assert.is(open('set-before').config.get('host_hostname'), 'set.example')
  assert.equal(jail.changes, {})
  await drain(jail.destroy())
})

test('setting one property leaves what else was set to be saved', async () => {
  const jail = open('partly')
  await drain(jail.create(world.release))
  jail.config.set('user.a', '1').set('user.b', '2')
  await drain(jail.set({ 'user.a': 'x' }))
  assert.equal([jail.config.get('user.a'), jail.config.get('user.b')], ['x', '2'])
  assert.equal([open('partly').config.get('user.a'), open('partly').config.get('user.b')], ['x', null])
  await drain(jail.destroy())
})

test('both faces work with what was set and not saved, and keep it', () => {
  const { host } = world
  const jail = new Jail('blocking', { host })
  jail.config.set('user.made', 'yes')
  jail.create(world.release, { properties: { resolver: 'none' } })
  assert.is(new Jail('blocking', { host }).config.get('user.made'), 'yes')
  jail.config.set('host_hostname', 'unsaved.example')
  assert.match(jail.forkExec('/bin/sh -c "echo $IOC_HOST_HOSTNAME; :"'), 'unsaved.example')
  jail.config.set('exec_poststart', 'exit 0')
  jail.start()
  jail.stop()
  assert.is(new Jail('blocking', { host }).config.get('host_hostname'), null)
  jail.save()
  assert.is(new Jail('blocking', { host }).config.get('host_hostname'), 'unsaved.example')
  assert.equal(jail.changes, {})
  jail.destroy()
})

test('what is renamed in an operation of a caller that fails later has its name back, as often as it was renamed', async () => {
  const jail = open('was')
  await drain(jail.create(world.release))
  const events: string[] = []
  const error = await thrown<IocError>(() =>
    drain(
      world.host.operation(
        'HostEvent',
        async function* (s) {
          yield* s.step('JailEvent', async function* (t) {
            yield* jail.rename('once', { eventScope: t })
            assert.is(jail.name, 'once')
            yield* jail.rename('twice', { eventScope: t })
          })
          assert.equal([jail.name, jail.exists], ['twice', true])
          throw new Error('later')
        },
        { onEvent: (event) => event.rollback && event.isFinal() && events.push(`${event.type} ${event.state}`) },
      ),
    ),
  )
  assert.is(error.reverted, true)
  assert.equal([jail.name, jail.exists, jail.config.get('id')], ['was', true, 'was'])
  assert.is(events.filter((event) => event === 'ZFSDatasetRename done').length, 2, 'no event of its own')
  await drain(jail.destroy())
})

test('what is saved in an operation of a caller that fails later is still to be saved', async () => {
  const jail = open('unsaved')
  await drain(jail.create(world.release))
  jail.config.set('user.a', '1')
  await thrown(() =>
    drain(
      world.host.operation('HostEvent', async function* (s) {
        yield* jail.save({ eventScope: s })
        yield* jail.set({ 'user.b': '2' }, { eventScope: s })
        assert.equal([jail.changes, jail.config.get('user.b')], [{}, '2'])
        throw new Error('later')
      }),
    ),
  )
  assert.equal([jail.changes, jail.config.get('user.b')], [{ 'user.a': '1' }, null])
  await drain(jail.destroy())
})

test.run()
