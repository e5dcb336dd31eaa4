import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, type IocError, type IocEvent, OperationCancelled, UsageError } from '@gaoler/core'
import { Host, Jail, JailGenerator, JailHookFailed, JailNotRunning, Release, UnknownConfigProperty } from '@gaoler/jail'
import { embeddedZfs } from '@gaoler/zfs'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { faultsOf, lines } from '../core/toys.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'

const test = suite('jail/sync')
let world: JailWorld
let jail: Jail

test.before(async () => {
  world = await embeddedWorld()
  jail = new Jail('web', { host: world.host })
  jail.create(world.release, { properties: { exec_poststart: 'sleep 0.3', resolver: 'none' } })
})
test.after(async () => {
  jail.destroy({ forceStop: true })
  await world.close()
})

test('a default is set by a call that blocks, and holds at once; a plan of it changes nothing', async () => {
  const host = Host.open(world.host.options)
  const fresh = (): unknown => new Jail('web', { host }).config.get('exec_timeout')
  assert.ok(host.defaults.set({ exec_timeout: 7 }, { plan: true }).some(({ planned }) => planned))
  assert.is.not(fresh(), 7)
  assert.is(host.defaults.set({ exec_timeout: 7 }).at(-1)?.state, 'done')
  assert.equal([host.defaults.get('exec_timeout'), fresh()], [7, 7])
  assert.instance(await thrown(() => host.defaults.set({ exec_timeut: 7 })), UnknownConfigProperty)
  host.defaults.set({ exec_timeout: undefined })
  assert.is.not(fresh(), 7)
})

test('a jail without a name gets a random UUID', () => {
  const nameless = new Jail({}, { host: world.host })
  assert.match(nameless.name, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  assert.is.not(nameless.name, new Jail({}, { host: world.host }).name)
})

test('events arrive while the caller blocks, and are the same as those of the generator', async () => {
  const arrived: [line: string, at: number][] = []
  const events = jail.start({ onEvent: (event: IocEvent) => arrived.push([event.type, performance.now()]) })
  const returned = performance.now()
  assert.equal(faultsOf(events), [])
  assert.is(arrived.length, events.length)
  const attached = arrived.find(([type]) => type === 'JailAttach')?.[1] as number
  assert.ok(returned - attached > 250, 'JailAttach was seen before the hook that takes 300 ms')
  assert.ok(jail.running)
  jail.stop()
  const other = await collect(new JailGenerator('web', { host: world.host }).start())
  const shown = (all: readonly IocEvent[]): string[] => lines(all.filter(({ state }) => state !== 'progress'))
  assert.equal(shown(events), shown(other))
  jail.stop()
})

test('typed errors keep their class, code and details', async () => {
  const stopped = await thrown<IocError>(() => jail.stop())
  assert.instance(stopped, JailNotRunning)
  assert.equal(stopped.details, { jail: 'web' })
  const unknown = await thrown(() =>
    new Jail('x', { host: world.host }).create(world.release, { properties: { nosuch: 1 } }),
  )
  assert.instance(unknown, UnknownConfigProperty)
  const failing = new Jail('failing', { host: world.host })
  failing.create(world.release, { properties: { exec_poststart: 'exit 3' } })
  const hook = await thrown<JailHookFailed>(() => failing.start())
  assert.instance(hook, JailHookFailed)
  assert.is(hook.details.code, 3)
  assert.is(hook.reverted, true)
  failing.destroy()
})

test('a time limit cancels the call, and what was done is undone before it returns', async () => {
  const slow = new Jail('slow', { host: world.host })
  slow.create(world.release, { properties: { exec_start: 'sleep 60' } })
  const error = await thrown<IocError>(() => slow.start({ timeout: 400 }))
  assert.instance(error, OperationCancelled)
  assert.ok(slow.stopped)
  slow.destroy()
})

test('exec returns what the program said, and its time limit is the program’s', () => {
  jail.start()
  assert.equal(jail.exec(['/bin/hello', 'you']).stdout, 'Hello you\n')
  const late = jail.exec(['/bin/sh', '-c', 'sleep 30'], { timeout: 200 })
  assert.is(late.timedOut, true)
  jail.stop()
})

test('a verb can be pulled event by event, and whoever leaves it finds the jail as it was', () => {
  const seen: string[] = []
  for (const event of jail.iterate('start')) {
    seen.push(event.type)
    if (event.is('JailAttach') && event.state === 'done') {
      assert.ok(jail.running, 'it goes on only when it is asked to')
      break
    }
  }
  assert.is(seen.at(-1), 'JailAttach')
  assert.ok(jail.stopped)
  const pulled = new Jail('pulled', { host: world.host })
  assert.is([...pulled.iterate('createFromRelease', world.release)].at(-1)?.type, 'JailCreate')
  assert.is(pulled.release, world.release)
  pulled.destroy()
})

test('jails are made from each other, renamed and snapshotted by calls that block, and known by their new names', () => {
  const host = world.host
  const template = new Jail('template', { host })
  template.createFromRelease(world.release, { properties: { template: 'yes', resolver: 'none' } })
  const made = new Jail('made', { host })
  assert.is(made.create(template).at(-1)?.type, 'JailCreate')
  assert.is(made.forkExec('/bin/hello you'), 'Hello you\n')
  assert.is(made.snapshots.create('one').at(-1)?.type, 'SnapshotCreate')
  made.rename('other')
  assert.equal([made.name, made.exists], ['other', true])
  assert.is([...made.iterate('rename', 'made')].at(-1)?.type, 'JailRename')
  assert.equal([made.name, made.exists], ['made', true])
  made.snapshots.rollback('one')
  made.snapshots.delete('one')
  assert.equal(made.snapshots.list(), [])
  const copy = new Jail('copy', { host })
  copy.cloneFromJail(made)
  copy.promote()
  assert.match(String(copy.releaseSnapshot), '/template/root@')
  made.destroy()
  copy.start()
  assert.is(copy.restart().at(-1)?.type, 'JailRestart')
  assert.is(copy.passthru(['/bin/sh', '-c', 'exit 4']).code, 4)
  copy.destroy({ forceStop: true })
  template.destroy()
})

test('an option that cannot reach the other thread is refused by name', async () => {
  const error = await thrown(() => jail.start({ env: { NAME: (() => 'x') as unknown as string } }))
  assert.instance(error, TypeError)
  assert.match(error.message, 'env.NAME')
})

test('a logger that was given with the jail hears of blocking operations too', () => {
  const heard: string[] = []
  const say = (_: object, message: string): void => void heard.push(message)
  const logger = { error: say, warn: say, info: say, debug: say }
  const logged = new Jail('logged', { host: world.host, logger })
  logged.create(world.release)
  assert.ok(heard.length > 0)
  heard.length = 0
  const quiet = { error: say, warn: say, info: () => {}, debug: () => {} }
  logged.destroy({ logger: quiet })
  assert.equal(heard, [], 'the one of the call comes first')
})

test('a release that is another dataset is taken from there', async () => {
  const { host } = world
  const copy = `${host.datasets.main.releases}/copy-of-it`
  await host.zfs.create(copy)
  await host.zfs.create(`${copy}/root`)
  await host.zfs.snapshot([`${copy}/root@p0`])
  const other = new Release(world.release, { host, datasetName: copy })
  const made = new Jail('made-elsewhere', { host })
  made.create(other)
  assert.is(made.releaseSnapshot, `${copy}/root@p0`)
  made.destroy()
  await host.zfs.destroySnaps([`${copy}/root@p0`])
  for (const name of [`${copy}/root`, copy]) await host.zfs.destroy(name)
})

test('a host that would be another one in the other thread is refused, and nothing happens', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-sync-'))
  const foreign = new Jail('foreign', { host: world.host, zfs: embeddedZfs({ directory }) })
  const planned = new Jail('foreign', { host: world.host.planned() })
  const here = new Jail('foreign', { host: world.host })
  for (const [jail, what] of [
    [foreign, /the option zfs cannot be taken/],
    [planned, /a host that only plans cannot be taken/],
  ] as const) {
    const error = await thrown<IocError>(() => jail.create(world.release))
    assert.instance(error, UsageError)
    assert.match(error.message, what)
    assert.not(here.exists)
  }
  rmSync(directory, { recursive: true })
})

test.run()
