import { join } from 'node:path'
import { reviveError, type SerialisedError } from '@gaoler/core'
import {
  DatasetBusy,
  DeviceInUse,
  DeviceNotFound,
  DeviceTooSmall,
  NameInvalid,
  openZfs,
  PermissionDenied,
  PoolExists,
  PropertyInvalid,
  type Vdev,
  VdevLayoutInvalid,
} from '@gaoler/zfs'
import { poolsConformance } from '../conformance/zfs-pools.ts'
import { assert, suite, thrown } from '../harness.ts'
import { asNobody } from './nobody.ts'
import { cleanUp, directory, files, fresh, mirror, names, pools, zfs } from './pools-fixture.ts'

const test = suite('zfs/pools')
test.after(cleanUp)

// The tests below are on the other face.
poolsConformance('zfs/pools openzfs', () => {
  const own = new Set<string>()
  return {
    zfs,
    fresh: () => {
      const name = fresh()
      own.add(name)
      return name
    },
    options: () => ({ vdevs: { data: files(1) }, mountpoint: 'none' }),
    close: () => {
      for (const name of own) if (zfs.existsSync(name)) pools.destroySync(name)
    },
  }
}, ['sync'])

test('a pool of every class of devices is described as a tree', async () => {
  const name = fresh()
  const [a, b, log, cache, spare, special, dedup] = files(7) as [string, ...string[]] as string[]
  await pools.create(name, {
    vdevs: {
      ...mirror(a as string, b as string),
      log: [log as string],
      cache: [cache as string],
      spares: [spare as string],
      special: [special as string],
      dedup: [dedup as string],
    },
    force: true,
    properties: { comment: '-f in $(x) and "quotes"', autotrim: true, ashift: 12 },
    fsProperties: { compression: 'zstd' },
    mountpoint: 'none',
  })
  const status = await pools.status(name)
  assert.equal([status.name, status.state, status.errors, status.scan], [name, 'ONLINE', 0n, null])
  const [top] = status.vdevs.data as [Vdev]
  assert.equal([top.type, top.name, names(top.vdevs)], ['mirror', 'mirror-0', [a, b]])
  assert.equal(
    (['log', 'special', 'dedup', 'cache', 'spares'] as const).map((each) => names(status.vdevs[each])),
    [[log], [special], [dedup], [cache], [spare]],
  )
  const [leaf] = top.vdevs as [Vdev]
  assert.equal([leaf.path, leaf.state, leaf.readErrors, leaf.trim?.state], [a, 'ONLINE', 0n, 'none'])
  assert.ok(leaf.guid > 0n)

  const { properties, guid } = await pools.get(name, ['comment', 'autotrim', 'ashift', 'size', 'capacity', 'cachefile'])
  assert.is(guid, status.guid)
  assert.equal(
    Object.entries(properties).map(([key, { value, source }]) => [key, key === 'size' ? typeof value : value, source]),
    [
      ['comment', '-f in $(x) and "quotes"', 'local'],
      ['autotrim', true, 'local'],
      ['ashift', 12n, 'local'],
      ['size', 'bigint', 'none'],
      ['capacity', 0, 'none'],
      ['cachefile', null, 'default'],
    ],
  )
  assert.is(zfs.getSync(name, ['compression']).properties.compression?.value, 'zstd')
  // The form of older versions says the same.
  const older = openZfs({ json: false }).pools
  assert.equal(await older.get(name, ['comment', 'size', 'alloc']), await pools.get(name, ['comment', 'size', 'alloc']))
  assert.is((await thrown(() => older.status(name))).name, 'CallNotSupported')
  assert.ok(pools.listSync().some((pool) => pool.name === name && pool.state === 'ONLINE'))

  pools.setSync(name, { comment: '', autotrim: 'off' })
  assert.is((await pools.get(name, ['autotrim'])).properties.autotrim?.value, false)
  for (const [property, value] of [
    ['size', '1'],
    ['autotrim', 'maybe'],
    ['nosuch', '1'],
    ['-o', '1'],
    ['a=b', '1'],
  ]) {
    const error = await thrown<PropertyInvalid>(() => pools.set(name, { [property as string]: value as string }))
    assert.instance(error, PropertyInvalid, `${property}: ${error}`)
    assert.is(error.details.property, property)
  }
  assert.instance(await thrown(() => pools.get(name, ['nosuch'])), PropertyInvalid)
})

test('a raidz and a draid are made', async () => {
  const raidz = fresh()
  await pools.create(raidz, { vdevs: { data: [{ type: 'raidz1', devices: files(3) }] }, mountpoint: 'none' })
  assert.equal((await pools.status(raidz)).vdevs.data[0]?.type, 'raidz')
  const draid = fresh()
  pools.createSync(draid, {
    vdevs: { data: [{ type: 'draid1', devices: files(4), data: 2, spares: 1 }] },
    mountpoint: 'none',
  })
  assert.equal((await pools.status(draid)).vdevs.data[0]?.name, 'draid1:2d:4c:1s-0')
  await pools.destroy(draid)
  await pools.destroy(raidz)
})

test('what cannot be created says which device or name is at fault', async () => {
  const name = fresh()
  const [used, free, other] = files(3) as [string, string, string]
  const [tiny] = files(1, 1) as [string]
  await pools.create(name, { vdevs: { data: [used] }, mountpoint: 'none' })
  const create = (device: string, pool = `${name}b`, options = {}) =>
    thrown<PoolExists>(() => pools.create(pool, { vdevs: { data: [device] }, mountpoint: 'none', ...options }))
  const cases = [
    [await create(free, name), PoolExists, name],
    [await create(used), DeviceInUse, used],
    [await create(used, `${name}b`, { force: true }), DeviceInUse, used],
    [await create(join(directory, 'nosuch')), DeviceNotFound, join(directory, 'nosuch')],
    [await create('nosuchdisk'), DeviceNotFound, undefined],
    [await create(tiny), DeviceTooSmall, undefined],
    [await create(free, 'mirror'), NameInvalid, 'mirror'],
    [await create(free, `${name}b`, { properties: { ashift: 99 } }), PropertyInvalid, `${name}b`],
    [await create(free, `${name}b`, { fsProperties: { compression: 'nosuch' } }), PropertyInvalid, `${name}b`],
    [await create(free, `${name}b`, { vdevs: mirror(free) }), VdevLayoutInvalid, `${name}b`],
    [
      await create(free, `${name}b`, { vdevs: { data: [free, { type: 'mirror', devices: [other, tiny] }] } }),
      VdevLayoutInvalid,
      `${name}b`,
    ],
  ] as const
  for (const [error, kind, about] of cases) {
    assert.instance(error, kind, String(error))
    if (about !== undefined) assert.is(error.details.name, about, String(error))
    if (!(error instanceof NameInvalid)) assert.ok(String(error.details.stderr).length > 10)
  }
  // A root filesystem that cannot be mounted: nothing is left behind.
  assert.is((await create(free, `${name}b`, { mountpoint: '/proc/x' })).name, 'ZFSCommandFailed')
  assert.is(zfs.existsSync(`${name}b`), false)
})

test('a pool in use is neither exported nor destroyed', async () => {
  const name = fresh()
  const mountpoint = join(directory, 'mounted')
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint })
  const before = process.cwd()
  process.chdir(mountpoint)
  try {
    assert.instance(await thrown(() => pools.export(name)), DatasetBusy)
    assert.instance(await thrown(() => pools.destroy(name)), DatasetBusy)
  } finally {
    process.chdir(before)
  }
})

test('who is not root may look, and is told what he may not', async () => {
  const name = fresh()
  const [device] = files(1) as [string]
  await pools.create(name, { vdevs: { data: [device] }, mountpoint: 'none' })
  const calls = [
    ['pools.status', name],
    ['pools.list'],
    ['pools.scrub', name],
    ['pools.set', name, { comment: 'x' }],
    ['pools.clear', name, device],
    ['pools.export', name],
    ['pools.destroySync', name],
    ['pools.history', name],
  ]
  const answers = asNobody<{ answer?: unknown; error?: SerialisedError }>(calls)
  assert.ok(answers[0]?.answer && answers[1]?.answer)
  for (const [index, { error }] of answers.slice(2).entries()) {
    assert.instance(reviveError(error as SerialisedError), PermissionDenied, String(calls[index + 2]))
  }
})

test.run()
