import { collect, drain } from '@gaoler/core'
import {
  DatasetBusy,
  DatasetHasDependents,
  DatasetTypeInvalid,
  destroySnapshots,
  destroyTree,
  FilesystemNotFound,
  rollbackTree,
  SnapshotFailure,
  SnapshotNameInvalid,
  SnapshotNotFound,
  snapshotTree,
} from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, failures, namesOf } from './bench.ts'

const everything = ['filesystem', 'volume', 'snapshot'] as const

/** Many at once, and whole trees: planned, refused before anything is touched, atomic where ZFS is. */
export function bulkBehaviour({ test, zfs, whole, filesystem, fresh, value, root }: Bench): void {
  const below = async (name: string): Promise<string[]> =>
    namesOf(await zfs.list({ root: name, types: everything })).map((each) => each.slice(name.length))

  /** name, name/a, name/a/b; all have the snapshots x and y; mounted. */
  const tree = async (): Promise<string> => {
    const name = await filesystem()
    for (const each of [`${name}/a`, `${name}/a/b`]) await zfs.create(each)
    for (const each of [name, `${name}/a`, `${name}/a/b`]) await zfs.mount(each)
    for (const short of ['x', 'y']) await drain(snapshotTree(whole(), `${name}@${short}`))
    return name
  }

  test('a tree is snapshot at one moment, with properties', async () => {
    const name = await tree()
    const taken = await drain(snapshotTree(whole(), `${name}@z`, { props: { 'gaoler:why': 'test' } }))
    assert.equal(taken, [`${name}@z`, `${name}/a@z`, `${name}/a/b@z`])
    const created = await Promise.all(taken.map((each) => value(each, 'createtxg')))
    assert.is(new Set(created).size, 1)
    assert.is(await value(`${name}/a/b@z`, 'gaoler:why'), 'test')
    assert.equal(await failures(SnapshotFailure, () => drain(snapshotTree(whole(), `${name}@z`))), [
      `SnapshotExists ${name}@z`,
      `SnapshotExists ${name}/a@z`,
      `SnapshotExists ${name}/a/b@z`,
    ])
    await drain(destroyTree(whole(), name, { recursive: true }))
  })

  test('a tree is destroyed with its snapshots though it is mounted, and nothing else is', async () => {
    const name = await tree()
    const beside = `${name}x`
    await zfs.create(beside)
    const planned = await collect(destroyTree(whole(), name, { recursive: true, plan: true }))
    assert.ok(planned.every((event) => event.planned))
    assert.is((await below(name)).length, 9)
    assert.is(await value(`${name}/a`, 'mounted'), true)
    const { datasets, snapshots, promoted } = await drain(destroyTree(whole(), name, { recursive: true }))
    assert.equal(datasets, [`${name}/a/b`, `${name}/a`, name])
    assert.is(snapshots.length, 6)
    assert.equal(promoted, [])
    assert.is(await zfs.exists(name), false)
    assert.is(await zfs.exists(beside), true)
    await failure(FilesystemNotFound, name, () => drain(destroyTree(whole(), name)))
    await failure(DatasetTypeInvalid, undefined, () => drain(destroyTree(whole(), root().split('/', 1)[0] as string)))
  })

  test('what depends on a tree is named, and nothing is touched', async () => {
    const name = await tree()
    const clone = fresh()
    await zfs.clone(clone, `${name}/a@x`)
    await zfs.hold({ [`${name}/a/b@y`]: 'keep' })
    const before = await below(name)
    const plain = await failure(DatasetHasDependents, name, () => drain(destroyTree(whole(), name)))
    assert.equal(plain.details.children, [`${name}/a`, `${name}/a/b`])
    assert.is(plain.details.snapshots.length, 6)
    const error = await failure(DatasetHasDependents, name, () =>
      drain(destroyTree(whole(), name, { recursive: true })),
    )
    assert.equal(error.details.clones, [clone])
    assert.equal(error.details.holds, [{ snapshot: `${name}/a/b@y`, tags: ['keep'] }])
    assert.equal([error.details.children, error.details.snapshots], [[], []])
    assert.ok(error.message.includes(clone) && error.message.includes('keep'), error.message)
    assert.equal(await below(name), before)
    assert.is(await value(name, 'mounted'), true)
    await zfs.release({ [`${name}/a/b@y`]: ['keep'] })
    const { promoted } = await drain(destroyTree(whole(), name, { recursive: true, promoteDependants: true }))
    assert.equal(promoted, [clone])
    assert.equal(await below(clone), ['', '@x'])
    assert.is(await value(clone, 'origin'), null)
    assert.is(await zfs.exists(name), false)
    await drain(destroyTree(whole(), clone, { recursive: true }))
  })

  test('clones of clones elsewhere are promoted until none needs the tree, and keep their holds', async () => {
    const name = await tree()
    const [one, two] = [fresh(), fresh()]
    await zfs.clone(one, `${name}@x`)
    await zfs.clone(two, `${name}@y`)
    await zfs.hold({ [`${name}@x`]: 'keep' })
    const { promoted } = await drain(destroyTree(whole(), name, { recursive: true, promoteDependants: true }))
    assert.equal(promoted, [two])
    assert.is(await value(one, 'origin'), `${two}@x`)
    assert.equal(Object.keys(await zfs.getHolds(`${two}@x`)), ['keep'])
    await zfs.release({ [`${two}@x`]: ['keep'] })
  })

  test('clones inside of a tree go before their origins, even where the origin is below', async () => {
    const name = await tree()
    await zfs.clone(`${name}/a/clone`, `${name}@x`)
    await zfs.clone(`${name}/later`, `${name}/a/b@y`)
    await zfs.snapshot([`${name}/later@x`])
    await zfs.clone(`${name}/a/b/last`, `${name}/later@x`)
    // Now the whole depends on a snapshot of what is below it.
    await zfs.promote(`${name}/a/clone`)
    assert.is(await value(name, 'origin'), `${name}/a/clone@x`)
    await drain(destroyTree(whole(), name, { recursive: true }))
    assert.is(await zfs.exists(name), false)
  })

  test('a tree that is in use stays as it is, still mounted', async () => {
    const name = await tree()
    const zfsInUse = {
      ...whole(),
      unmount: async (each: string) => {
        if (each === name) throw new DatasetBusy({ name: each })
        await zfs.unmount(each)
      },
    }
    await failure(DatasetBusy, name, () => drain(destroyTree(zfsInUse, name, { recursive: true })))
    assert.is((await below(name)).length, 9)
    for (const each of [name, `${name}/a`, `${name}/a/b`]) assert.is(await value(each, 'mounted'), true, each)
  })

  test('snapshots are destroyed by ranges, in a tree, and what that frees is told before', async () => {
    const name = await tree()
    for (const short of ['c', 'd']) await drain(snapshotTree(whole(), `${name}@${short}`))
    const planned = await drain(destroySnapshots(whole(), `${name}@x%c`, { plan: true }))
    assert.equal(planned.snapshots, [`${name}@x`, `${name}@y`, `${name}@c`])
    assert.is(typeof planned.bytes, whole().isSupported('snaprangeSpace') ? 'bigint' : 'object')
    assert.is((await below(name)).length, 15)
    const { snapshots } = await drain(destroySnapshots(whole(), `${name}@%x,d`, { recursive: true }))
    assert.equal(
      snapshots.map((each) => each.slice(name.length)),
      ['@x', '@d', '/a@x', '/a@d', '/a/b@x', '/a/b@d'],
    )
    await failure(SnapshotNotFound, `${name}@d`, () => drain(destroySnapshots(whole(), `${name}@d`)))
    for (const wrong of [name, `${name}@`, `${name}@a%b%c`, `${name}@a,`, `${name}@a@b`]) {
      await failure(SnapshotNameInvalid, undefined, () => drain(destroySnapshots(whole(), wrong)))
    }
    await drain(destroySnapshots(whole(), `${name}@%`, { recursive: true }))
    assert.equal(await below(name), ['', '/a', '/a/b'])
  })

  test('snapshots that are needed are named; deferred they go with what needs them', async () => {
    const name = await tree()
    const clone = fresh()
    await zfs.clone(clone, `${name}@x`)
    await zfs.hold({ [`${name}/a@y`]: 'one' })
    await zfs.hold({ [`${name}/a@y`]: 'two' })
    const destroy = (defer: boolean) => drain(destroySnapshots(whole(), `${name}@%`, { recursive: true, defer }))
    const { details } = await failure(DatasetHasDependents, `${name}@%`, () => destroy(false))
    assert.equal(details.clones, [clone])
    assert.equal(
      details.holds.map(({ snapshot, tags }) => [snapshot, [...tags].sort()]),
      [[`${name}/a@y`, ['one', 'two']]],
    )
    assert.is((await below(name)).length, 9)
    await destroy(true)
    assert.equal(await below(name), ['', '@x', '/a', '/a@y', '/a/b'])
    await zfs.release({ [`${name}/a@y`]: ['one', 'two'] })
    await zfs.destroy(clone)
    assert.equal(await below(name), ['', '/a', '/a/b'])
  })

  test('a rollback names what is later, and with recursive destroys it', async () => {
    if (!whole().isSupported('rollbackTo')) return
    const name = await tree()
    await drain(snapshotTree(whole(), `${name}@z`))
    const marks = whole().isSupported('bookmark')
    if (marks) await zfs.bookmark({ [`${name}#late`]: `${name}@z` })
    const { details } = await failure(DatasetHasDependents, `${name}@x`, () =>
      drain(rollbackTree(whole(), `${name}@x`)),
    )
    assert.equal(details.snapshots, [`${name}@y`, `${name}@z`])
    assert.equal(details.bookmarks, marks ? [`${name}#late`] : [])
    const clone = fresh()
    await zfs.clone(clone, `${name}/a@z`)
    await zfs.hold({ [`${name}@y`]: 'keep' })
    const whole1 = () => drain(rollbackTree(whole(), `${name}@x`, { recursive: true, children: true }))
    const refused = await failure(DatasetHasDependents, `${name}@x`, whole1)
    assert.equal(refused.details.clones, [clone])
    assert.equal(refused.details.holds, [{ snapshot: `${name}@y`, tags: ['keep'] }])
    assert.is((await below(name)).length, 12)
    await zfs.destroy(clone)
    await zfs.release({ [`${name}@y`]: ['keep'] })
    const { datasets, destroyed } = await whole1()
    assert.is(datasets.length, 3)
    assert.is(destroyed.length, marks ? 7 : 6)
    assert.equal(await below(name), ['', '@x', '/a', '/a@x', '/a/b', '/a/b@x'])
    await zfs.destroySnaps([`${name}/a@x`])
    await failure(SnapshotNotFound, `${name}/a@x`, whole1)
  })

  test(
    'five hundred snapshots are one call: all, or none and every reason in order',
    async () => {
      const name = await filesystem()
      const names = Array.from({ length: 500 }, (_, index) => `${name}/${index}`)
      await Promise.all(names.map((each) => zfs.create(each)))
      const wanted = names.map((each) => `${each}@x`)
      const taken = [wanted[3], wanted[250], wanted[499]] as string[]
      await zfs.snapshot(taken)
      const told = await failures(SnapshotFailure, () => zfs.snapshot(wanted))
      assert.equal(
        told,
        taken.map((each) => `SnapshotExists ${each}`),
      )
      assert.is((await zfs.list({ root: name, types: ['snapshot'] })).length, 3)
      await zfs.destroySnaps(taken)
      await zfs.snapshot(wanted)
      const { datasets, snapshots } = await drain(destroyTree(whole(), name, { recursive: true }))
      assert.equal([datasets.length, snapshots.length], [501, 500])
    },
    { timeout: 90_000 },
  )
}
