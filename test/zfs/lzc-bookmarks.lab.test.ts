import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  BookmarkExists,
  BookmarkFailure,
  BookmarkMismatch,
  BookmarkNotFound,
  FilesystemNotFound,
  openZfs,
  SnapshotMismatch,
  SnapshotNotFound,
  SnapshotNotLatest,
} from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { makePool, type Pool } from './pool.ts'

const test = suite('zfs/lzc-bookmarks')
const zfs = openZfs()
let pool: Pool
let count = 0
test.before(() => {
  pool = makePool()
})
test.after(() => pool.destroy())

/** A new filesystem with these snapshots. */
const snapshotted = async (...snapshots: readonly string[]): Promise<string> => {
  const name = `${pool.name}/b${++count}`
  await zfs.create(name)
  for (const snapshot of snapshots) await zfs.snapshot([`${name}@${snapshot}`])
  return name
}

const firstOf = async (call: () => unknown): Promise<Error & { details: { name?: string } }> => {
  const error = await thrown<BookmarkFailure>(call)
  assert.instance(error, BookmarkFailure)
  return error.errors[0] as Error & { details: { name?: string } }
}

test('bookmarks are made of snapshots and of bookmarks, all or none', async () => {
  const [a, b] = [await snapshotted('x'), await snapshotted('y')]
  await zfs.bookmark({ [`${a}#m`]: `${a}@x`, [`${b}#m`]: `${b}@y` })
  zfs.bookmarkSync({ [`${a}#copy`]: `${a}#m` })
  const [m, copy] = [await zfs.getBookmarkProps(`${a}#m`), zfs.getBookmarkPropsSync(`${a}#copy`)]
  assert.is(typeof m.guid, 'bigint')
  assert.equal([copy.guid, copy.createtxg], [m.guid, m.createtxg])
  assert.equal(Object.keys(await zfs.getBookmarks(a)).sort(), ['copy', 'm'])
  assert.equal((await zfs.getBookmarks(a, ['guid', 'creation'])).m, { guid: m.guid, creation: m.creation })
  const exists = await firstOf(() => zfs.bookmark({ [`${a}#new`]: `${a}@x`, [`${b}#m`]: `${b}@y` }))
  assert.instance(exists, BookmarkExists)
  assert.is(exists.details.name, `${b}#m`)
  assert.equal(Object.keys(zfs.getBookmarksSync(a)).sort(), ['copy', 'm'])
})

test('what cannot be bookmarked is named', async () => {
  const [a, b] = [await snapshotted('x'), await snapshotted('y')]
  const missing = await firstOf(() => zfs.bookmark({ [`${a}#m`]: `${a}@nosuch` }))
  assert.instance(missing, SnapshotNotFound)
  assert.is(missing.details.name, `${a}@nosuch`)
  assert.instance(await firstOf(() => zfs.bookmark({ [`${a}#m`]: `${a}#nosuch` })), BookmarkNotFound)
  assert.instance(await firstOf(() => zfs.bookmark({ [`${b}#m`]: `${a}@x` })), BookmarkMismatch)
  assert.instance(await firstOf(() => zfs.bookmark({ [`${a}/nosuch#m`]: `${a}@x` })), FilesystemNotFound)
  assert.instance(await thrown(() => zfs.getBookmarks(`${a}/nosuch`)), FilesystemNotFound)
  assert.instance(await thrown(() => zfs.getBookmarkProps(`${a}#nosuch`)), BookmarkNotFound)
  assert.instance(await thrown(() => zfs.getBookmarkProps(`${a}/nosuch#m`)), FilesystemNotFound)
})

test('bookmarks are destroyed, and missing ones are ignored', async () => {
  const a = await snapshotted('x')
  await zfs.bookmark({ [`${a}#m`]: `${a}@x` })
  await zfs.destroyBookmarks([`${a}#m`, `${a}#nosuch`, `${a}/nosuch#m`])
  assert.equal(Object.keys(await zfs.getBookmarks(a)), [])
})

test('rollback goes to the latest snapshot, and rollbackTo only there', async () => {
  const a = await snapshotted('x', 'y')
  assert.is(await zfs.rollback(a), `${a}@y`)
  await zfs.rollbackTo(a, `${a}@y`)
  assert.is(zfs.rollbackSync(a), `${a}@y`)
  assert.instance(await thrown(() => zfs.rollbackTo(a, `${a}@x`)), SnapshotNotLatest)
  assert.instance(await thrown(() => zfs.rollbackTo(a, `${a}@nosuch`)), SnapshotNotFound)
  assert.instance(await thrown(() => zfs.rollback(`${a}/nosuch`)), FilesystemNotFound)
  assert.instance(await thrown(() => zfs.rollbackTo(`${a}/nosuch`, `${a}/nosuch@x`)), FilesystemNotFound)
  const none = await snapshotted()
  assert.instance(await thrown(() => zfs.rollback(none)), SnapshotNotFound)
})

test('the space between two snapshots is counted', async () => {
  const [a, b] = [await snapshotted('x'), await snapshotted('y')]
  await zfs.mount(a)
  writeFileSync(join(pool.path, a.slice(pool.name.length + 1), 'file'), Buffer.alloc(300_000, 'ab1'))
  await zfs.snapshot([`${a}@y`])
  await zfs.unmount(a)
  assert.ok((await zfs.snaprangeSpace(`${a}@x`, `${a}@y`)) > 0n)
  assert.instance(await thrown(() => zfs.snaprangeSpace(`${a}@y`, `${a}@x`)), SnapshotMismatch)
  assert.instance(await thrown(() => zfs.snaprangeSpace(`${a}@x`, `${b}@y`)), SnapshotMismatch)
  const missing = await thrown<SnapshotNotFound>(() => zfs.snaprangeSpace(`${a}@nosuch`, `${a}@y`))
  assert.instance(missing, SnapshotNotFound)
  assert.is(missing.details.name, `${a}@nosuch`)
})

test('a redaction bookmark lists what a clone has changed', async () => {
  const a = await snapshotted('x')
  await zfs.clone(`${a}clone`, `${a}@x`)
  await zfs.snapshot([`${a}clone@changed`])
  await zfs.redact(`${a}@x`, 'redacted', [`${a}clone@changed`])
  const { redacted: props } = await zfs.getBookmarks(a, ['redact_complete', 'redact_snaps'])
  assert.is(props?.redact_complete, true)
  assert.is(props?.redact_snaps?.length, 1)
  const again = await thrown<BookmarkExists>(() => zfs.redact(`${a}@x`, 'redacted', [`${a}clone@changed`]))
  assert.instance(again, BookmarkExists)
  assert.is(again.details.name, `${a}#redacted`)
  const missing = await thrown<SnapshotNotFound>(() => zfs.redact(`${a}@x`, 'other', [`${a}clone@nosuch`]))
  assert.is(missing.details.name, `${a}clone@nosuch`)
})

test.run()
