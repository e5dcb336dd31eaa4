import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArgumentInvalid, EmbeddedFileError, PropertyInvalid } from '@gaoler/zfs'
import {
  EmbeddedStateInvalid,
  type EmbeddedZfs,
  embeddedZfs,
  MountpointUnusable,
} from '../../packages/zfs/src/embedded/index.ts'
import { zfsConformance } from '../conformance/zfs.ts'
import { assert, suite, thrown } from '../harness.ts'
import { litter, scratch, tree } from './embedded-fixture.ts'

const test = suite('embedded ZFS')
const home = scratch(test)
let count = 0

zfsConformance('embedded', async () => {
  const zfs = embeddedZfs({ directory: mkdtempSync(join(home, 'conformance-')) })
  // With a mountpoint of its own, as the lab's pool: then children inherit it instead of having the default.
  zfs.pools.createSync('tank', { mountpoint: join(zfs.directory, 'mnt/tank') })
  zfs.createSync('tank/test')
  return { zfs, root: 'tank/test', close: async () => assert.equal(litter(zfs.directory), []) }
})

/** A pool with these filesystems, all mounted. */
function prepared(...names: readonly string[]): { zfs: EmbeddedZfs; directory: string; at: (name: string) => string } {
  const directory = join(home, String(++count))
  const zfs = embeddedZfs({ directory })
  zfs.pools.createSync('tank')
  for (const name of names) {
    zfs.createSync(name)
    zfs.mountSync(name)
  }
  return { zfs, directory, at: (name) => join(directory, 'mnt', name) }
}

const get = (zfs: EmbeddedZfs, name: string, property: string): unknown =>
  zfs.getSync(name, [property]).properties[property]

test('opening does nothing on disk, and an empty directory has no datasets', () => {
  const directory = join(home, 'never')
  const zfs = embeddedZfs({ directory })
  assert.is(zfs.existsSync('tank'), false)
  assert.equal(zfs.listSync(), [])
  assert.is(existsSync(directory), false)
})

test('a pool is mounted below the directory, or where it is told', () => {
  const { zfs, directory } = prepared('tank/a')
  assert.equal(get(zfs, 'tank', 'mountpoint'), { value: join(directory, 'mnt/tank'), source: 'default' })
  assert.equal(get(zfs, 'tank/a', 'mountpoint'), { value: join(directory, 'mnt/tank/a'), source: 'default' })
  const elsewhere = join(home, 'else/where')
  zfs.pools.createSync('other', { mountpoint: elsewhere })
  zfs.createSync('other/a')
  zfs.mountSync('other/a')
  assert.ok(statSync(join(elsewhere, 'a')).isDirectory())
  assert.equal(get(zfs, 'other/a', 'mountpoint'), { value: join(elsewhere, 'a'), source: 'inherited', from: 'other' })
  zfs.pools.createSync('third', { mountpoint: 'none' })
  assert.equal(get(zfs, 'third', 'mounted'), { value: false, source: 'none' })
  assert.equal(namesOf(zfs, 0), ['other', 'tank', 'third'])
})

test('pools.create refuses names that are taken or not of a pool, and bad mountpoints', async () => {
  const { zfs } = prepared()
  assert.is((await thrown(() => zfs.pools.createSync('tank'))).name, 'PoolExists')
  for (const bad of ['tank/a', '-x', '', 'a@b']) {
    assert.is((await thrown(() => zfs.pools.createSync(bad))).name, 'NameInvalid', bad)
  }
  assert.instance(await thrown(() => zfs.pools.createSync('b', { mountpoint: 'relative' })), PropertyInvalid)
  assert.is(zfs.existsSync('b'), false)
})

test('pools.destroy takes everything with it, held or cloned, and nothing of other pools', async () => {
  const { zfs, directory, at } = prepared('tank/a', 'tank/a/b')
  zfs.snapshotSync(['tank/a@x', 'tank/a/b@x'])
  zfs.cloneSync('tank/c', 'tank/a@x')
  zfs.holdSync({ 'tank/a/b@x': 'keep' })
  zfs.pools.createSync('other')
  zfs.pools.destroySync('tank')
  assert.equal(namesOf(zfs), ['other'])
  assert.equal(readdirSync(at('tank')), [])
  assert.equal(litter(directory), [])
  assert.is((await thrown(() => zfs.pools.destroySync('tank'))).name, 'PoolNotFound')
})

test('what a mount hides is there again after it', () => {
  const { zfs, at } = prepared('tank/a')
  zfs.createSync('tank/a/b')
  mkdirSync(join(at('tank/a/b'), 'inner'), { recursive: true })
  const hidden = tree(at('tank/a/b'))
  const { ino } = statSync(at('tank/a/b'))
  zfs.mountSync('tank/a/b')
  assert.equal(readdirSync(at('tank/a/b')), [])
  zfs.unmountSync('tank/a/b')
  assert.equal(tree(at('tank/a/b')), hidden)
  assert.is(statSync(at('tank/a/b')).ino, ino)
})

test('a parent that is mounted after its child does not hide it', () => {
  const { zfs, at } = prepared('tank/a', 'tank/a/b')
  writeFileSync(join(at('tank/a/b'), 'file'), 'child')
  zfs.unmountSync('tank/a')
  zfs.mountSync('tank/a/b')
  zfs.mountSync('tank/a')
  assert.is(readFileSync(join(at('tank/a/b'), 'file'), 'utf8'), 'child')
  assert.equal(get(zfs, 'tank/a/b', 'mounted'), { value: true, source: 'none' })
})

test('unmount refuses while a filesystem with a mountpoint of its own is inside, unless forced', async () => {
  const { zfs, at } = prepared('tank/a', 'tank/other')
  zfs.setSync('tank/other', { mountpoint: join(at('tank/a'), 'guest') })
  const error = await thrown(() => zfs.unmountSync('tank/a'))
  assert.is(error.name, 'DatasetBusy')
  zfs.unmountSync('tank/a', { force: true })
  assert.equal(get(zfs, 'tank/other', 'mounted'), { value: false, source: 'none' })
})

test('a new mountpoint takes the children along that inherit it', () => {
  const { zfs, directory, at } = prepared('tank/a', 'tank/a/b', 'tank/a/b/c', 'tank/a/own')
  const own = join(directory, 'mnt/own')
  zfs.setSync('tank/a/own', { mountpoint: own })
  writeFileSync(join(at('tank/a/b/c'), 'file'), '')
  zfs.unmountSync('tank/a/b')
  zfs.mountSync('tank/a/b/c')
  zfs.setSync('tank/a', { mountpoint: at('moved') })
  assert.ok(existsSync(join(at('moved/b/c'), 'file')))
  assert.equal(get(zfs, 'tank/a/b', 'mounted'), { value: false, source: 'none' })
  assert.equal(get(zfs, 'tank/a/own', 'mountpoint'), { value: own, source: 'local' })
  zfs.inheritSync('tank/a', 'mountpoint')
  assert.ok(existsSync(join(at('tank/a/b/c'), 'file')))
  assert.is(existsSync(join(at('moved/b'), 'c')), false)
})

test('a filesystem without a mountpoint is mounted when it gets one, and canmount turns it off and on', () => {
  const { zfs, at } = prepared()
  zfs.createSync('tank/a', { props: { mountpoint: 'none' } })
  zfs.setSync('tank/a', { mountpoint: at('here') })
  assert.equal(get(zfs, 'tank/a', 'mounted'), { value: true, source: 'none' })
  for (const [canmount, mounted] of [
    ['off', false],
    ['noauto', false],
    ['on', true],
    ['noauto', true],
  ] as const) {
    zfs.setSync('tank/a', { canmount })
    assert.equal(get(zfs, 'tank/a', 'mounted'), { value: mounted, source: 'none' })
  }
})

test('mountpoints that would move the embedded ZFS itself, files or mounted filesystems are refused', async () => {
  const { zfs, directory, at } = prepared('tank/a')
  zfs.createSync('tank/b')
  writeFileSync(at('file'), '')
  const bad = [
    '/',
    home,
    directory,
    join(directory, 'data'),
    join(directory, 'data/x'),
    at('file'),
    at('file/x'),
    at('tank/a'),
  ]
  for (const mountpoint of [...bad, join(directory, 'mnt')]) {
    const error = await thrown(() => {
      zfs.setSync('tank/b', { mountpoint })
      zfs.mountSync('tank/b')
    })
    assert.instance(error, MountpointUnusable, mountpoint)
    zfs.inheritSync('tank/b', 'mountpoint')
    assert.equal(get(zfs, 'tank/b', 'mounted'), { value: false, source: 'none' })
  }
  assert.equal(litter(directory), [])
})

const other = [tmpdir(), '/run'].find((path) => existsSync(path) && statSync(path).dev !== statSync(home).dev)
if (other === undefined) {
  test.skip('a mountpoint on another file system is refused', 'there is only one')
} else {
  test('a mountpoint on another file system is refused', async () => {
    const { zfs, directory } = prepared()
    const mountpoint = mkdtempSync(join(other, 'gaoler-'))
    try {
      zfs.createSync('tank/a', { props: { mountpoint } })
      const error = await thrown(() => zfs.mountSync('tank/a'))
      assert.instance(error, MountpointUnusable)
      assert.match(error.message, /another file system/)
      assert.equal(litter(directory), [])
    } finally {
      rmSync(mountpoint, { recursive: true })
    }
  })
}

test('rename leaves what is mounted where it is', () => {
  const { zfs, at } = prepared('tank/a')
  writeFileSync(join(at('tank/a'), 'file'), '')
  zfs.renameSync('tank/a', 'tank/b')
  assert.ok(existsSync(join(at('tank/a'), 'file')))
  zfs.unmountSync('tank/b')
  zfs.mountSync('tank/b')
  assert.ok(existsSync(join(at('tank/b'), 'file')))
  assert.equal(readdirSync(at('tank/a')), [])
})

test('snapshotDirectory shows a snapshot as it was taken, under whatever name it has now', async () => {
  const { zfs, at } = prepared('tank/a')
  writeFileSync(join(at('tank/a'), 'file'), 'old')
  zfs.snapshotSync(['tank/a@x'])
  writeFileSync(join(at('tank/a'), 'file'), 'new')
  zfs.renameSync('tank/a@x', 'tank/a@y')
  assert.is(readFileSync(join(zfs.snapshotDirectory('tank/a@y'), 'file'), 'utf8'), 'old')
  assert.is((await thrown(() => zfs.snapshotDirectory('tank/a@x'))).name, 'SnapshotNotFound')
})

test('jailed and zoned are one property, and short names mean the long ones', () => {
  const { zfs } = prepared('tank/a')
  zfs.setSync('tank/a', { jailed: 'on', compress: 'zstd-3' })
  assert.equal(get(zfs, 'tank/a', 'zoned'), { value: true, source: 'local' })
  assert.equal(get(zfs, 'tank/a', 'compression'), { value: 'zstd-3', source: 'local' })
})

test('a mounted directory that somebody removed can be unmounted and destroyed', () => {
  const { zfs, directory, at } = prepared('tank/a', 'tank/a/b')
  rmSync(at('tank/a'), { recursive: true })
  zfs.unmountSync('tank/a')
  zfs.mountSync('tank/a')
  zfs.unmountSync('tank/a')
  zfs.destroySync('tank/a/b')
  zfs.destroySync('tank/a')
  assert.equal(litter(directory), [])
})

test('a damaged state file is told as such and left alone', async () => {
  const { directory } = prepared('tank/a')
  const path = join(directory, 'state')
  const text = readFileSync(path, 'utf8')
  for (const damaged of ['', 'x', text.slice(0, -2), text.replace('embedded zfs 1', 'embedded zfs 2')]) {
    writeFileSync(path, damaged)
    assert.instance(await thrown(() => embeddedZfs({ directory }).existsSync('tank')), EmbeddedStateInvalid)
    assert.instance(await thrown(() => embeddedZfs({ directory }).createSync('tank/b')), EmbeddedStateInvalid)
    assert.is(readFileSync(path, 'utf8'), damaged)
  }
})

test('what is no directory, lock or note of an embedded ZFS is told as such', async () => {
  for (const directory of [undefined, '', 'a\0b', 7] as never[]) {
    assert.instance(await thrown(() => embeddedZfs({ directory })), ArgumentInvalid)
  }
  const { zfs, directory } = prepared()
  for (const line of ['{"made":7}', 'null', 'xx', '{"from":"/x"}']) {
    writeFileSync(join(directory, 'undo'), `99999\n${line}\n`)
    assert.instance(await thrown(() => zfs.create('tank/a')), EmbeddedStateInvalid, line)
  }
  rmSync(join(directory, 'undo'))
  zfs.createSync('tank/a')
  const strange = join(home, 'strange')
  mkdirSync(strange)
  writeFileSync(join(strange, 'lock'), 'no lock'.repeat(1000))
  const error = await thrown(() => embeddedZfs({ directory: strange }).pools.create('tank'))
  assert.instance(error, EmbeddedFileError)
  assert.match(error.message, join(strange, 'lock'))
})

test('datasets are nested 50 levels deep at most, as the kernel has it', async () => {
  const { zfs, directory } = prepared()
  const names = Array.from({ length: 49 }, (_, n) => `tank/${Array.from({ length: n + 1 }, () => 'd').join('/')}`)
  for (const name of names) zfs.createSync(name)
  const deepest = names.at(-1) as string
  assert.is((await thrown(() => zfs.createSync(`${deepest}/d`))).name, 'NameTooLong')
  zfs.createSync('tank/e')
  zfs.createSync('tank/e/e')
  assert.is((await thrown(() => zfs.renameSync('tank/e', `${names.at(-2)}/e`))).name, 'NameTooLong')
  assert.is(zfs.existsSync('tank/e/e'), true)
  zfs.pools.destroySync('tank')
  assert.equal(litter(directory), [])
})

test('errors say what was asked, what was found and what to do', async () => {
  const { zfs } = prepared('tank/a')
  const { message } = await thrown(() => zfs.destroySync('tank/a'))
  assert.match(
    message,
    /^cannot destroy "tank\/a": the dataset "tank\/a" is busy: it is mounted at .*; remove that first/,
  )
  const volume = await thrown(() => zfs.createSync('tank/v', { type: 'zvol' }))
  assert.match(volume.message, /^cannot create the volume "tank\/v": .*volsize.*a volume needs one/)
})

function namesOf(zfs: EmbeddedZfs, depth?: number): string[] {
  return zfs.listSync({ depth }).map(({ name }) => name)
}

test.run()
