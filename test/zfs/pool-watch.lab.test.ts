import { readdirSync, writeFileSync } from 'node:fs'
import { drain } from '@gaoler/core'
import { ArgumentInvalid, PoolBusy, PoolNotFound, ScanNotRunning, scrubPool, trimPool, VdevIdle } from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { cleanUp, files, fresh, leaves, mirror, pools, zfs } from './pools-fixture.ts'

const test = suite('zfs/pool-watch')
test.after(cleanUp)

test('samples are taken for as long as somebody wants them', async () => {
  const name = fresh()
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint: 'none' })
  const seen = []
  for await (const sample of pools.iostat(name, { interval: 0.1 })) {
    seen.push(sample)
    if (seen.length === 2) break
  }
  assert.ok(seen.every(({ pool, free, readBytes }) => pool === name && free > 0n && typeof readBytes === 'bigint'))
  assert.is([...pools.iostatSync(name, { interval: 0.1, count: 2 })].length, 2)
  const abort = new AbortController()
  const endless = pools.iostat(name, { interval: 3600, signal: abort.signal }).next()
  abort.abort()
  assert.is((await thrown(() => endless)).name, 'OperationCancelled')
})

/** The kernel's switch that holds a scan where it is: so small a pool would be scrubbed before anybody looks. */
async function heldScrub(body: (release: () => void) => Promise<void>): Promise<void> {
  const hold = (on: '0' | '1'): void => writeFileSync('/sys/module/zfs/parameters/zfs_scan_suspend_progress', on)
  hold('1')
  try {
    await body(() => hold('0'))
  } finally {
    hold('0')
  }
}

test('a scrub and a trim tell their progress to the end, and who leaves stops them', async () => {
  const name = fresh()
  await pools.create(name, { vdevs: mirror(...files(2)), mountpoint: 'none' })
  assert.instance(await thrown(() => pools.scrub(name, { command: 'stop' })), ScanNotRunning)
  await heldScrub(async (release) => {
    const seen: string[] = []
    for await (const event of scrubPool(zfs, name)) {
      seen.push(`${event.type} ${event.state}`)
      if (event.state !== 'progress') continue
      assert.is(event.progress?.unit, 'bytes')
      assert.ok((event.progress?.total ?? 0) > 0)
      if (seen.length === 2) {
        assert.instance(await thrown(() => pools.scrub(name)), PoolBusy)
        await pools.scrub(name, { command: 'pause' })
        assert.is((await pools.status(name)).scan?.state, 'paused')
        await pools.scrub(name)
        release()
      }
    }
    assert.equal(
      [seen[0], seen[1], seen.at(-1)],
      ['ZFSPoolScrub pending', 'ZFSPoolScrub progress', 'ZFSPoolScrub done'],
    )
  })
  assert.equal((await pools.status(name)).scan?.state, 'finished')
  await heldScrub(async () => {
    for await (const event of scrubPool(zfs, name)) if (event.state === 'progress') break
    assert.is((await pools.status(name)).scan?.state, 'canceled')
  })
  const trimmed = await drain(trimPool(zfs, name))
  assert.equal(
    leaves(trimmed).map(({ trim }) => trim?.state),
    ['complete', 'complete'],
  )
  assert.instance(await thrown(() => pools.trim(name, { command: 'cancel' })), VdevIdle)
  await pools.initialize(name)
  await zfs.wait(name, 'initialize')
  assert.is(leaves(await pools.status(name))[0]?.initialize?.state, 'complete')
  assert.instance(await thrown(() => pools.initialize(name, { command: 'cancel' })), VdevIdle)
  assert.instance(await thrown(() => drain(scrubPool(zfs, 'nosuch'))), PoolNotFound)
})

test('history is exact, whatever was typed', async () => {
  const name = fresh()
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint: 'none' })
  const forged = 'x\n2026-01-01.00:00:00 zpool destroy everything'
  await zfs.set(name, { 'gaoler:x': forged })
  await zfs.snapshot([`${name}@one`])
  await zfs.sync(name, { force: true })
  const commands = await pools.history(name)
  assert.equal(
    commands.map(({ kind }) => kind),
    ['command', 'command'],
  )
  assert.match(String(commands[0]?.text), new RegExp(`^zpool create .*${name} `))
  assert.is(commands[1]?.text, `zfs set gaoler:x=${forged} ${name}`)
  assert.ok(commands.every(({ uid, host, at }) => uid === 0n && host !== null && at.getTime() > 1.7e12))
  const all = pools.historySync(name, { internal: true })
  const call = all.find(({ kind, text }) => kind === 'ioctl' && text === 'snapshot')
  assert.ok((call?.input?.get('snaps') as Map<string, unknown> | undefined)?.has(`${name}@one`))
  const noted = all.find(({ kind, text }) => kind === 'internal' && text === 'snapshot')
  assert.equal([noted?.dataset, typeof noted?.txg], [`${name}@one`, 'bigint'])
})

test('events tell what happens to pools, and end when the consumer leaves', async () => {
  const name = fresh()
  const seen: string[] = []
  let last = 0n
  const watching = (async () => {
    for await (const event of pools.events({ pool: name, from: 'oldest' })) {
      assert.is(event.pool, name)
      assert.ok(event.id > last)
      last = event.id
      seen.push(event.class)
      if (event.class.endsWith('scrub_finish')) return
    }
  })()
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint: 'none' })
  await pools.scrub(name)
  await watching
  const short = seen.map((each) => each.replace('sysevent.fs.zfs.', ''))
  for (const wanted of ['pool_create', 'scrub_start', 'scrub_finish']) assert.ok(short.includes(wanted), short.join())
  // From where one was, and without waiting for more.
  const later = [...pools.eventsSync({ from: last, follow: false, pool: name })].map((event) => event.class)
  assert.ok(!later.includes('sysevent.fs.zfs.pool_create'), later.join())
  const abort = new AbortController()
  const none = pools.events({ signal: abort.signal, pool: 'nosuch' }).next()
  abort.abort()
  assert.equal(await none, { value: undefined, done: true })
})

test('who leaves while nothing happens need not wait for something', async () => {
  const name = fresh()
  await pools.create(name, { vdevs: { data: files(1) }, mountpoint: 'none' })
  const before = readdirSync('/proc/self/fd').length
  for (const watching of [pools.events({ pool: 'nosuch' }), pools.iostat(name, { interval: 3600 })]) {
    const next = watching.next()
    assert.equal(await watching.return(), { value: undefined, done: true })
    assert.equal(await next, { value: undefined, done: true })
  }
  assert.is(readdirSync('/proc/self/fd').length, before)
  const beyond = await thrown(() => pools.events({ from: 2n ** 40n }).next())
  assert.instance(beyond, ArgumentInvalid)
})

test.run()
