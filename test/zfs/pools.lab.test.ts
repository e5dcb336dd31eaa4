import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drain, reviveError, type SerialisedError } from '@gaoler/core'
import {
  DatasetBusy,
  DeviceInUse,
  DeviceNameInvalid,
  DeviceNotFound,
  DeviceTooSmall,
  NameInvalid,
  NameTooLong,
  openZfs,
  PermissionDenied,
  PoolBusy,
  PoolExists,
  PoolNotFound,
  type PoolStatus,
  PropertyInvalid,
  ReadOnlyPool,
  ScanNotRunning,
  scrubPool,
  trimPool,
  type Vdev,
  VdevIdle,
  VdevLayoutInvalid,
  VdevNeeded,
  VdevNotFound,
  VdevNotSupported,
  watchResilver,
} from '@gaoler/zfs'
import { poolsConformance } from '../conformance/zfs-pools.ts'
import { assert, suite, thrown } from '../harness.ts'
import { asNobody } from './nobody.ts'

const test = suite('zfs/pools')
const zfs = openZfs()
const { pools } = zfs
const directory = mkdtempSync(join(process.env.GAOLER_LAB_SCRATCH ?? '/tmp', 'pools-'))
const made = new Set<string>()
let devices = 0

test.after(() => {
  for (const pool of made) if (zfs.existsSync(pool)) pools.destroySync(pool, { force: true })
  rmSync(directory, { recursive: true, force: true })
})

/** New files for devices. */
function files(count: number, megabytes = 128): string[] {
  return Array.from({ length: count }, () => {
    const path = join(directory, `device${++devices}`)
    writeFileSync(path, '')
    truncateSync(path, megabytes * 1_048_576)
    return path
  })
}

/** A name of this test's own, which is destroyed in the end. */
function fresh(): string {
  const name = `gaolerpools${process.pid}x${made.size}`
  made.add(name)
  return name
}

const mirror = (...devices: string[]) => ({ data: [{ type: 'mirror', devices }] }) as const
const names = (vdevs: readonly Vdev[]): string[] => vdevs.map(({ name }) => name)
const leaves = ({ vdevs }: PoolStatus): readonly Vdev[] => vdevs.data.flatMap((top) => top.vdevs)

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

test('no name, device or path is ever an option of the command', async () => {
  const [device] = files(1) as [string]
  const hostile = ['-f', '--help', '', 'a\0b', 'a/b', 'a@b', '1a', 'x'.repeat(300), '$(touch x)', 'a\nb']
  for (const name of hostile) {
    for (const call of [
      () => pools.create(name, { vdevs: { data: [device] } }),
      () => pools.destroy(name),
      () => pools.status(name),
      () => pools.get(name, []),
      () => pools.set(name, { comment: 'x' }),
      () => pools.export(name),
      () => pools.import(name),
      () => pools.import('tank', { newName: name }),
      () => pools.add(name, { data: [device] }),
      () => pools.split('tank', name),
      () => pools.scrub(name),
      () => pools.upgrade(name),
      () => pools.history(name),
      () => pools.iostat(name).next(),
    ]) {
      const error = await thrown(call)
      assert.ok(error instanceof NameInvalid || error instanceof NameTooLong, `${call}: ${error}`)
    }
  }
  for (const device of [
    '-f',
    '',
    'mirror',
    'raidz2',
    'log',
    'spare',
    '../x',
    '/a\nb',
    '/a\0b',
    `/${'x'.repeat(2000)}`,
  ]) {
    for (const call of [
      () => pools.create('tank', { vdevs: { data: [device] } }),
      () => pools.add('tank', { cache: [device] }),
      () => pools.attach('tank', '/a', device),
      () => pools.attach('tank', device, '/a'),
      () => pools.detach('tank', device),
      () => pools.replace('tank', device),
      () => pools.offline('tank', device),
      () => pools.online('tank', device),
      () => pools.clear('tank', device),
      () => pools.remove('tank', [device]),
      () => pools.trim('tank', { devices: [device] }),
    ]) {
      const error = await thrown(call)
      assert.instance(error, DeviceNameInvalid, `${call}: ${error}`)
    }
  }
  for (const path of ['-R', 'relative', '/a\nb']) {
    assert.is((await thrown(() => pools.import('tank', { directories: [path] }))).name, 'ArgumentInvalid')
    assert.is((await thrown(() => pools.import('tank', { altroot: path }))).name, 'ArgumentInvalid')
    assert.is((await thrown(() => pools.importable({ devices: [path] }))).name, 'ArgumentInvalid')
  }
  for (const call of [
    () => pools.scrub('tank', { command: '-s' as 'stop' }),
    () => pools.trim('tank', { command: 'x' as 'start' }),
    () => pools.trim('tank', { rate: -1 }),
    () => pools.remove('tank', []),
    () => pools.iostat('tank', { interval: 0 }).next(),
    () => pools.events({ from: -1n }).next(),
  ]) {
    assert.is((await thrown(call)).name, 'ArgumentInvalid', String(call))
  }
})

test('what is not there is PoolNotFound for every command', async () => {
  for (const call of [
    () => pools.destroy('nosuch'),
    () => pools.status('nosuch'),
    () => pools.get('nosuch', []),
    () => pools.set('nosuch', { comment: 'x' }),
    () => pools.import('nosuch', { directories: [directory] }),
    () => pools.add('nosuch', { data: files(1) }),
    () => pools.detach('nosuch', '/a'),
    () => pools.scrub('nosuch'),
    () => pools.upgrade('nosuch'),
    () => pools.history('nosuch'),
    () => pools.iostat('nosuch').next(),
  ]) {
    const error = await thrown(call)
    assert.instance(error, PoolNotFound, `${call}: ${error}`)
  }
})

test('a pool that was exported is found by its labels, and imported under another name and read-only', async () => {
  const name = fresh()
  const device = files(1)
  await pools.create(name, { vdevs: { data: device }, mountpoint: 'none' })
  await zfs.create(`${name}/a`)
  const { guid } = await pools.get(name, [])
  const search = { devices: device }
  assert.equal(await pools.importable(search), [], 'it is imported')
  await pools.export(name)
  const [found] = await pools.importable({ directories: [directory] })
  assert.equal(found, { ...found, name, guid, state: 'exported', devices: device, missing: 0 })
  assert.equal(pools.importableSync(search), [found])

  const renamed = fresh()
  await pools.import(name, { ...search, newName: renamed, readonly: true, altroot: join(directory, 'alt') })
  assert.is(zfs.existsSync(name), false)
  const { properties } = await pools.get(renamed, ['readonly', 'altroot'])
  assert.equal([properties.readonly?.value, properties.altroot?.value], [true, join(directory, 'alt')])
  for (const call of [
    () => pools.set(renamed, { comment: 'x' }),
    () => pools.scrub(renamed),
    () => pools.add(renamed, { data: files(1) }),
    () => pools.clear(renamed),
    () => zfs.create(`${renamed}/b`),
  ]) {
    const error = await thrown(call)
    assert.instance(error, ReadOnlyPool, `${call}: ${error}`)
  }
  await pools.export(renamed)
  const taken = fresh()
  await pools.create(taken, { vdevs: { data: files(1) }, mountpoint: 'none' })
  const error = await thrown<PoolExists>(() => pools.import(guid, { ...search, newName: taken }))
  assert.instance(error, PoolExists, String(error))
  assert.is(error.details.name, taken)
  await pools.import(guid, { ...search, newName: renamed, mount: false })
  assert.is(zfs.existsSync(`${renamed}/a`), true)
})

test('devices are attached, replaced, taken offline, cleared and detached', async () => {
  const name = fresh()
  const [a, b, c, d] = files(4) as [string, string, string, string]
  await pools.create(name, { vdevs: { data: [a] }, mountpoint: 'none' })
  assert.instance(await thrown(() => pools.offline(name, a)), VdevNeeded)
  await pools.attach(name, a, b)
  await zfs.wait(name, 'resilver')
  assert.is((await pools.status(name)).scan?.kind, 'resilver')
  await pools.offline(name, a)
  const degraded = await pools.status(name)
  assert.equal([degraded.state, leaves(degraded)[0]?.state], ['DEGRADED', 'OFFLINE'])
  assert.match(String(degraded.action), /zpool online/)
  const needed = await thrown<VdevNeeded>(() => pools.offline(name, b))
  assert.instance(needed, VdevNeeded)
  assert.is(needed.details.name, b)
  await pools.online(name, a)
  await zfs.wait(name, 'resilver')
  await pools.replace(name, leaves(await pools.status(name))[0]?.guid as bigint, c)
  assert.is((await drain(watchResilver(zfs, name)))?.state, 'finished')
  await zfs.wait(name, 'replace')
  assert.equal(names(leaves(await pools.status(name))), [c, b])
  await pools.clear(name)
  await pools.clear(name, b)
  await pools.detach(name, b)
  assert.equal(names((await pools.status(name)).vdevs.data), [c])
  assert.instance(await thrown(() => pools.detach(name, c)), VdevNotSupported)
  for (const call of [
    () => pools.detach(name, d),
    () => pools.attach(name, d, b),
    () => pools.offline(name, d),
    () => pools.online(name, d),
    () => pools.clear(name, d),
    () => pools.remove(name, [d]),
    () => pools.trim(name, { devices: [d] }),
  ]) {
    const error = await thrown<VdevNotFound>(call)
    assert.instance(error, VdevNotFound, `${call}: ${error}`)
  }
  const [tiny] = files(1, 1) as [string]
  assert.instance(await thrown(() => pools.attach(name, c, tiny)), DeviceTooSmall)
  assert.instance(await thrown(() => pools.attach(name, c, c)), DeviceInUse)
})

test('devices are added, evacuated and split off', async () => {
  const name = fresh()
  const [a, b, c, d, log] = files(5, 256) as [string, string, string, string, string]
  await pools.create(name, { vdevs: mirror(a, b), mountpoint: 'none' })
  assert.instance(await thrown(() => pools.add(name, { data: [c] })), VdevLayoutInvalid)
  await pools.add(name, { ...mirror(c, d), log: [log] })
  await pools.remove(name, [log])
  await pools.remove(name, ['mirror-1'])
  await zfs.wait(name, 'remove')
  const { removal, vdevs } = await pools.status(name)
  assert.is(removal?.state, 'finished')
  assert.equal([names(vdevs.data), vdevs.log], [['mirror-0'], []])
  assert.instance(await thrown(() => pools.cancelRemove(name)), VdevIdle)
  const other = fresh()
  assert.instance(await thrown(() => pools.split(name, name)), PoolExists)
  await pools.upgrade(name)
  const plain = fresh()
  await pools.create(plain, { vdevs: { data: [c] }, mountpoint: 'none', force: true })
  assert.instance(await thrown(() => pools.split(plain, other)), VdevLayoutInvalid)
})

test('a mirror is split into two pools', async () => {
  const name = fresh()
  const [a, b] = files(2) as [string, string]
  await pools.create(name, { vdevs: mirror(a, b), mountpoint: 'none' })
  const other = fresh()
  await pools.split(name, other)
  const found = await pools.importable({ devices: [a, b] })
  assert.equal(
    found.map((pool) => [pool.name, pool.devices]),
    [[other, [b]]],
  )
  await pools.import(other, { devices: [b] })
  assert.equal(names((await pools.status(name)).vdevs.data), [a])
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

test('samples are taken for as long as somebody wants them', async () => {
  const name = fresh()
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint: 'none' })
  const seen = []
  for await (const sample of pools.iostat(name, { interval: 0.1 })) {
    seen.push(sample)
    if (seen.length === 2) break
  }
  assert.ok(seen.every(({ pool, free, readBytes }) => pool === name && free > 0n && typeof readBytes === 'bigint'))
  assert.is([...pools.iostatSync(name, { interval: 0.1, count: 2 })].length, 2)
  const abort = new AbortController()
  const endless = pools.iostat(name, { interval: 3600, signal: abort.signal }).next()
  abort.abort()
  assert.is((await thrown(() => endless)).name, 'OperationCancelled')
})

/** The kernel's switch that holds a scan where it is: so small a pool would be scrubbed before anybody looks. */
async function heldScrub(body: (release: () => void) => Promise<void>): Promise<void> {
  const hold = (on: '0' | '1'): void => writeFileSync('/sys/module/zfs/parameters/zfs_scan_suspend_progress', on)
  hold('1')
  try {
    await body(() => hold('0'))
  } finally {
    hold('0')
  }
}

test('a scrub and a trim tell their progress to the end, and who leaves stops them', async () => {
  const name = fresh()
  await pools.create(name, { vdevs: mirror(...files(2)), mountpoint: 'none' })
  assert.instance(await thrown(() => pools.scrub(name, { command: 'stop' })), ScanNotRunning)
  await heldScrub(async (release) => {
    const seen: string[] = []
    for await (const event of scrubPool(zfs, name)) {
      seen.push(`${event.type} ${event.state}`)
      if (event.state !== 'progress') continue
      assert.is(event.progress?.unit, 'bytes')
      assert.ok((event.progress?.total ?? 0) > 0)
      if (seen.length === 2) {
        assert.instance(await thrown(() => pools.scrub(name)), PoolBusy)
        await pools.scrub(name, { command: 'pause' })
        assert.is((await pools.status(name)).scan?.state, 'paused')
        await pools.scrub(name)
        release()
      }
    }
    assert.equal(
      [seen[0], seen[1], seen.at(-1)],
      ['ZFSPoolScrub pending', 'ZFSPoolScrub progress', 'ZFSPoolScrub done'],
    )
  })
  assert.equal((await pools.status(name)).scan?.state, 'finished')
  await heldScrub(async () => {
    for await (const event of scrubPool(zfs, name)) if (event.state === 'progress') break
    assert.is((await pools.status(name)).scan?.state, 'canceled')
  })
  const trimmed = await drain(trimPool(zfs, name))
  assert.equal(
    leaves(trimmed).map(({ trim }) => trim?.state),
    ['complete', 'complete'],
  )
  assert.instance(await thrown(() => pools.trim(name, { command: 'cancel' })), VdevIdle)
  await pools.initialize(name)
  await zfs.wait(name, 'initialize')
  assert.is(leaves(await pools.status(name))[0]?.initialize?.state, 'complete')
  assert.instance(await thrown(() => pools.initialize(name, { command: 'cancel' })), VdevIdle)
  assert.instance(await thrown(() => drain(scrubPool(zfs, 'nosuch'))), PoolNotFound)
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

test('history is exact, whatever was typed', async () => {
  const name = fresh()
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint: 'none' })
  const forged = 'x\n2026-01-01.00:00:00 zpool destroy everything'
  await zfs.set(name, { 'gaoler:x': forged })
  await zfs.snapshot([`${name}@one`])
  await zfs.sync(name, { force: true })
  const commands = await pools.history(name)
  assert.equal(
    commands.map(({ kind }) => kind),
    ['command', 'command'],
  )
  assert.match(String(commands[0]?.text), new RegExp(`^zpool create .*${name} `))
  assert.is(commands[1]?.text, `zfs set gaoler:x=${forged} ${name}`)
  assert.ok(commands.every(({ uid, host, at }) => uid === 0n && host !== null && at.getTime() > 1.7e12))
  const all = pools.historySync(name, { internal: true })
  const call = all.find(({ kind, text }) => kind === 'ioctl' && text === 'snapshot')
  assert.ok((call?.input?.get('snaps') as Map<string, unknown> | undefined)?.has(`${name}@one`))
  const noted = all.find(({ kind, text }) => kind === 'internal' && text === 'snapshot')
  assert.equal([noted?.dataset, typeof noted?.txg], [`${name}@one`, 'bigint'])
})

test('events tell what happens to pools, and end when the consumer leaves', async () => {
  const name = fresh()
  const seen: string[] = []
  let last = 0n
  const watching = (async () => {
    for await (const event of pools.events({ pool: name, from: 'oldest' })) {
      assert.is(event.pool, name)
      assert.ok(event.id > last)
      last = event.id
      seen.push(event.class)
      if (event.class.endsWith('scrub_finish')) return
    }
  })()
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint: 'none' })
  await pools.scrub(name)
  await watching
  const short = seen.map((each) => each.replace('sysevent.fs.zfs.', ''))
  for (const wanted of ['pool_create', 'scrub_start', 'scrub_finish']) assert.ok(short.includes(wanted), short.join())
  // From where one was, and without waiting for more.
  const later = [...pools.eventsSync({ from: last, follow: false, pool: name })].map((event) => event.class)
  assert.ok(!later.includes('sysevent.fs.zfs.pool_create'), later.join())
  const abort = new AbortController()
  const none = pools.events({ signal: abort.signal, pool: 'nosuch' }).next()
  abort.abort()
  assert.equal(await none, { value: undefined, done: true })
})

test.run()
