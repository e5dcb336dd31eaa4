import {
  DatasetBusy,
  DatasetTypeInvalid,
  FilesystemExists,
  FilesystemNameInvalid,
  FilesystemNotFound,
  MAX_NAME_LENGTH,
  NameInvalid,
  NameTooLong,
  NotClone,
  ParentNotFound,
  PoolsDiffer,
  PropertyInvalid,
  poolOf,
  SnapshotExists,
  SnapshotMismatch,
  SnapshotNameInvalid,
  SnapshotNotFound,
  WrongParent,
} from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, namesOf, refused } from './bench.ts'

/** Making, cloning, renaming, promoting and destroying datasets. */
export function datasetBehaviour({ test, zfs, root, fresh, filesystem, value }: Bench): void {
  test('create makes a filesystem that exists and is not mounted', async () => {
    const name = fresh()
    assert.is(await zfs.exists(name), false)
    await zfs.create(name)
    assert.is(await zfs.exists(name), true)
    assert.is(await value(name, 'mounted'), false)
    assert.is((await zfs.get(name, [])).type, 'filesystem')
  })

  test('create makes a volume of the size given', async () => {
    const name = fresh()
    await zfs.create(name, { type: 'zvol', props: { volsize: 1_048_576n } })
    const { type, properties } = await zfs.get(name, ['volsize'])
    assert.is(type, 'volume')
    assert.is(properties.volsize.value, 1_048_576n)
  })

  test('create refuses a name that is taken, the pool included', async () => {
    const name = await filesystem()
    await failure(FilesystemExists, name, () => zfs.create(name))
    await failure(FilesystemExists, poolOf(name), () => zfs.create(poolOf(name)))
  })

  test('create refuses a missing parent, also that of a missing pool', async () => {
    const name = `${fresh()}/child`
    await failure(ParentNotFound, name, () => zfs.create(name))
    await failure(ParentNotFound, 'nosuchpool/a', () => zfs.create('nosuchpool/a'))
  })

  test('create refuses a volume as parent', async () => {
    const volume = fresh()
    await zfs.create(volume, { type: 'zvol', props: { volsize: 1_048_576n } })
    await failure(WrongParent, `${volume}/child`, () => zfs.create(`${volume}/child`))
  })

  test('create refuses what is no type, and a volume without a size', async () => {
    await failure(DatasetTypeInvalid, undefined, () => zfs.create(fresh(), { type: 'zpool' as 'zvol' }))
    const name = fresh()
    await failure(PropertyInvalid, name, () => zfs.create(name, { type: 'zvol' }))
    assert.is(await zfs.exists(name), false)
  })

  test('create takes native properties, as a record or as a Map', async () => {
    const name = fresh()
    await zfs.create(name, { props: { quota: 10_485_760n, atime: 0n, mountpoint: 'none', 'gaoler:x': 'y z' } })
    const { properties } = await zfs.get(name, ['quota', 'atime', 'mountpoint', 'gaoler:x'])
    assert.equal(
      { ...properties },
      {
        quota: { value: 10_485_760n, source: 'local' },
        atime: { value: false, source: 'local' },
        mountpoint: { value: 'none', source: 'local' },
        'gaoler:x': { value: 'y z', source: 'local' },
      },
    )
    const other = fresh()
    await zfs.create(other, { props: new Map([['quota', 20_971_520n]]) })
    assert.is(await value(other, 'quota'), 20_971_520n)
  })

  test('create and clone take words, units and booleans as well', async () => {
    const name = fresh()
    const props = { quota: '10M', compression: 'zstd-3', atime: false, recsize: 65_536, refquota: 'none' }
    await zfs.create(name, { props })
    const { properties } = await zfs.get(name, ['quota', 'compression', 'atime', 'recordsize', 'refquota', 'recsize'])
    const values = Object.values(properties).map((property) => property.value)
    assert.equal(values, [10_485_760n, 'zstd-3', false, 65_536n, 0n, 65_536n])
    await zfs.snapshot([`${name}@x`])
    const clone = fresh()
    await zfs.clone(clone, `${name}@x`, { props: { quota: '1.5G', canmount: 'noauto', mountpoint: 'none' } })
    assert.is(await value(clone, 'quota'), 1_610_612_736n)
    assert.is(await value(clone, 'canmount'), 'noauto')
    const volume = fresh()
    await zfs.create(volume, { type: 'zvol', props: { volsize: '4M', volblocksize: '8k', compression: 'lz4' } })
    const found = (await zfs.get(volume, ['volsize', 'volblocksize', 'refreservation'])).properties
    assert.equal([found.volsize.value, found.volblocksize.value, found.refreservation.value], [4_194_304n, 8192n, 0n])
  })

  test('create refuses properties and values that cannot be, and says which', async () => {
    const wrong = { quota: 'lots', compression: 'best', atime: 2n, mountpoint: 1n, 'a:b': 1n, used: 1n, volsize: '1G' }
    const stored = { recordsize: 1000n, mountpoint: 'here', 'gaoler:long': 'x'.repeat(8192) }
    for (const [property, given] of [...Object.entries(wrong), ...Object.entries(stored)]) {
      const name = fresh()
      await refused(name, property, () => zfs.create(name, { props: { [property]: given } }))
      assert.is(await zfs.exists(name), false)
    }
    for (const props of [{ nosuch: 1n }, { quota: -1n }, { quota: 2n ** 64n }]) {
      const name = fresh()
      await failure(PropertyInvalid, name, () => zfs.create(name, { props }))
      assert.is(await zfs.exists(name), false)
    }
  })

  test('names that are not valid are refused by every call and exist nowhere', async () => {
    const bad = ['', '/', '/a', `${root()}/`, `${root()}//a`, `${root()}/a b\0c`, `${root()}/é`, `${root()}/.`,
      `${root()}/..`, '-r', `${root()}/a@`, `${root()}/a@b@c`, `${root()}/a@b/c`, `${root()}/%a`] // biome-ignore format: a table
    for (const name of bad) {
      assert.is(await zfs.exists(name), false, name)
      await failure(FilesystemNameInvalid, name, () => zfs.create(name))
      await failure(FilesystemNameInvalid, name, () => zfs.destroy(name))
      await failure(FilesystemNameInvalid, name, () => zfs.promote(name))
      await failure(NameInvalid, name, () => zfs.rename(name, fresh()))
      await failure(NameInvalid, name, () => zfs.get(name, []))
      await failure(NameInvalid, name, () => zfs.list({ root: name }))
      await failure(NameInvalid, name, () => zfs.set(name, { atime: 'off' }))
      await failure(NameInvalid, name, () => zfs.inherit(name, 'atime'))
      await failure(NameInvalid, name, () => zfs.mount(name))
      await failure(NameInvalid, name, () => zfs.unmount(name))
      await failure(SnapshotNameInvalid, name, () => zfs.getHolds(name))
    }
  })

  test('names of 255 bytes are taken and longer ones refused', async () => {
    const longest = `${root()}/`.padEnd(MAX_NAME_LENGTH, 'x')
    await failure(NameTooLong, `${longest}x`, () => zfs.create(`${longest}x`))
    assert.is(await zfs.exists(`${longest}x`), false)
    await zfs.create(longest)
    assert.is(await zfs.exists(longest), true)
    await zfs.destroy(longest)
  })

  test('names that mean something to JavaScript are ordinary names', async () => {
    const parent = await filesystem()
    const names = ['__proto__', 'constructor', 'toString', '0'].map((name) => `${parent}/${name}`)
    for (const name of names) await zfs.create(name)
    assert.equal(namesOf(await zfs.list({ root: parent, depth: 1 })).sort(), [parent, ...names].sort())
  })

  test('destroy takes a filesystem away, and refuses one that is missing', async () => {
    const name = await filesystem()
    await zfs.destroy(name)
    assert.is(await zfs.exists(name), false)
    await failure(FilesystemNotFound, name, () => zfs.destroy(name))
    await failure(FilesystemNotFound, 'nosuchpool/a', () => zfs.destroy('nosuchpool/a'))
  })

  test('destroy refuses a filesystem with children or with snapshots', async () => {
    const name = await filesystem()
    await zfs.create(`${name}/child`)
    await failure(DatasetBusy, name, () => zfs.destroy(name))
    await zfs.destroy(`${name}/child`)
    await zfs.snapshot([`${name}@x`])
    await failure(DatasetBusy, name, () => zfs.destroy(name))
    await zfs.destroySnaps([`${name}@x`])
    await zfs.destroy(name)
  })

  test('destroy refuses the name of a snapshot', async () => {
    const name = await filesystem()
    await zfs.snapshot([`${name}@x`])
    await failure(FilesystemNameInvalid, `${name}@x`, () => zfs.destroy(`${name}@x`))
  })

  test('rename moves a filesystem with its children and snapshots', async () => {
    const [from, to] = [await filesystem(), fresh()]
    await zfs.create(`${from}/child`)
    await zfs.snapshot([`${from}/child@x`])
    await zfs.rename(from, to)
    assert.is(await zfs.exists(from), false)
    assert.is(await zfs.exists(`${to}/child@x`), true)
  })

  test('rename refuses missing, taken, foreign and impossible targets', async () => {
    const [a, b] = [await filesystem(), await filesystem()]
    const missing = fresh()
    await failure(FilesystemNotFound, missing, () => zfs.rename(missing, fresh()))
    await failure(FilesystemExists, b, () => zfs.rename(a, b))
    await failure(FilesystemExists, a, () => zfs.rename(a, a))
    await failure(ParentNotFound, `${missing}/a`, () => zfs.rename(a, `${missing}/a`))
    await failure(PoolsDiffer, 'nosuchpool/a', () => zfs.rename(a, 'nosuchpool/a'))
    await failure(WrongParent, `${a}/a`, () => zfs.rename(a, `${a}/a`))
    await failure(FilesystemNameInvalid, `${a}/é`, () => zfs.rename(a, `${a}/é`))
    assert.is(await zfs.exists(a), true)
  })

  test('rename renames a snapshot within its filesystem only', async () => {
    const [a, b] = [await filesystem(), await filesystem()]
    await zfs.snapshot([`${a}@x`])
    await zfs.rename(`${a}@x`, `${a}@y`)
    assert.is(await zfs.exists(`${a}@x`), false)
    assert.is(await zfs.exists(`${a}@y`), true)
    await failure(SnapshotNotFound, `${a}@x`, () => zfs.rename(`${a}@x`, `${a}@z`))
    await zfs.snapshot([`${a}@x`])
    await failure(SnapshotExists, `${a}@y`, () => zfs.rename(`${a}@x`, `${a}@y`))
    await failure(SnapshotMismatch, `${b}@x`, () => zfs.rename(`${a}@x`, `${b}@x`))
    await failure(SnapshotNameInvalid, b, () => zfs.rename(`${a}@x`, b))
  })

  test('clone makes a filesystem of a snapshot and names its origin', async () => {
    const [origin, clone] = [await filesystem(), fresh()]
    await zfs.snapshot([`${origin}@x`])
    await zfs.clone(clone, `${origin}@x`, { props: { 'gaoler:x': 'cloned' } })
    assert.is(await value(clone, 'origin'), `${origin}@x`)
    assert.is(await value(clone, 'gaoler:x'), 'cloned')
    assert.is(await value(origin, 'origin'), null)
  })

  test('clone refuses missing origins, parents and pools, and names that are taken', async () => {
    const origin = await filesystem()
    await zfs.snapshot([`${origin}@x`])
    const name = fresh()
    await failure(SnapshotNotFound, `${origin}@y`, () => zfs.clone(name, `${origin}@y`))
    await failure(SnapshotNotFound, `${name}@x`, () => zfs.clone(name, `${name}@x`))
    await failure(ParentNotFound, `${name}/child`, () => zfs.clone(`${name}/child`, `${origin}@x`))
    await failure(FilesystemExists, origin, () => zfs.clone(origin, `${origin}@x`))
    await failure(PoolsDiffer, 'nosuchpool/a@x', () => zfs.clone(name, 'nosuchpool/a@x'))
    await failure(SnapshotNameInvalid, origin, () => zfs.clone(name, origin))
    await failure(FilesystemNameInvalid, `${name}@x`, () => zfs.clone(`${name}@x`, `${origin}@x`))
    await failure(PropertyInvalid, name, () => zfs.clone(name, `${origin}@x`, { props: { nosuch: 1n } }))
    assert.is(await zfs.exists(name), false)
  })

  test('promote moves the snapshots and turns the dependence round', async () => {
    const [origin, clone] = [await filesystem(), fresh()]
    await zfs.snapshot([`${origin}@early`])
    await zfs.snapshot([`${origin}@x`])
    await zfs.clone(clone, `${origin}@x`)
    await zfs.snapshot([`${origin}@late`])
    await zfs.promote(clone)
    for (const moved of ['early', 'x']) {
      assert.is(await zfs.exists(`${clone}@${moved}`), true)
      assert.is(await zfs.exists(`${origin}@${moved}`), false)
    }
    assert.is(await zfs.exists(`${origin}@late`), true)
    assert.is(await value(origin, 'origin'), `${clone}@x`)
    assert.is(await value(clone, 'origin'), null)
  })

  test('promote refuses what is no clone, what is missing, and a snapshot of the same name', async () => {
    const [origin, clone] = [await filesystem(), fresh()]
    await failure(NotClone, origin, () => zfs.promote(origin))
    await failure(FilesystemNotFound, clone, () => zfs.promote(clone))
    await zfs.snapshot([`${origin}@x`])
    await zfs.clone(clone, `${origin}@x`)
    await zfs.snapshot([`${clone}@x`])
    await failure(SnapshotExists, `${clone}@x`, () => zfs.promote(clone))
    assert.is(await value(clone, 'origin'), `${origin}@x`)
  })
}
