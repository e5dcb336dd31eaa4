import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { type Finding, Host, HostGenerator, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { Killer } from './kills.ts'

const test = suite('jail/doctor')
let world: JailWorld
let host: HostGenerator

test.before(async () => {
  world = await embeddedWorld()
  host = HostGenerator.open(world.host.options)
})
test.after(() => world.close())

const kinds = (findings: readonly Finding[]): string[] => findings.map(({ kind }) => kind)

/** Runs what mends each finding, and asserts that nothing is found any more. */
async function mend(expected: string[]): Promise<void> {
  const before = await world.snapshot()
  const findings = host.doctor()
  assert.equal(kinds(findings), expected)
  assert.is(await world.snapshot(), before, 'looking changes nothing')
  for (const { remedy, message } of findings) {
    assert.ok(message)
    if (remedy) await drain(remedy())
  }
  assert.equal(host.doctor(), [])
}

test('a host that is in order has no findings', async () => {
  const jail = new JailGenerator('fine', { host })
  await drain(jail.create(world.release))
  await drain(jail.start())
  assert.equal(host.doctor(), [])
  await drain(jail.destroy({ forceStop: true }))
})

test('what a dead process left is found with its lock, and recovered', async () => {
  const killer = new Killer()
  const job = { options: host.options, release: world.release, verb: 'create', jail: 'web', kill: 4, after: true }
  assert.ok(await killer.run(job))
  killer.close()
  const findings = host.doctor()
  assert.equal(kinds(findings), ['dead-journal', 'stale-lock'])
  const [journal] = findings
  assert.is(journal?.kind, 'dead-journal')
  assert.match(journal?.message ?? '', /died in JailCreate of web/)
  await mend(['dead-journal', 'stale-lock'])
})

test('a jail that runs and whose dataset is gone is found, and can be stopped', async () => {
  const jail = new JailGenerator('lost', { host })
  for (const last of [false, true]) {
    await drain(jail.create(world.release))
    await drain(jail.start())
    for (const name of [jail.rootDatasetName, jail.datasetName]) {
      await host.zfs.unmount(name)
      await host.zfs.destroy(name)
    }
    assert.equal([jail.exists, jail.running], [false, true])
    if (last) await mend(['jail-without-dataset'])
    else await drain(jail.stop())
    assert.ok(jail.stopped)
  }
})

test('a jail without a configuration is found, and its remedy destroys it', async () => {
  const jail = new JailGenerator('bare', { host })
  await drain(jail.create(world.release))
  rmSync(jail.configFile)
  await mend(['jail-without-config'])
  assert.not.ok(jail.exists)
})

test('a jail whose configuration is in the formats of old iocage has one', async () => {
  const jail = new JailGenerator('legacy', { host })
  await drain(jail.create(world.release))
  for (const configType of ['ucl', 'zfs'] as const) {
    await drain(jail.save({ configType }))
    assert.equal(host.doctor(), [])
  }
  await drain(jail.destroy())
})

test('a script mends a finding by a call that blocks, sees it planned before, and mends nothing twice', async () => {
  const blocking = Host.open(host.options)
  const jail = new JailGenerator('bare', { host })
  await drain(jail.create(world.release))
  rmSync(jail.configFile)
  const [found] = blocking.doctor()
  assert.is(found?.kind, 'jail-without-config')
  assert.ok(found?.remedy?.({ plan: true }).some(({ planned }) => planned))
  assert.ok(jail.exists)
  assert.equal(found?.remedy?.().at(-1)?.type, 'JailDestroy')
  assert.not(jail.exists)
  assert.is(found?.remedy?.().at(-1)?.state, 'skipped')
  assert.equal(blocking.doctor(), [])
})

test('a jail without a root is found, and its remedy destroys it', async () => {
  const jail = new JailGenerator('rootless', { host })
  await drain(jail.create(world.release))
  await host.zfs.unmount(jail.rootDatasetName)
  await host.zfs.destroy(jail.rootDatasetName)
  await mend(['jail-without-root'])
  assert.not.ok(jail.exists)
})

test('a configuration that cannot be read is found, and left to a person', async () => {
  const jail = new JailGenerator('garbled', { host })
  await drain(jail.create(world.release))
  writeFileSync(jail.configFile, '{ not json')
  const [finding] = host.doctor()
  assert.is(finding?.kind, 'unreadable-config')
  assert.is(finding?.remedy, null)
  writeFileSync(jail.configFile, '{}')
  await drain(jail.destroy())
})

test('a snapshot that was made for a clone that is not there is found and destroyed', async () => {
  const jail = new JailGenerator('cloned', { host })
  await drain(jail.create(world.release))
  await host.zfs.snapshot([`${jail.rootDatasetName}@clone20260102030405678901234`])
  await mend(['orphaned-snapshot'])
  await drain(jail.destroy())
})

test('what a platform keeps of a jail whose removal was broken off is found, and removed', async () => {
  const jail = new JailGenerator('halfway', { host })
  await drain(jail.create(world.release))
  await drain(jail.start())
  const record = join(host.runDirectory, 'jails', `${jail.identifier}.json`)
  writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), removing: true }))
  await mend(['jail-leftover'])
  await drain(jail.destroy())
})

test('a lock whose holder has died is found and taken away, a journal that cannot be read is told of', async () => {
  const directory = join(host.runDirectory, 'locks')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `${encodeURIComponent('embedded/iocage/jails/gone')}.lock`), '', { mode: 0o600 })
  await mend(['stale-lock'])
  mkdirSync(host.journalDirectory, { recursive: true })
  const journal = join(host.journalDirectory, '0-odd.journal')
  writeFileSync(journal, 'odd\n', { mode: 0o600 })
  assert.equal(kinds(host.doctor()), ['damaged-journal'])
  rmSync(journal)
})

test.run()
