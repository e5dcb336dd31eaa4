import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type EmbeddedZfs, MountpointUnusable } from '../../packages/zfs/src/embedded/index.ts'
import { assert, suite, thrown } from '../harness.ts'
import { litter, prepared, scratch, tree } from './embedded-fixture.ts'

const test = suite('files of the embedded ZFS')
const home = scratch(test)
let count = 0
const fresh = (): ReturnType<typeof prepared> => prepared(join(home, String(++count)))

/** A clone of what is in `tank/a` now, mounted; by both faces it has to be the same. */
async function cloned(zfs: EmbeddedZfs): Promise<string> {
  await zfs.snapshot(['tank/a@x'])
  zfs.cloneSync('tank/sync', 'tank/a@x')
  await zfs.clone('tank/clone', 'tank/a@x')
  zfs.mountSync('tank/sync')
  zfs.mountSync('tank/clone')
  const path = join(zfs.directory, 'mnt/tank/clone')
  assert.equal(tree(join(zfs.directory, 'mnt/tank/sync')), tree(path))
  return path
}

test('modes, times and empty directories survive snapshot and clone', async () => {
  const { zfs, path } = fresh()
  mkdirSync(join(path, 'closed/empty'), { recursive: true })
  writeFileSync(join(path, 'closed/tool'), 'x', { mode: 0o600 })
  chmodSync(join(path, 'closed/tool'), 0o4751)
  chmodSync(join(path, 'closed/empty'), 0o1777)
  utimesSync(join(path, 'closed/tool'), 1000, 2000.5)
  utimesSync(join(path, 'closed'), 3000, 4000)
  chmodSync(join(path, 'closed'), 0o500)
  chmodSync(path, 0o710)
  const there = await cloned(zfs)
  assert.equal(tree(there), tree(path))
  assert.is(statSync(join(there, 'closed/tool')).mtimeMs, 2_000_500)
  assert.is(statSync(join(there, 'closed')).mtimeMs, 4_000_000)
  for (const name of ['tank/sync', 'tank/clone']) {
    zfs.unmountSync(name)
    zfs.destroySync(name)
  }
  assert.equal(litter(zfs.directory), [])
})

test('hard links within a dataset survive snapshot and clone', async () => {
  const { zfs, path } = fresh()
  mkdirSync(join(path, 'folder'))
  writeFileSync(join(path, 'one'), 'same')
  linkSync(join(path, 'one'), join(path, 'folder/two'))
  linkSync(join(path, 'one'), join(path, 'three'))
  const there = await cloned(zfs)
  const inodes = ['one', 'folder/two', 'three'].map((name) => statSync(join(there, name)).ino)
  assert.is(new Set(inodes).size, 1)
  assert.is(statSync(join(there, 'one')).nlink, 3)
  assert.not.ok(inodes.includes(statSync(join(path, 'one')).ino))
})

test('symbolic links are copied and never followed', async () => {
  const { zfs, directory, path } = fresh()
  const outside = join(home, `outside${count}`)
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'untouched')
  const targets = {
    absolute: outside,
    up: '../../../..',
    dangling: 'nowhere',
    file: join(outside, 'secret'),
    loop: 'loop',
  }
  for (const [name, target] of Object.entries(targets)) symlinkSync(target, join(path, name))
  utimesSync(path, 1, 1)
  const there = await cloned(zfs)
  for (const [name, target] of Object.entries(targets)) assert.is(readlinkSync(join(there, name)), target)
  for (const name of ['tank/clone', 'tank/sync', 'tank/a']) zfs.unmountSync(name)
  for (const name of ['tank/clone', 'tank/sync']) zfs.destroySync(name)
  zfs.destroySnapsSync(['tank/a@x'])
  zfs.destroySync('tank/a')
  assert.is(readFileSync(join(outside, 'secret'), 'utf8'), 'untouched')
  assert.equal(litter(directory), [])
})

test('a mountpoint below a symbolic link inside a dataset is refused', () => {
  const { zfs, path } = fresh()
  const outside = join(home, `outside${count}`)
  mkdirSync(outside)
  symlinkSync(outside, join(path, 'link'))
  for (const name of ['link', 'way']) zfs.createSync(`tank/a/${name}`)
  const refused = (name: string): string => {
    try {
      zfs.mountSync(name)
      return 'mounted'
    } catch (error) {
      return (error as Error).name
    }
  }
  assert.is(refused('tank/a/link'), 'MountpointUnusable')
  zfs.setSync('tank/a/way', { mountpoint: join(path, 'link/below') })
  assert.is(refused('tank/a/way'), 'MountpointUnusable')
  assert.equal(readdirSync(outside), [])
})

test('a way that leads through a link after the mount is not taken', async () => {
  const { zfs, directory, path } = fresh()
  const outside = join(home, `outside${count}`)
  mkdirSync(join(outside, 'b'), { recursive: true })
  writeFileSync(join(outside, 'b/file'), 'untouched')
  zfs.createSync('tank/b', { props: { mountpoint: join(path, 'x/b') } })
  zfs.mountSync('tank/b')
  writeFileSync(join(path, 'x/b/file'), 'ours')
  renameSync(join(path, 'x'), join(path, 'y'))
  symlinkSync(outside, join(path, 'x'))
  for (const call of [
    () => zfs.unmountSync('tank/b'),
    () => zfs.snapshotSync(['tank/b@x']),
    () => zfs.snapshot(['tank/b@x']),
    () => zfs.pools.destroySync('tank'),
  ]) {
    assert.instance(await thrown(call), MountpointUnusable)
  }
  assert.equal(zfs.getSync('tank/b', ['referenced']).properties.referenced.value, 0n)
  assert.is(readFileSync(join(outside, 'b/file'), 'utf8'), 'untouched')
  unlinkSync(join(path, 'x'))
  renameSync(join(path, 'y'), join(path, 'x'))
  zfs.unmountSync('tank/b')
  assert.equal(litter(directory), [])
})

test('names that are not UTF-8 survive', async () => {
  const { zfs, path } = fresh()
  const name = Buffer.from([0x66, 0xff, 0xe9, 0x0a, 0x22])
  writeFileSync(Buffer.concat([Buffer.from(`${path}/`), name]), 'x')
  writeFileSync(join(path, 'ü字'), 'y')
  zfs.snapshotSync(['tank/a@x'])
  await zfs.snapshot(['tank/a@y'])
  for (const snapshot of ['tank/a@x', 'tank/a@y']) {
    const names = readdirSync(zfs.snapshotDirectory(snapshot), { encoding: 'buffer' }).map((found) =>
      found.toString('hex'),
    )
    assert.equal(names.sort(), [name.toString('hex'), Buffer.from('ü字').toString('hex')].sort())
  }
  zfs.pools.destroySync('tank')
  assert.equal(litter(zfs.directory), [])
})

test('a tree of 300 levels is copied and removed', async () => {
  const { zfs, path } = fresh()
  mkdirSync(join(path, Array.from({ length: 300 }, (_, n) => `d${n}`).join('/')), { recursive: true })
  const there = await cloned(zfs)
  assert.equal(tree(there), tree(path))
  zfs.pools.destroySync('tank')
  assert.equal(litter(zfs.directory), [])
})

test('a tree deeper than any path can name is copied and removed', async () => {
  const { zfs, directory, path } = fresh()
  // 6,000 bytes deep: made in parts that are joined by renaming.
  const part = (n: number): string =>
    Array.from({ length: 10 }, (_, level) => `${n}.${level}`.padEnd(190, 'x')).join('/')
  const parts = [0, 1, 2].map((n) => join(directory, `part${n}`))
  for (const [n, base] of parts.entries()) mkdirSync(join(base, part(n)), { recursive: true })
  writeFileSync(join(parts[2] as string, part(2), 'bottom'), 'deep')
  renameSync(parts[2] as string, join(parts[1] as string, part(1), 'joined'))
  renameSync(parts[1] as string, join(parts[0] as string, part(0), 'joined'))
  renameSync(parts[0] as string, join(path, 'top'))
  await zfs.snapshot(['tank/a@x'])
  zfs.snapshotSync(['tank/a@y'])
  assert.is(depth(zfs.snapshotDirectory('tank/a@x')), depth(path))
  zfs.pools.destroySync('tank')
  assert.equal(litter(directory), [])
})

/** Levels of a tree with one way down, found by moving it up a piece at a time. */
function depth(base: string): number {
  let levels = 0
  let at = base
  for (;;) {
    const [name] = readdirSync(at)
    if (name === undefined) return levels
    levels++
    if (!lstatSync(join(at, name)).isDirectory()) return levels
    at = join(at, name)
    if (at.length > 3500) {
      const link = join(home, `deep${count++}`)
      symlinkSync(at, link)
      at = link
    }
  }
}

test('sockets are left out', async () => {
  const { zfs, path } = fresh()
  writeFileSync(join(path, 'file'), '')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(path, 's'), resolve))
  const there = await cloned(zfs)
  assert.equal(readdirSync(there), ['file'])
  await new Promise((resolve) => server.close(resolve))
})

test('what is mounted inside is not part of a snapshot, what it hides is', async () => {
  const { zfs, path } = fresh()
  zfs.createSync('tank/a/b')
  mkdirSync(join(path, 'b'), { mode: 0o750 })
  writeFileSync(join(path, 'b/hidden'), 'below')
  zfs.mountSync('tank/a/b')
  assert.is(existsSync(join(path, 'b/hidden')), false)
  writeFileSync(join(path, 'b/file'), 'above')
  const there = await cloned(zfs)
  assert.equal(readdirSync(join(there, 'b')), ['hidden'])
  assert.is(statSync(join(there, 'b')).mode & 0o777, 0o750)
  zfs.unmountSync('tank/a/b')
  assert.equal(readdirSync(join(path, 'b')), ['hidden'])
})

test('used and referenced count the files and not what is mounted inside', async () => {
  const { zfs, path } = fresh()
  zfs.createSync('tank/a/b')
  zfs.mountSync('tank/a/b')
  writeFileSync(join(path, 'file'), Buffer.alloc(100_000, 1))
  linkSync(join(path, 'file'), join(path, 'again'))
  writeFileSync(join(path, 'b/file'), Buffer.alloc(1_000_000, 1))
  await zfs.snapshot(['tank/a@x'])
  const sizes = async (name: string, property: string): Promise<number> =>
    Number((await zfs.get(name, [property])).properties[property]?.value)
  const near = (value: number, wanted: number): boolean => value >= wanted && value < wanted * 1.2
  assert.ok(near(await sizes('tank/a', 'referenced'), 100_000))
  assert.ok(near(await sizes('tank/a@x', 'referenced'), 100_000))
  assert.ok(near(await sizes('tank/a', 'used'), 1_200_000))
  assert.ok((await sizes('tank/a', 'available')) > 0)
})

test.run()
