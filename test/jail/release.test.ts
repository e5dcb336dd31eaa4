import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, drain } from '@gaoler/core'
import {
  Host,
  HostGenerator,
  HostReleaseUnknown,
  JailGenerator,
  Release,
  ReleaseGenerator,
  ReleaseHasDependents,
  ReleaseNotFetched,
} from '@gaoler/jail'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/release')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-release-'))
const options = { platform: 'embedded', directory: join(directory, 'host') } as const
const host = HostGenerator.open(options)
let mirror: string
let name: string

test.before(async () => {
  const made = await makeSmallRelease(join(directory, 'mirror'))
  mirror = made.mirror
  name = made.name
})
test.after(() => rmSync(directory, { recursive: true, force: true }))

test('patch levels are the snapshots of the root, the newest first', async () => {
  const release = new ReleaseGenerator(name, { host })
  assert.equal([release.exists, release.versionSnapshots, release.currentSnapshotPatchlevel], [false, [], null])
  await drain(release.fetch({ mirror }))
  for (const tag of ['p10', 'other', 'p9']) await host.zfs.snapshot([`${release.rootDatasetName}@${tag}`])
  const at = (level: string): string => `${release.rootDatasetName}@${level}`
  assert.equal(release.versionSnapshots, ['p10', 'p9', 'p0'].map(at))
  assert.equal([release.currentSnapshotPatchlevel, release.currentSnapshot], [10, at('p10')])
  assert.is(new ReleaseGenerator(`${name}-p9`, { host }).currentSnapshotPatchlevel, 9)
  assert.is(new ReleaseGenerator(`${name}-p3`, { host }).currentSnapshotPatchlevel, null)
})

test('versions are numbers, and compared with the kernel of the host', async () => {
  const version = (release: string): number => new ReleaseGenerator(release, { host }).versionNumber
  assert.equal(['14.3-RELEASE', '9.0-STABLE', 'CURRENT', '15-CURRENT'].map(version), [14.3, 9, 0, 15])
  const seen = Object.create(host, { releaseVersion: { value: '14.3-RELEASE' }, with: { value: () => seen } })
  const newer = (release: string): boolean => new ReleaseGenerator(release, { host: seen }).newerThanHost
  assert.equal(['9.0-RELEASE', '14.9-RELEASE', '15.0-RELEASE', 'CURRENT'].map(newer), [false, false, true, true])
  if (process.platform !== 'freebsd') {
    assert.instance(await thrown(() => new ReleaseGenerator(name, { host }).newerThanHost), HostReleaseUnknown)
  }
})

test('a release that jails need, or whose snapshots are held, is not destroyed; one that nobody needs is', async () => {
  const release = new ReleaseGenerator(name, { host })
  if (!release.fetched) await drain(release.fetch({ mirror }))
  const jail = new JailGenerator('needs', { host })
  await drain(jail.create(release))
  const held = `${release.rootDatasetName}@p0`
  await host.zfs.hold({ [held]: 'keep' })
  const error = await thrown<ReleaseHasDependents>(() => drain(release.destroy()))
  assert.instance(error, ReleaseHasDependents)
  assert.equal(error.details, { release: name, clones: [jail.rootDatasetName], holds: [`${held} (keep)`] })
  assert.match(error.message, jail.rootDatasetName)
  assert.ok(release.fetched && jail.exists, 'nothing was touched')
  await drain(jail.destroy())
  await host.zfs.release({ [held]: ['keep'] })
  const planned = await collect(release.destroy({ plan: true }))
  assert.ok(planned.every((event) => event.planned) && release.exists)
  await drain(release.destroy())
  assert.not(release.exists)
  assert.instance(await thrown(() => drain(release.destroy())), ReleaseNotFetched)
})

test('scripts destroy releases too', async () => {
  const release = new Release(name, { host: Host.open(options) })
  if (!release.fetched) release.fetch({ mirror })
  const events = release.destroy()
  assert.equal([events[0]?.type, events[0]?.identifier], ['ReleaseDestroy', name])
  assert.not(release.exists)
})

test.run()
