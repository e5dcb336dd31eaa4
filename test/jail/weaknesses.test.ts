import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { collect, drain, type IocEvent, type PlannedEffect } from '@gaoler/core'
import {
  DefaultResourceGenerator,
  InvalidJailConfigValue,
  JailConfig,
  JailGenerator,
  ReleaseGenerator,
  UnknownConfigProperty,
} from '@gaoler/jail'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { weaknesses } from './weaknesses.ts'

const test = suite('jail/weaknesses')
const root = resolve(import.meta.dirname, '../..')
let world: JailWorld

test.before(async () => {
  world = await embeddedWorld()
})
test.after(() => world.close())

async function withJail(name: string, body: (jail: JailGenerator) => Promise<void>, properties = {}): Promise<void> {
  const jail = new JailGenerator(name, { host: world.host })
  await drain(jail.create(world.release, { properties }))
  try {
    await body(jail)
  } finally {
    await drain(jail.destroy({ forceStop: true }))
  }
}

test('every weakness of libioc is answered by tests that there are, or waits for a part that it belongs to', () => {
  assert.equal(
    Object.keys(weaknesses).map(Number),
    Array.from({ length: 32 }, (_, index) => index + 1),
  )
  for (const [number, { libioc, shown, later }] of Object.entries(weaknesses)) {
    assert.ok(Object.keys(shown).length > 0 || later, `${number}: ${libioc}`)
    for (const [file, titles] of Object.entries(shown)) {
      const text = readFileSync(resolve(root, file), 'utf8')
      assert.ok(titles.length > 0, `${number}: ${file}`)
      for (const title of titles) {
        // As a title alone: what calls a test begins with it, or with the name of a case before it.
        const quoted = new RegExp(
          `test\\(\\s*['"\`](?:\\$\\{\\w+\\}: )?${title.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}['"\`],`,
        )
        assert.match(text, quoted, `${number}: ${file} has no test with the title: ${title}`)
      }
    }
  }
})

test('every event of a fetch and of a stop has an id of its own, and says what it does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-weaknesses-'))
  try {
    const { mirror, name } = await makeSmallRelease(directory, { name: '15.0-RELEASE' })
    const release = new ReleaseGenerator(name, { host: world.host })
    const begun = (events: readonly IocEvent[]): IocEvent[] => events.filter(({ state }) => state === 'pending')
    const fetched = begun(await collect(release.fetch({ mirror })))
    assert.is(new Set(fetched.map(({ id }) => id)).size, fetched.length)
    assert.equal(
      fetched.filter((event) => event.is('ReleaseAssetDownload')).map(({ payload }) => payload.asset),
      ['base.txz'],
    )
    await drain(release.destroy())
    await withJail('told', async (jail) => {
      await drain(jail.start())
      const types = begun(await collect(jail.stop())).map(({ type }) => type)
      assert.ok(types.includes('UnmountFstab') && !types.includes('MountFstab'), String(types))
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('waiting for a command that says nothing costs next to no time of the processor', () =>
  withJail('waits', async (jail) => {
    await drain(jail.start())
    await drain(jail.exec(['/bin/sh', '-c', 'true']))
    const [from, used] = [performance.now(), process.cpuUsage()]
    await drain(jail.exec(['/bin/sh', '-c', 'sleep 1']))
    const { user, system } = process.cpuUsage(used)
    const part = (user + system) / 1000 / (performance.now() - from)
    assert.ok(part < 0.5, `busy for ${(part * 100).toFixed(0)} % of the time`)
  }))

test('clones that follow each other at once do not collide', () =>
  withJail('cloned', async (jail) => {
    const copies = ['copy1', 'copy2', 'copy3'].map((name) => new JailGenerator(name, { host: world.host }))
    for (const copy of copies) await drain(jail.cloneToDataset(copy.datasetName))
    const origins = copies.map(({ releaseSnapshot }) => releaseSnapshot)
    assert.is(new Set(origins).size, 3)
    for (const copy of copies) await drain(copy.destroy())
  }))

test('MAC addresses are hexadecimal, and pairs may be written as iocage does', async () => {
  const config = new JailConfig('web').set('interfaces', 'vnet0:bridge0')
  for (const wrong of [
    'zz:ff:60:00:00:01',
    '02ff60',
    '02ff6000000g,02ff60000002',
    '02ff60000001,02ff60000002,02ff60000003',
  ]) {
    assert.instance(await thrown(() => config.set('vnet0_mac', wrong)), InvalidJailConfigValue, wrong)
  }
  config.set('vnet0_mac', '02ff60000001 02ff60000002')
  const written = config.getstring('vnet0_mac')
  assert.equal(config.set('vnet0_mac', '02:ff:60:00:00:01,02-ff-60-00-00-02').getstring('vnet0_mac'), written)
})

test('what was mounted first is unmounted last', () =>
  withJail('mounted', async (jail) => {
    const mounts = ['first', 'second', 'third'].map((name) => join(jail.rootPath, name))
    for (const destination of mounts) {
      mkdirSync(destination)
      await drain(jail.fstab.addLine({ source: 'tmpfs', destination, type: 'tmpfs', options: ['rw'] }))
    }
    await drain(jail.start())
    const events = await collect(jail.stop({ plan: true }))
    const planned = events.flatMap(({ payload }) => (payload as { effect?: PlannedEffect }).effect ?? [])
    const targets = planned.map(({ args }) => (args as { target?: string }).target)
    assert.equal(
      targets.filter((target) => target !== undefined && mounts.includes(target)),
      mounts.toReversed(),
    )
    await drain(jail.stop())
  }))

test('defaults refuse what no jail can have', async () => {
  const defaults = new DefaultResourceGenerator(world.host)
  assert.instance(await thrown(() => drain(defaults.set({ host_hostnam: 'x' }))), UnknownConfigProperty)
  assert.instance(await thrown(() => drain(defaults.set({ mount_devfs: 'perhaps' }))), InvalidJailConfigValue)
})

test('names are refused in a time that grows with their length', () => {
  const refuse = (length: number): number => {
    const name = `${'a-'.repeat(length / 2)}!`
    const from = process.cpuUsage()
    for (let time = 0; time < 2000; time++) {
      try {
        new JailGenerator({ name }, { host: world.host })
      } catch {}
    }
    const { user, system } = process.cpuUsage(from)
    return user + system
  }
  refuse(24)
  const ratios = Array.from({ length: 5 }, () => refuse(10_000) / refuse(1000)).sort((a, b) => a - b)
  assert.ok((ratios[0] as number) <= 10, `ten times the length took ${ratios} times the time`)
})

test.run()
