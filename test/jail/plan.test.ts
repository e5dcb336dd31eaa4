import { collect, drain, type IocEvent, type Operation, type PlannedEffect, UsageError } from '@gaoler/core'
import { Jail, JailAlreadyExists, JailGenerator, JailNotRunning, MountFailed, ReleaseGenerator } from '@gaoler/jail'
import { FilesystemExists } from '@gaoler/zfs'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { verbs } from './verbs.ts'
import { watchEffects } from './watched.ts'

const test = suite('jail/plan')
let world: JailWorld
let host: JailWorld['host']

test.before(async () => {
  world = await embeddedWorld()
  host = world.host
})
test.after(() => world.close())

const plannedOf = (events: readonly IocEvent[]): PlannedEffect[] =>
  events.flatMap(({ payload }) => (payload as { effect?: PlannedEffect }).effect ?? [])

/** The changing effects that a real run carries out, as a plan would show them. */
async function carriedOut(run: () => Operation<unknown>): Promise<PlannedEffect[]> {
  const seen: PlannedEffect[] = []
  const end = watchEffects(host, ({ name, args, effect: { secrets = [] } }, carryOut) => {
    const shown = Object.entries(args).map(([key, value]) => [
      key,
      secrets.includes(key) && value != null ? '(secret)' : value,
    ])
    seen.push({ name, args: Object.fromEntries(shown) })
    return carryOut()
  })
  await drain(run()).finally(end)
  return seen
}

/** Without the moment that a name has in it. */
const timeless = (effects: readonly PlannedEffect[]): unknown =>
  JSON.parse(JSON.stringify(effects).replace(/(@clone|-replaced)\d+/g, '$1'))

for (const [name, verb] of Object.entries(verbs)) {
  test(
    `${name}: its plan changes nothing and tells exactly the effects that a run then carries out`,
    async () => {
      const jail = new JailGenerator('planned', { host })
      await verb.ready(jail, world)
      const before = await world.snapshot()
      const events = await collect(verb.run(jail, world, { plan: true }))
      assert.is(await world.snapshot(), before)
      assert.ok(events.every(({ planned }) => planned))
      const planned = plannedOf(events)
      assert.ok(planned.length > 0)
      assert.equal(timeless(planned), timeless(await carriedOut(() => verb.run(jail, world, {}))))
      await verb.clean(jail)
    },
    { timeout: 30_000 },
  )
}

test('fetch: its plan changes nothing and tells exactly the effects that a run then carries out', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const directory = await mkdtemp('/tmp/gaoler-plan-')
  const { mirror, name } = await makeSmallRelease(directory, { name: '15.0-RELEASE' })
  const release = new ReleaseGenerator(name, { host })
  const before = await world.snapshot()
  const planned = plannedOf(await collect(release.fetch({ mirror, plan: true })))
  assert.is(await world.snapshot(), before)
  assert.equal(planned, await carriedOut(() => release.fetch({ mirror })))
  await rm(directory, { recursive: true })
})

test('operations planned on one planned host see what was planned before them', async () => {
  const before = await world.snapshot()
  const planned = host.planned()
  const jail = new JailGenerator('unreal', { host: planned })
  await drain(jail.create(world.release, { properties: { resolver: '192.0.2.7' } }))
  assert.ok(jail.exists)
  assert.is(jail.release, world.release)
  assert.instance(await thrown(() => drain(jail.create(world.release))), JailAlreadyExists)
  assert.instance(await thrown(() => drain(jail.stop())), JailNotRunning)
  await drain(jail.fstab.addLine({ source: jail.path, destination: '/mnt/deep' }, { autoCreateDestination: true }))
  await drain(jail.fstab.addLine({ source: `${jail.path}/gone`, destination: '/mnt/gone' }))
  assert.instance(await thrown(() => drain(jail.start())), MountFailed)
  await drain(jail.fstab.removeLine(1))
  const events = await collect(jail.start())
  assert.ok(jail.running)
  const targets = plannedOf(events).flatMap(({ name, args }) =>
    name === 'mount' && 'target' in args ? [args.target] : [],
  )
  assert.ok(targets.includes(`${jail.rootPath}/mnt/deep`))
  const written = plannedOf(events).find(({ name }) => name === 'writeFile')
  assert.is(written && 'path' in written.args && written.args.path, `${jail.rootPath}/etc/resolv.conf`)
  // Nothing but the release knows whether it has rc scripts.
  assert.is(events.find((event) => event.type === 'JailHookStart' && event.isFinal())?.state, await stateOfRealStart())
  assert.ok((await drain(jail.exec(['/bin/true']))).code === 0)
  await drain(jail.cloneToDataset(`${host.datasets.main.jails}/copy`))
  assert.ok(new JailGenerator('copy', { host: planned }).exists)
  assert.instance(await thrown(() => drain(jail.cloneToDataset(`${host.datasets.main.jails}/copy`))), FilesystemExists)
  assert.is((await thrown<Error>(() => drain(jail.destroy({ forceStop: true })))).constructor.name, 'JailHasDependents')
  await drain(new JailGenerator('copy', { host: planned }).destroy())
  await drain(jail.stop())
  assert.not.ok(jail.running)
  await drain(jail.destroy())
  assert.not.ok(jail.exists)
  assert.is(await world.snapshot(), before)
})

async function stateOfRealStart(): Promise<string | undefined> {
  const jail = new JailGenerator('real', { host })
  await drain(jail.create(world.release))
  const events = await collect(jail.start())
  await drain(jail.destroy({ forceStop: true }))
  return events.find((event) => event.type === 'JailHookStart' && event.isFinal())?.state
}

test('a plan is made while another process works on the jail: it takes no lock and leaves none', async () => {
  const jail = new JailGenerator('locked', { host })
  await drain(jail.create(world.release))
  using _lock = jail.lock('test')
  const before = await world.snapshot()
  await drain(jail.start({ plan: true }))
  assert.is(await world.snapshot(), before)
  _lock[Symbol.dispose]()
  await drain(jail.destroy())
})

test('what is secret is in no event of a plan', async () => {
  const jail = new JailGenerator('secret', { host })
  await drain(jail.create(world.release, { properties: { exec_poststart: 'true', 'user.key': 'hidden-in-config' } }))
  const events = await collect(jail.start({ plan: true, env: { TOKEN: 'hidden-in-env' } }))
  assert.not.match(JSON.stringify(events), /hidden-in/)
  await drain(jail.destroy())
})

test('a plan that fails fails as the run would, and leaves the planned host as it was', async () => {
  const planned = host.planned()
  const jail = new JailGenerator('half', { host: planned })
  const error = await thrown<Error>(() =>
    drain(
      planned.operation('JailCreate', async function* (s) {
        yield* s.run(jail.create(world.release))
        throw new Error('enough')
      }),
    ),
  )
  assert.match(error.message, /enough/)
  assert.not.ok(jail.exists)
})

test('the blocking face plans too', () => {
  const jail = new Jail('sync-plan', { host })
  const events = jail.create(world.release, { plan: true })
  assert.ok(events.every(({ planned }) => planned))
  assert.not.ok(jail.exists)
})

test('a planned operation refuses to carry out a real one, and a real host a plan', async () => {
  const jail = new JailGenerator('mixed', { host })
  const mixed = host.planned().operation('JailCreate', async function* (s) {
    yield* s.run(jail.create(world.release))
  })
  assert.instance(await thrown(() => drain(mixed)), UsageError)
  assert.not.ok(jail.exists)
  assert.instance(await thrown(() => drain(host.operation('JailCreate', () => {}, { plan: true }))), UsageError)
})

test.run()
