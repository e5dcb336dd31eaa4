import { join } from 'node:path'
import { drain } from '@gaoler/core'
import {
  DeviceInUse,
  DeviceTooSmall,
  PoolExists,
  ReadOnlyPool,
  VdevIdle,
  VdevLayoutInvalid,
  VdevNeeded,
  VdevNotFound,
  VdevNotSupported,
  watchResilver,
} from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { cleanUp, directory, files, fresh, leaves, mirror, names, pools, zfs } from './pools-fixture.ts'

const test = suite('zfs/pool-devices')
test.after(cleanUp)

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

test.run()
