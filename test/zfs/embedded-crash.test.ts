import { closeSync, cpSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EmbeddedZfs, embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import { assert, suite } from '../harness.ts'
import { callOf, inChild, litter, picture, scratch, type Task } from './embedded-fixture.ts'

const test = suite('embedded ZFS killed at every change to a file')
const home = scratch(test)

interface Scenario {
  readonly call: string
  readonly args: readonly unknown[]
  readonly prepare?: (zfs: EmbeddedZfs) => void
}

const scenarios: readonly Scenario[] = [
  { call: 'pools.create', args: ['other'] },
  { call: 'pools.destroy', args: ['tank'] },
  { call: 'create', args: ['tank/new', { props: { 'gaoler:x': 'y' } }] },
  { call: 'clone', args: ['tank/new', 'tank/a@x', {}] },
  { call: 'snapshotSync', args: [['tank/a@y', 'tank/a/b@y']] },
  { call: 'destroy', args: ['tank/c'] },
  { call: 'destroySnaps', args: [['tank/a@x', 'tank/a/b@x']] },
  { call: 'rename', args: ['tank/c', 'tank/a/c'] },
  { call: 'promote', args: ['tank/clone'], prepare: (zfs) => zfs.cloneSync('tank/clone', 'tank/a@x') },
  { call: 'hold', args: [{ 'tank/a@x': 'one', 'tank/a/b@x': 'two' }] },
  {
    call: 'release',
    args: [{ 'tank/a@x': ['one'] }],
    prepare: (zfs) => {
      zfs.holdSync({ 'tank/a@x': 'one' })
      zfs.destroySnapsSync(['tank/a@x'], { defer: true })
    },
  },
  { call: 'set', args: ['tank/a', { 'gaoler:x': 'y' }] },
  { call: 'set', args: ['tank/a', { mountpoint: '%d/mnt/elsewhere/deep' }] },
  { call: 'set', args: ['tank/a', { canmount: 'off' }] },
  {
    call: 'inherit',
    args: ['tank/a', 'mountpoint'],
    prepare: (zfs) => zfs.setSync('tank/a', { mountpoint: join(zfs.directory, 'mnt/elsewhere') }),
  },
  { call: 'mount', args: ['tank/c'], prepare: (zfs) => cover(zfs, 'tank/c') },
  { call: 'mount', args: ['tank'], prepare: unmountAbove },
  { call: 'unmount', args: ['tank/a'] },
  { call: 'bookmark', args: [{ 'tank/a#one': 'tank/a@x', 'tank/a/b#two': 'tank/a/b@x' }] },
  {
    call: 'destroyBookmarks',
    args: [['tank/a#one', 'tank/a/b#two']],
    prepare: (zfs) => zfs.bookmarkSync({ 'tank/a#one': 'tank/a@x', 'tank/a/b#two': 'tank/a/b@x' }),
  },
  { call: 'rename', args: ['tank/a@x', 'tank/a@z'] },
  { call: 'set', args: ['tank/a@x', { 'gaoler:x': 'y' }] },
  { call: 'rollback', args: ['tank/a'], prepare: change },
  { call: 'receive', args: ['tank/new@x', 'fd:%d/mnt/stream'], prepare: (zfs) => keepStream(zfs, 'tank/a@x') },
  {
    call: 'receive',
    args: ['tank/a@y', 'fd:%d/mnt/stream', { force: true }],
    prepare: (zfs) => {
      change(zfs)
      zfs.snapshotSync(['tank/a@y'])
      keepStream(zfs, 'tank/a@y', 'tank/a@x')
      zfs.destroySnapsSync(['tank/a@y'])
      zfs.rollbackSync('tank/a')
    },
  },
]

/** A pool with a nested filesystem, snapshots, and one that is not mounted. */
function prepare(directory: string): EmbeddedZfs {
  const zfs = embeddedZfs({ directory })
  zfs.pools.createSync('tank')
  for (const name of ['tank/a', 'tank/a/b', 'tank/c']) {
    zfs.createSync(name)
    zfs.mountSync(name)
    if (name !== 'tank/a/b') fill(join(directory, 'mnt', name))
  }
  zfs.unmountSync('tank/c')
  zfs.snapshotSync(['tank/a@x', 'tank/a/b@x'])
  return zfs
}

function fill(path: string): void {
  mkdirSync(join(path, 'folder'))
  writeFileSync(join(path, 'folder/file'), path)
  symlinkSync('folder/file', join(path, 'link'))
}

/** A filesystem is mounted below a directory at which its parent is going to be. */
function unmountAbove(zfs: EmbeddedZfs): void {
  zfs.unmountSync('tank')
  zfs.mountSync('tank/a/b')
}

/** Something that is gone when the snapshot is back. */
function change(zfs: EmbeddedZfs): void {
  writeFileSync(join(zfs.directory, 'mnt/tank/a/folder/file'), 'changed')
}

function keepStream(zfs: EmbeddedZfs, snapshot: string, from?: string): void {
  const fd = openSync(join(zfs.directory, 'mnt/stream'), 'w')
  zfs.sendSync(snapshot, fd, from === undefined ? {} : { from })
  closeSync(fd)
}

/** Something that the mount is going to hide. */
function cover(zfs: EmbeddedZfs, name: string): void {
  writeFileSync(join(zfs.directory, 'mnt', name, 'hidden'), 'still here')
}

for (const [number, { call, args, prepare: more }] of scenarios.entries()) {
  const title = `a ${call} (${number}) that is killed has happened wholly or not at all`
  test(title, () => everyKill(number, call, args, more), { timeout: 60_000 })
}

// Each with a directory of its own, because a state names absolute paths.
const LANES = 3

async function everyKill(
  number: number,
  call: string,
  args: readonly unknown[],
  more?: Scenario['prepare'],
): Promise<void> {
  const lanes = Array.from({ length: LANES }, (_, lane) => new Lane(join(home, `${number}.${lane}`), call, args, more))
  const { after, before, changes } = await (lanes[0] as Lane).once()
  assert.not.equal(after, before)
  const seen: string[] = []
  const all = Array.from({ length: changes }, (_, n) => n + 1)
  // While files are copied one change is like the next: some of them are enough.
  const points = all.filter((n) => n > changes - 9 || n % 5 === 1).values()
  const work = async (lane: Lane): Promise<void> => {
    for (const killAt of points) {
      const now = await lane.killed(killAt)
      const which = now === before ? 'before' : 'after'
      assert.is(now, which === 'before' ? before : after, `killed at change ${killAt} of ${changes}`)
      seen.push(which)
      assert.is(await lane.next(which === 'before'), after, `the next call, after change ${killAt} of ${changes}`)
    }
  }
  await Promise.all(lanes.map(work))
  assert.ok(seen.includes('before') && seen.includes('after'), seen.join())
}

/** A prepared directory, put back before each kill. */
class Lane {
  readonly #directory: string
  readonly #call: string
  readonly #args: unknown[]
  readonly #before: string

  constructor(directory: string, call: string, args: readonly unknown[], more: Scenario['prepare']) {
    this.#directory = directory
    this.#call = call
    this.#args = JSON.parse(JSON.stringify(args).replaceAll('%d', directory)) as unknown[]
    const zfs = prepare(directory)
    more?.(zfs)
    this.#before = this.#picture()
    copy(directory, `${directory}.kept`)
  }

  /** What is seen before and after the call when nobody is killed, and how many changes to files it makes. */
  async once(): Promise<{ before: string; after: string; changes: number }> {
    const { changes, results } = await inChild(this.#task())
    assert.equal(results, ['ok'])
    return { before: this.#before, after: this.#picture(), changes }
  }

  /** What is seen after the call was killed at one of them. */
  async killed(killAt: number): Promise<string> {
    rmSync(this.#directory, { recursive: true })
    copy(`${this.#directory}.kept`, this.#directory)
    const { signal } = await inChild({ ...this.#task(), killAt })
    assert.is(signal, 'SIGKILL')
    return this.#picture()
  }

  /** What is seen after the same call again, or any other, and that nothing is left of the one that was killed. */
  async next(again: boolean): Promise<string> {
    const zfs = embeddedZfs({ directory: this.#directory })
    if (again) await callOf(zfs, this.#call)(...this.#args)
    const seen = this.#picture()
    assert.equal(litter(this.#directory), [])
    return seen
  }

  #task(): Task {
    return { directory: this.#directory, calls: [[this.#call, ...this.#args]] }
  }

  #picture(): string {
    const seen = picture(embeddedZfs({ directory: this.#directory }))
    return JSON.stringify(seen, null, 1).replaceAll(this.#directory, '%d')
  }
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
}

test.run()
