import {
  BookmarkNameInvalid,
  checkName,
  FilesystemNameInvalid,
  filesystemOf,
  isBookmarkName,
  isComponent,
  isFilesystemName,
  isSnapshotName,
  MAX_NAME_LENGTH,
  NameTooLong,
  nameError,
  nameKind,
  parentOf,
  poolOf,
  SnapshotNameInvalid,
  splitSnapshot,
} from '@gaoler/zfs'
import fc from 'fast-check'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('zfs/names')

test('names of filesystems, snapshots and bookmarks are told apart', () => {
  for (const name of ['tank', 'tank/a', 'tank/a b/c-d_e.f:g', 't/-r', 'tank/__proto__', 'tank/...', 'T4/0']) {
    assert.is(nameKind(name), 'filesystem', name)
    assert.is(nameKind(`${name}@x`), 'snapshot', name)
    assert.is(nameKind(`${name}#x`), 'bookmark', name)
  }
  for (const name of [
    '',
    '-r',
    '4ank',
    '/tank',
    'tank/',
    'tank//a',
    'tank/.',
    'tank/..',
    './a',
    'tank/é',
    'tank/a\0b',
    'tank/a\n',
    'tank/%recv',
    'tank/a*',
    '_tank',
    '.tank',
  ]) /* biome-ignore format: a table */ {
    assert.is(nameKind(name), undefined, name)
    assert.is(nameKind(`${name}@x`), undefined, `${name}@x`)
  }
  for (const name of ['tank@', '@x', 'tank@x@y', 'tank@x/y', 'tank@.', 'tank#x#y', 'tank@x#y', 'tank#x@y', 'tank@..']) {
    assert.is(nameKind(name), undefined, name)
  }
})

test('a name is valid when all of its parts are, and never otherwise', () => {
  const part = fc.string({ minLength: 0, maxLength: 6, unit: fc.constantFrom(...'aB9-_.: %@#/é\0'.split('')) })
  const whole = fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
    const name = `p${parts.join('/')}`
    const pieces = name.split('/')
    assert.is(isFilesystemName(name), pieces.every(isComponent))
    const [before = '', ...after] = name.split('@')
    assert.is(isSnapshotName(name), after.length === 1 && isFilesystemName(before) && isComponent(after[0] as string))
    assert.is(isBookmarkName(name.replaceAll('@', '\n').replaceAll('#', '@')), false)
  })
  fc.assert(whole, { numRuns: 5000 })
})

test('a name of a million characters is judged at once', () => {
  const started = performance.now()
  for (const long of [
    'a/'.repeat(500_000),
    `${'a'.repeat(1_000_000)}!`,
    `${'a/.'.repeat(300_000)}/x`,
    `a@${'a'.repeat(1_000_000)}@`,
  ]) {
    assert.is(isFilesystemName(long) && !long.includes('/.'), false)
    assert.is(isSnapshotName(long), false)
  }
  assert.ok(performance.now() - started < 1000)
})

test('the error tells the kind that was wanted, and the length only of what has the right form', async () => {
  assert.instance(nameError('tank@x', 'filesystem'), FilesystemNameInvalid)
  assert.instance(nameError('tank', 'snapshot'), SnapshotNameInvalid)
  assert.instance(nameError('tank', 'bookmark'), BookmarkNameInvalid)
  assert.is(nameError('t'.padEnd(MAX_NAME_LENGTH, 'x'), 'filesystem'), undefined)
  assert.instance(nameError('t'.padEnd(MAX_NAME_LENGTH + 1, 'x'), 'filesystem'), NameTooLong)
  assert.instance(nameError(undefined as unknown as string, 'filesystem'), FilesystemNameInvalid)
  assert.match(
    (await thrown(() => checkName('a b', 'snapshot', 'hold "a b"'))).message,
    /^cannot hold "a b": "a b" is not/,
  )
})

test('parts of names', async () => {
  assert.equal(['tank/a@x', 'tank@x', 'tank#x', 'tank'].map(poolOf), ['tank', 'tank', 'tank', 'tank'])
  assert.equal(['tank/a@x', 'tank/a#x', 'tank/a'].map(filesystemOf), ['tank/a', 'tank/a', 'tank/a'])
  assert.equal(['tank/a/b', 'tank/a', 'tank'].map(parentOf), ['tank/a', 'tank', undefined])
  assert.equal(splitSnapshot('tank/a@x'), ['tank/a', 'x'])
  assert.instance(await thrown(() => splitSnapshot('tank/a')), SnapshotNameInvalid)
})

test.run()
