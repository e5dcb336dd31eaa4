import {
  BookmarkDestructionFailure,
  BookmarkFailure,
  BookmarkNotFound,
  FilesystemNotFound,
  SnapshotNotFound,
  SnapshotNotLatest,
} from '@gaoler/zfs'
import { assert } from '../harness.ts'
import { type Bench, failure, failures } from './bench.ts'

/** Bookmarks, and going back to a snapshot. */
export function bookmarkBehaviour({ test, zfs, fresh, filesystem, value }: Bench): void {
  const snapshotted = async (...names: string[]): Promise<string> => {
    const name = await filesystem()
    for (const each of names) await zfs.snapshot([`${name}@${each}`])
    return name
  }

  test('a bookmark keeps what identifies its snapshot, also when that is gone', async () => {
    const name = await snapshotted('x')
    const guid = await value(`${name}@x`, 'guid')
    await zfs.bookmark({ [`${name}#a`]: `${name}@x` })
    await zfs.destroySnaps([`${name}@x`])
    await zfs.bookmark({ [`${name}#b`]: `${name}#a` })
    assert.equal(Object.keys(await zfs.getBookmarks(name)).sort(), ['a', 'b'])
    const { a, b } = await zfs.getBookmarks(name, ['guid', 'createtxg'])
    assert.is(a?.guid, guid)
    assert.equal(b, a)
    const whole = await zfs.getBookmarkProps(`${name}#a`)
    assert.is(whole.guid, guid)
    assert.is(typeof whole.creation, 'bigint')
    const listed = await zfs.list({ root: name, depth: 1, types: ['bookmark'], properties: ['guid'] })
    assert.equal(listed.map((each) => each.name).sort(), [`${name}#a`, `${name}#b`])
    assert.is(listed[0]?.properties.guid.value, guid)
    await zfs.destroyBookmarks([`${name}#a`, `${name}#nosuch`])
    assert.equal(Object.keys(await zfs.getBookmarks(name)), ['b'])
  })

  test('bookmarks are made all or none, of what is in the history of their filesystem', async () => {
    const [name, other] = [await snapshotted('x'), await snapshotted('x')]
    await zfs.bookmark({ [`${name}#a`]: `${name}@x` })
    const call = (bookmarks: Record<string, string>): Promise<string[]> =>
      failures(BookmarkFailure, () => zfs.bookmark(bookmarks))
    const both = { [`${name}#b`]: `${name}@x`, [`${name}#a`]: `${name}@x` }
    assert.equal(await call(both), [`BookmarkExists ${name}#a`])
    assert.equal(await call({ [`${name}#c`]: `${name}@no` }), [`SnapshotNotFound ${name}@no`])
    assert.equal(await call({ [`${name}#c`]: `${name}#no` }), [`BookmarkNotFound ${name}#no`])
    assert.equal(await call({ [`${name}#c`]: `${other}@x` }), [`BookmarkMismatch ${other}@x`])
    assert.equal(await call({ [`${name}#c`]: name }), [`BookmarkSourceInvalid ${name}`])
    assert.equal(await call({ [`${name}@c`]: `${name}@x` }), [`BookmarkNameInvalid ${name}@c`])
    assert.equal(Object.keys(await zfs.getBookmarks(name)), ['a'])
    await failure(BookmarkNotFound, `${name}#no`, () => zfs.getBookmarkProps(`${name}#no`))
    const missing = fresh()
    await failure(FilesystemNotFound, missing, () => zfs.getBookmarks(missing))
    await failures(BookmarkDestructionFailure, () => zfs.destroyBookmarks([`${name}@x`]))
  })

  test('rolling back goes to the latest snapshot, and to no other', async () => {
    const name = await snapshotted('x', 'y')
    assert.is(await zfs.rollback(name), `${name}@y`)
    await zfs.rollbackTo(name, `${name}@y`)
    await failure(SnapshotNotLatest, `${name}@x`, () => zfs.rollbackTo(name, `${name}@x`))
    await failure(SnapshotNotFound, `${name}@no`, () => zfs.rollbackTo(name, `${name}@no`))
    await zfs.bookmark({ [`${name}#y`]: `${name}@y` })
    await zfs.destroySnaps([`${name}@y`])
    await failure(SnapshotNotLatest, name, () => zfs.rollback(name))
    const [bare, missing] = [await filesystem(), fresh()]
    await failure(SnapshotNotFound, `${bare}@`, () => zfs.rollback(bare))
    await failure(FilesystemNotFound, missing, () => zfs.rollback(missing))
  })
}
