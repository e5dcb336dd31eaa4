import { randomBytes } from 'node:crypto'
import { createReadStream, readdirSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { collect, drain, OperationCancelled } from '@gaoler/core'
import {
  ArgumentInvalid,
  BadStream,
  CryptoNotSupported,
  DatasetBusy,
  DatasetExists,
  NoSpace,
  PropertyInvalid,
  type ReceiveStreamOptions,
  receiveStream,
  type SendStreamOptions,
  SnapshotNotFound,
  StreamIOError,
  StreamTruncated,
  sendStream,
} from '@gaoler/zfs'
import { PipeInflow } from '../../packages/zfs/src/stream/inflow.ts'
import { Outflow } from '../../packages/zfs/src/stream/outflow.ts'
import { assert, suite, thrown } from '../harness.ts'
import { makePool, type Pool } from './pool.ts'
import { bytesOf, content, fill, fresh, inPool, poolName, receive, source, value, zfs } from './streams-fixture.ts'

const test = suite('zfs/streams')
const key = Buffer.alloc(32, 7)
let small: Pool
inPool(test)
test.before(() => {
  small = makePool(64)
})
test.after(() => small.destroy())

/** Those that streams have. Threads, which are kept, have others. */
const descriptors = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:')
    } catch {
      // It was that of reading the directory.
      return false
    }
  }).length

test('a snapshot goes from one operation to the other, and both tell how far it is', async () => {
  const [from, to] = [await source(2_000_000), fresh()]
  const { readable, operation } = sendStream(zfs, `${from}@x`)
  // Something in between, so that it passes through this process.
  const [sent, received] = await Promise.all([
    collect(operation),
    collect(receiveStream(zfs, to, readable.pipe(new PassThrough()))),
  ])
  for (const events of [sent, received]) {
    const { state, progress, payload } = events.at(-1) as (typeof events)[number]
    assert.is(state, 'done')
    assert.ok((progress?.current ?? 0) > 2_000_000, JSON.stringify(progress))
    assert.is(progress?.unit, 'bytes')
    assert.ok(Number((payload as { rate?: number }).rate) > 0)
  }
  assert.ok((sent.at(-1)?.progress?.total ?? 0) > 1_900_000)
  assert.is(await value(`${to}@x`, 'guid'), await value(`${from}@x`, 'guid'))
})

test('a readable that is received unread becomes a pipe, and Web streams are taken too', async () => {
  const [from, to, web] = [await source(2_000_000), fresh(), fresh()]
  const before = descriptors()
  const { readable, operation } = sendStream(zfs, `${from}@x`)
  const [sent, received] = await Promise.all([drain(operation), drain(receiveStream(zfs, `${to}@y`, readable))])
  assert.is(sent.bytes, received.bytes)
  assert.is(received.snapshot, `${to}@y`)
  assert.is(received.header.toName, `${from}@x`)
  assert.is(descriptors(), before)
  const stream = Readable.toWeb(sendStream(zfs, `${from}@x`).readable)
  assert.is((await drain(receiveStream(zfs, web, stream))).bytes, sent.bytes)
  assert.is(await value(`${web}@x`, 'guid'), await value(`${from}@x`, 'guid'))
})

test('an encrypted dataset is sent raw, without its key, which opens it elsewhere', async () => {
  const [from, to] = [fresh(), `${small.name}/raw`]
  await zfs.create(from, { props: { encryption: 8n, keyformat: 1n, keylocation: 'prompt' }, key })
  await fill(from)
  const expected = await content(from)
  await zfs.snapshot([`${from}@x`])
  await zfs.unloadKey(from)
  const { readable } = sendStream(zfs, `${from}@x`, { flags: ['raw'] })
  await drain(receiveStream(zfs, to, readable, { raw: true }))
  await zfs.loadKey(to, key)
  assert.is(await content(to), expected)
})

test('what follows a bookmark is sent when its snapshot is gone', async () => {
  const [from, to] = [await source(), fresh()]
  await receive(to, await bytesOf(`${from}@x`))
  await zfs.bookmark({ [`${from}#x`]: `${from}@x` })
  await fill(from, 100_000, 'more')
  await zfs.snapshot([`${from}@y`])
  await zfs.destroySnaps([`${from}@x`])
  await drain(receiveStream(zfs, to, sendStream(zfs, `${from}@y`, { from: `${from}#x` }).readable))
  assert.is(await content(to), await content(from))
})

test('a redacted stream leaves out what a clone has changed', async () => {
  const [from, clone] = [await source(), fresh()]
  await zfs.clone(clone, `${from}@x`)
  await fill(clone)
  await zfs.snapshot([`${clone}@x`])
  await zfs.redact(`${from}@x`, 'redacted', [`${clone}@x`])
  const stream = await bytesOf(`${from}@x`, { redactionBookmark: 'redacted' })
  assert.ok(stream.length < 150_000, `${stream.length}`)
  await receive(fresh(), stream)
})

test('from kernel to kernel progress is told while it goes on', async () => {
  const from = await source(3_000_000)
  const sent = Outflow.untouched(sendStream(zfs, `${from}@x`).readable)
  assert.ok(sent)
  const inflow = new PipeInflow(sent)
  assert.is((await inflow.first(312)).length, 312)
  await inflow.feed(false, async (fd) => {
    // The pipe is full, and nobody reads: only the kernel knows how much was written.
    while (inflow.meter.bytes < 500_000) await readFile(import.meta.filename)
    assert.is(sent.meter.bytes, inflow.meter.bytes)
    const rest = await buffer(createReadStream('', { fd, autoClose: false }))
    return BigInt(rest.length)
  })
  const { length } = await bytesOf(`${from}@x`)
  assert.is(inflow.meter.bytes, length)
})

test('packages take all datasets, snapshots and properties along', async () => {
  const from = await source()
  await zfs.create(`${from}/child`)
  await zfs.set(from, { 'gaoler:who': 'me', compression: 'zstd' })
  for (const snapshot of ['y', 'z']) await zfs.snapshot([`${from}@${snapshot}`, `${from}/child@${snapshot}`])
  const replicated = fresh()
  const { readable, operation } = sendStream(zfs, `${from}@z`, { replicate: true })
  const [, { snapshot }] = await Promise.all([
    drain(operation),
    drain(receiveStream(zfs, replicated, readable, { override: { atime: 'off' }, exclude: ['gaoler:who'] })),
  ])
  assert.is(snapshot, undefined)
  for (const name of ['@x', '@z', '/child@y']) assert.is(zfs.existsSync(`${replicated}${name}`), true, name)
  assert.is(await value(replicated, 'compression'), 'zstd')
  assert.is(await value(replicated, 'atime'), false)
  assert.is(await value(replicated, 'gaoler:who'), null)

  const [stepwise, propertied, under] = [fresh(), fresh(), fresh()]
  await receive(stepwise, await bytesOf(`${from}@x`))
  await receive(stepwise, await bytesOf(`${from}@z`, { from: `${from}@x`, intermediates: true }))
  assert.is(zfs.existsSync(`${stepwise}@y`), true)
  await receive(propertied, await bytesOf(`${from}@z`, { properties: true }))
  assert.is(await value(propertied, 'gaoler:who'), 'me')
  await zfs.create(under)
  await receive(under, await bytesOf(`${from}@x`), { naming: 'path' })
  assert.is(zfs.existsSync(`${under}${from.slice(poolName().length)}@x`), true)
  await receive(under, await bytesOf(`${from}/child@y`), { naming: 'last' })
  assert.is(zfs.existsSync(`${under}/child@y`), true)
  assert.instance(await thrown(() => bytesOf(`${from}@z`, { intermediates: true })), ArgumentInvalid)
  assert.instance(await thrown(() => bytesOf(`${from}@no`, { replicate: true })), SnapshotNotFound)
  const again = await thrown(async () => receive(replicated, await bytesOf(`${from}@z`, { replicate: true })))
  assert.instance(again, DatasetExists)
})

test('damaged and foreign streams are refused by type, and leave nothing behind', async () => {
  const from = await source()
  const good = await bytesOf(`${from}@x`)
  const flipped = Buffer.from(good)
  flipped.writeUInt8(flipped.readUInt8(100_000) ^ 1, 100_000)
  const cases: [Buffer, new (...args: never[]) => Error][] = [
    [good.subarray(0, 100), StreamTruncated],
    [good.subarray(0, 100_000), StreamTruncated],
    [flipped, BadStream],
    [randomBytes(100_000), BadStream],
    [Buffer.from(JSON.stringify({ no: 'stream' }).repeat(100)), BadStream],
  ]
  for (const [stream, Kind] of cases) {
    const to = fresh()
    assert.instance(await thrown(() => receive(to, stream)), Kind)
    assert.is(zfs.existsSync(to), false)
  }
  const to = fresh()
  const source_ = new Readable({ read() {} })
  source_.push(good.subarray(0, 50_000))
  setImmediate(() => source_.destroy(new Error('the line is dead')))
  const broken = await thrown(() => drain(receiveStream(zfs, to, source_)))
  assert.instance(broken, StreamTruncated)
  assert.is((broken.cause as Error).message, 'the line is dead')
  assert.is(zfs.existsSync(to), false)
})

test('a byte at a time is a stream too', async () => {
  const name = fresh()
  await zfs.create(name)
  await zfs.snapshot([`${name}@x`])
  const stream = await bytesOf(`${name}@x`)
  const bytes = Readable.from([
    ...Array.from(stream.subarray(0, 1000), (byte) => Buffer.of(byte)),
    stream.subarray(1000),
  ])
  const to = fresh()
  await drain(receiveStream(zfs, to, bytes))
  assert.is(zfs.existsSync(`${to}@x`), true)
})

test('who leaves ends the send, with an error by type and nothing left open', async () => {
  const from = await source(3_000_000)
  await leaveAll(from)
  const before = descriptors()
  await leaveAll(from)
  assert.ok(descriptors() <= before, `${descriptors()} are open, and ${before} were`)
})

/** Leaves a stream in every way that there is. */
async function leaveAll(from: string): Promise<void> {
  for (const options of [{}, { properties: true }]) {
    const { readable, operation } = sendStream(zfs, `${from}@x`, options)
    const ended = thrown<StreamIOError>(() => drain(operation))
    for await (const _ of readable) break
    const error = await ended
    assert.instance(error, StreamIOError)
    assert.match(error.message, /EPIPE|EINTR/)
  }
  const cancelled = sendStream(zfs, `${from}@x`, { signal: AbortSignal.abort() })
  assert.instance(await thrown(() => drain(cancelled.operation)), OperationCancelled)
  assert.instance(await thrown(() => buffer(cancelled.readable)), OperationCancelled)

  // Sent and received by one pipe, which is neither's to be closed.
  const [to, controller] = [fresh(), new AbortController()]
  const { readable, operation } = sendStream(zfs, `${from}@x`)
  const sending = thrown(() => drain(operation))
  const receiving = thrown(async () => {
    for await (const event of receiveStream(zfs, to, readable, { signal: controller.signal })) {
      if (event.state === 'progress') controller.abort()
    }
  })
  assert.instance(await receiving, OperationCancelled)
  assert.instance(await sending, StreamIOError)
  assert.is(zfs.existsSync(to), false)
}

test('a failed send and a refused receive tell their reasons at both ends', async () => {
  const from = await source()
  const { readable, operation } = sendStream(zfs, `${from}@no`)
  const sending = thrown(() => drain(operation))
  assert.instance(await thrown(() => buffer(readable)), SnapshotNotFound)
  assert.instance(await sending, SnapshotNotFound)
  const missing = thrown(() => drain(receiveStream(zfs, fresh(), sendStream(zfs, `${from}@no`).readable)))
  assert.instance(await missing, SnapshotNotFound)
  const pair = sendStream(zfs, `${from}@x`)
  const left = thrown(() => drain(pair.operation))
  assert.instance(await thrown(() => drain(receiveStream(zfs, `${from}@x`, pair.readable))), DatasetExists)
  assert.instance((await left).cause, DatasetExists)
})

test('what cannot be asked for is refused by its name', async () => {
  const from = await source()
  const good = await bytesOf(`${from}@x`)
  await zfs.bookmark({ [`${from}#x`]: `${from}@x` })
  const asks: [SendStreamOptions, string][] = [
    [{ intermediates: true, from: `${from}#x` }, 'intermediates'],
    [{ properties: true, flags: 'raw' as never }, 'flags'],
    [{ flags: 'raw' as never }, 'the option flags'],
  ]
  for (const [options, argument] of asks) {
    const error = await thrown<ArgumentInvalid>(() => bytesOf(`${from}@x`, options))
    assert.instance(error, ArgumentInvalid)
    assert.is(error.details.argument, argument)
  }
  const wrong: [ReceiveStreamOptions, string][] = [
    [{ override: { compression: 'nonsense' } }, 'compression'],
    [{ override: { used: '1' } }, 'used'],
    [{ override: { nosuch: 'x' } }, 'nosuch'],
    [{ exclude: ['nosuch'] }, 'nosuch'],
    [{ props: { compression: 'nonsense' } }, 'compression'],
  ]
  for (const [options, property] of wrong) {
    const to = fresh()
    const error = await thrown<PropertyInvalid>(() => receive(to, good, options))
    assert.instance(error, PropertyInvalid)
    assert.is(error.details.property, property)
    assert.is(zfs.existsSync(to), false)
  }
  const to = fresh()
  await receive(to, good, { override: { quota: 10_485_760n, atime: false } })
  assert.equal([await value(to, 'quota'), await value(to, 'atime')], [10_485_760n, false])

  await zfs.mount(from)
  assert.instance(await thrown(() => bytesOf(from)), DatasetBusy)
  await zfs.unmount(from)
  assert.is((await bytesOf(from)).length, good.length)
  const secret = fresh()
  await zfs.create(secret, { props: { encryption: 'on', keyformat: 'raw', keylocation: 'prompt' }, key })
  await zfs.snapshot([`${secret}@x`])
  assert.instance(await thrown(() => bytesOf(`${secret}@x`, { replicate: true })), CryptoNotSupported)
})

test('a full pool is told as such', async () => {
  const from = await source(40_000_000)
  const to = `${small.name}/full`
  const error = await thrown(() => drain(receiveStream(zfs, to, sendStream(zfs, `${from}@x`).readable)))
  assert.ok(error instanceof NoSpace || error instanceof StreamIOError, error.name)
  assert.is(zfs.existsSync(to), false)
})

test(
  'sixteen sends are under way while files are read',
  async () => {
    const from = await source(3_000_000)
    const streams = Array.from({ length: 16 }, () => sendStream(zfs, `${from}@x`))
    const chunks = streams.map(({ readable }) => readable[Symbol.asyncIterator]())
    // All have begun, and stand still: their pipes are full.
    const firsts: number[] = []
    for (const each of chunks) firsts.push((await each.next()).value.length)
    assert.ok((await readFile(import.meta.filename)).length > 0)
    assert.is(await zfs.exists(from), true)
    const lengths = await Promise.all(
      chunks.map(async (each, index) => {
        let length = firsts[index] as number
        for (let next = await each.next(); !next.done; next = await each.next()) length += next.value.length
        return length
      }),
    )
    assert.is(new Set(lengths).size, 1, lengths.join())
  },
  { timeout: 60_000 },
)

test.run()
