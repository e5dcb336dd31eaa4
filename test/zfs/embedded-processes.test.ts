import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { EmbeddedLocked, type EmbeddedZfs, embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import { FileLock } from '../../packages/zfs/src/embedded/lock.ts'
import { runAsync, runSync } from '../../packages/zfs/src/embedded/steps.ts'
import { assert, suite, thrown } from '../harness.ts'
import { inChild, litter, scratch, tree } from './embedded-fixture.ts'

const test = suite('embedded ZFS used by several at once')
const home = scratch(test)
let count = 0

/** A pool with a filesystem `tank/a` of some files. */
function prepared(files = 20): { zfs: EmbeddedZfs; directory: string; path: string } {
  const directory = join(home, String(++count))
  const zfs = embeddedZfs({ directory })
  zfs.pools.createSync('tank')
  zfs.createSync('tank/a')
  zfs.mountSync('tank/a')
  const path = join(directory, 'mnt/tank/a')
  for (let n = 0; n < files; n++) {
    mkdirSync(join(path, String(n)))
    writeFileSync(join(path, String(n), 'file'), `text ${n}`)
  }
  return { zfs, directory, path }
}

test(
  'of two processes that make the same datasets each is made by one',
  async () => {
    const { directory, zfs } = prepared()
    const task = { directory, calls: [['createSync', 'tank/n%n']] as const, times: 100 }
    const [a, b] = await Promise.all([inChild(task), inChild(task)])
    const pairs = a.results.map((result, turn) => [result, b.results[turn]].sort().join())
    assert.equal([...new Set(pairs)], ['FilesystemExists,ok'])
    assert.is(zfs.listSync({ root: 'tank', depth: 1 }).length, 102)
    assert.equal(litter(directory), [])
  },
  { timeout: 60_000 },
)

test(
  'no change of two processes is lost',
  async () => {
    const { directory, zfs } = prepared()
    zfs.snapshotSync(['tank/a@x'])
    const holding = (tag: string): Promise<unknown> =>
      inChild({ directory, calls: [['hold', { 'tank/a@x': `${tag}%n` }]], times: 100 })
    await Promise.all([holding('a'), holding('b')])
    assert.is(Object.keys(zfs.getHoldsSync('tank/a@x')).length, 200)
  },
  { timeout: 60_000 },
)

test(
  'a snapshot is whole while another process mounts and unmounts',
  async () => {
    const { directory, zfs, path } = prepared()
    const whole = tree(path)
    const moving = inChild({
      directory,
      calls: [
        ['unmount', 'tank/a'],
        ['mount', 'tank/a'],
      ],
      times: 100,
    })
    for (let n = 0; n < 20; n++) {
      await zfs.snapshot([`tank/a@${n}`])
      assert.equal(tree(zfs.snapshotDirectory(`tank/a@${n}`)), whole)
    }
    assert.equal([...new Set((await moving).results)], ['ok'])
    assert.equal(litter(directory), [])
  },
  { timeout: 60_000 },
)

test(
  'a clone is whole or not there while another process destroys its origin',
  async () => {
    const { directory, zfs } = prepared()
    const making = inChild({
      directory,
      calls: [
        ['snapshot', ['tank/a@x']],
        ['destroySnaps', ['tank/a@x']],
      ],
      times: 60,
    })
    const outcomes = new Set<string>()
    for (let n = 0; n < 60; n++) {
      try {
        await zfs.clone(`tank/c${n}`, 'tank/a@x')
        outcomes.add('ok')
        const { guid } = zfs.getSync(`tank/c${n}`, ['guid']).properties
        assert.is(tree(join(directory, 'data', String(guid.value))).length, 41)
        await zfs.destroy(`tank/c${n}`)
      } catch (error) {
        outcomes.add((error as Error).name)
      }
    }
    for (const result of (await making).results) outcomes.add(result)
    const possible = ['ok', 'SnapshotNotFound', 'SnapshotIsCloned', 'SnapshotExists']
    assert.equal(
      [...outcomes].filter((outcome) => !possible.includes(outcome)),
      [],
    )
    assert.equal(litter(directory), [])
  },
  { timeout: 60_000 },
)

test('blocking calls work while an asynchronous one of the same thread is under way', async () => {
  const { directory, zfs } = prepared(400)
  const slow = zfs.snapshot(['tank/a@x'])
  zfs.createSync('tank/b')
  zfs.snapshotSync(['tank/a@y'])
  assert.is(zfs.existsSync('tank/a@x'), false)
  await slow
  assert.is(zfs.existsSync('tank/a@x'), true)
  assert.equal(litter(directory), [])
})

test('an asynchronous copy leaves the event loop free', async () => {
  const { zfs } = prepared(400)
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  await zfs.snapshot(['tank/a@x'])
  clearInterval(timer)
  assert.ok(ticks >= 5, `${ticks} ticks`)
})

test('many asynchronous calls at once all succeed', async () => {
  const { zfs, directory } = prepared()
  await Promise.all(Array.from({ length: 20 }, (_, n) => zfs.snapshot([`tank/a@${n}`])))
  await Promise.all(Array.from({ length: 20 }, (_, n) => zfs.clone(`tank/c${n}`, `tank/a@${n}`)))
  assert.is(zfs.listSync({ types: ['snapshot'] }).length, 20)
  await Promise.all(Array.from({ length: 20 }, (_, n) => zfs.destroy(`tank/c${n}`)))
  await zfs.destroySnaps(Array.from({ length: 20 }, (_, n) => `tank/a@${n}`))
  assert.equal(litter(directory), [])
})

test('a lock that is not free in time is told as such', async () => {
  const path = join(home, 'held')
  const [holder, waiter] = [new FileLock(path), new FileLock(path)]
  assert.is(holder.tryAcquire(), true)
  assert.instance(await thrown(() => runSync(waiter.acquire(20))), EmbeddedLocked)
  assert.instance(await thrown(() => runAsync(waiter.acquire(20))), EmbeddedLocked)
  holder.release()
  runSync(waiter.acquire(20))
  for (const lock of [holder, waiter]) lock.close()
})

test('a worker that is ended in the middle leaves neither a lock nor files behind', async () => {
  const { directory, zfs } = prepared(200)
  zfs.snapshotSync(['tank/a@x'])
  const module = new URL('../../packages/zfs/src/embedded/index.ts', import.meta.url).href
  const program = `import(${JSON.stringify(module)}).then(({ embeddedZfs }) => {
    const zfs = embeddedZfs({ directory: ${JSON.stringify(directory)} })
    require('node:worker_threads').parentPort.postMessage('begun')
    for (let n = 0; ; n++) zfs.cloneSync('tank/c' + n, 'tank/a@x')
  })`
  for (const delay of [5, 20, 37]) {
    const worker = new Worker(program, { eval: true })
    await new Promise((resolve) => worker.once('message', resolve))
    await sleep(delay)
    await worker.terminate()
    for (const { name } of zfs.listSync().filter(({ name }) => name.startsWith('tank/c'))) zfs.destroySync(name)
  }
  assert.equal(litter(directory), [])
})

test('a directory that was removed and made anew is used as it is now', () => {
  const { zfs, directory } = prepared()
  zfs.snapshotSync(['tank/a@x'])
  rmSync(directory, { recursive: true })
  assert.equal(zfs.listSync(), [])
  const other = embeddedZfs({ directory })
  other.pools.createSync('tank')
  assert.is(zfs.existsSync('tank/a'), false)
  zfs.createSync('tank/a')
  zfs.snapshotSync(['tank/a@x'])
  assert.is(other.existsSync('tank/a@x'), true)
})

test.run()
