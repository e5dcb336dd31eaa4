import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { collect, drain, OperationCancelled } from '@gaoler/core'
import {
  ArgumentInvalid,
  BadStream,
  BookmarkNotFound,
  DatasetExists,
  DatasetNotFound,
  DestinationModified,
  receiveStream,
  type SendOptions,
  SnapshotMismatch,
  SnapshotNotFound,
  StreamIOError,
  StreamMismatch,
  StreamTruncated,
  sendStream,
  type Zfs,
} from '@gaoler/zfs'
import { assert, thrown } from '../harness.ts'
import { type Bench, failure } from './bench.ts'

/** Sending and receiving: by descriptors on both faces, and as streams where there is a promise to wait for. */
export function streamBehaviour({ test, zfs, fresh, filesystem, value }: Bench, streams?: () => Zfs): void {
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-streams-'))
  test.after(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'stream')

  /** Where a filesystem is mounted while `use` runs. */
  const mounted = async <T>(name: string, use: (path: string) => T): Promise<T> => {
    await zfs.mount(name)
    try {
      return use((await value(name, 'mountpoint')) as string)
    } finally {
      await zfs.unmount(name)
    }
  }
  const put = (name: string, file: string, text: string | Buffer): Promise<void> =>
    mounted(name, (root) => writeFileSync(join(root, file), text))
  const withFile = async <T>(mode: string, call: (fd: number) => Promise<T>): Promise<T> => {
    const fd = openSync(path, mode)
    try {
      return await call(fd)
    } finally {
      closeSync(fd)
    }
  }
  const send = (snapshot: string, options?: SendOptions): Promise<void> =>
    withFile('w', (fd) => zfs.send(snapshot, fd, options))
  const receive = (snapshot: string, options = {}): Promise<void> =>
    withFile('r', (fd) => zfs.receive(snapshot, fd, options))

  /** A filesystem with a file and a snapshot `x`. */
  const source = async (): Promise<string> => {
    const name = await filesystem()
    await put(name, 'file', 'old')
    await zfs.snapshot([`${name}@x`])
    return name
  }

  test('a snapshot is sent whole, then what follows; with what identifies it', async () => {
    const [from, to] = [await source(), fresh()]
    await send(`${from}@x`)
    await receive(`${to}@x`)
    await put(from, 'file', 'newer')
    await zfs.snapshot([`${from}@y`])
    await zfs.bookmark({ [`${from}#x`]: `${from}@x` })
    await zfs.destroySnaps([`${from}@x`])
    await send(`${from}@y`, { from: `${from}#x` })
    await receive(`${to}@y`)
    for (const name of ['guid', 'creation']) assert.equal(await value(`${to}@y`, name), await value(`${from}@y`, name))
    assert.is(await mounted(to, (root) => readFileSync(join(root, 'file'), 'utf8')), 'newer')
    await zfs.snapshot([`${from}@z`])
    await send(`${from}@z`, { from: `${from}@y` })
    await receive(`${to}@z`, { force: true })
    assert.is(await value(`${to}@z`, 'guid'), await value(`${from}@z`, 'guid'))
    assert.ok((await zfs.sendSpace(`${from}@z`)) > 0n)
  })

  test('what is received must fit what is there', async () => {
    const [from, to, other] = [await source(), fresh(), await source()]
    await send(`${from}@x`)
    await receive(`${to}@x`)
    await failure(DatasetExists, `${to}@x`, () => receive(`${to}@x`))
    await failure(DatasetExists, other, () => receive(`${other}@y`))
    const missing = fresh()
    await failure(DatasetNotFound, missing, () => receive(`${missing}/child@x`))
    await zfs.snapshot([`${from}@y`])
    await send(`${from}@y`, { from: `${from}@x` })
    await failure(DatasetNotFound, missing, () => receive(`${missing}@y`))
    await failure(StreamMismatch, other, () => receive(`${other}@y`))
    await put(to, 'file', 'changed here')
    await failure(DestinationModified, to, () => receive(`${to}@y`))
    await receive(`${to}@y`, { force: true })
    assert.is(await mounted(to, (root) => readFileSync(join(root, 'file'), 'utf8')), 'old')
  })

  test('going back brings the files of the latest snapshot', async () => {
    const name = await source()
    await put(name, 'file', 'to be forgotten')
    await zfs.rollback(name)
    assert.is(await mounted(name, (root) => readFileSync(join(root, 'file'), 'utf8')), 'old')
  })

  test('what cannot be sent says which name is wrong', async () => {
    const [from, other] = [await source(), await source()]
    await zfs.snapshot([`${from}@y`])
    await failure(SnapshotNotFound, `${from}@no`, () => send(`${from}@no`))
    await failure(SnapshotNotFound, `${from}@no`, () => send(`${from}@x`, { from: `${from}@no` }))
    await failure(BookmarkNotFound, `${from}#no`, () => send(`${from}@x`, { from: `${from}#no` }))
    await failure(SnapshotMismatch, `${other}@x`, () => send(`${from}@x`, { from: `${other}@x` }))
    await failure(SnapshotMismatch, `${from}@y`, () => send(`${from}@x`, { from: `${from}@y` }))
  })

  test('damaged and foreign streams are refused, and nothing is made of them', async () => {
    const from = await filesystem()
    await put(from, 'file', randomBytes(100_000))
    await zfs.snapshot([`${from}@x`])
    await send(`${from}@x`)
    const good = readFileSync(path)
    const flipped = Buffer.from(good)
    flipped.writeUInt8(flipped.readUInt8(50_000) ^ 1, 50_000)
    const cases: [Buffer, abstract new (...args: never[]) => Error][] = [
      [good.subarray(0, 100), StreamTruncated],
      [good.subarray(0, 50_000), StreamTruncated],
      [flipped, BadStream],
      [randomBytes(2000), BadStream],
    ]
    for (const [stream, kind] of cases) {
      const to = fresh()
      writeFileSync(path, stream)
      await failure(kind, undefined, () => receive(`${to}@x`))
      assert.is(await zfs.exists(to), false)
    }
  })

  if (!streams) return

  test('streams of Node carry a snapshot, and their operations tell how far they are', async () => {
    const [from, to, copy] = [await source(), fresh(), fresh()]
    const { readable, operation } = sendStream(streams(), `${from}@x`)
    const stream = await buffer(readable)
    assert.is((await drain(operation)).bytes, BigInt(stream.length))
    const pieces = Readable.from(Array.from({ length: stream.length }, (_, at) => stream.subarray(at, at + 1)))
    const events = await collect(receiveStream(streams(), to, pieces))
    assert.is(events.at(-1)?.progress?.current, stream.length)
    assert.is(await value(`${to}@x`, 'guid'), await value(`${from}@x`, 'guid'))
    const direct = sendStream(streams(), `${to}@x`).readable
    const { snapshot, header } = await drain(receiveStream(streams(), `${copy}@y`, direct))
    assert.is(snapshot, `${copy}@y`)
    assert.is(header.toName, `${to}@x`)
    assert.is(await value(`${copy}@y`, 'guid'), await value(`${from}@x`, 'guid'))
  })

  test('streams end with the reason, at both ends', async () => {
    const from = await filesystem()
    await put(from, 'file', randomBytes(3_000_000))
    await zfs.snapshot([`${from}@x`])
    const missing = sendStream(streams(), `${from}@no`)
    const both = [thrown(() => buffer(missing.readable)), thrown(() => drain(missing.operation))]
    for (const error of await Promise.all(both)) assert.instance(error, SnapshotNotFound)
    const left = sendStream(streams(), `${from}@x`)
    const leaving = thrown(() => drain(left.operation))
    for await (const _ of left.readable) break
    assert.instance(await leaving, StreamIOError)
    const controller = new AbortController()
    const { readable, operation } = sendStream(streams(), `${from}@x`, { signal: controller.signal })
    const cancelled = thrown(() => drain(operation))
    await readable[Symbol.asyncIterator]().next()
    controller.abort()
    assert.instance(await cancelled, OperationCancelled)
    const foreign = Readable.from([randomBytes(1000)])
    assert.instance(await thrown(() => drain(receiveStream(streams(), fresh(), foreign))), BadStream)
    const dead = new PassThrough()
    dead.destroy(new Error('the line is dead'))
    const broken = await thrown(() => drain(receiveStream(streams(), fresh(), dead)))
    assert.instance(broken, StreamTruncated)
    assert.is((broken.cause as Error).message, 'the line is dead')
    for (const none of [null, undefined, 5, 'text', {}] as never[]) {
      assert.instance(await thrown(() => drain(receiveStream(streams(), fresh(), none))), ArgumentInvalid)
    }
    const begun = (await buffer(sendStream(streams(), `${from}@x`).readable)).subarray(0, 10_000)
    const line = new AbortController()
    async function* silent(): AsyncGenerator<Buffer> {
      yield begun
      line.abort()
      await new Promise(() => {})
    }
    const target = fresh()
    const given = receiveStream(streams(), target, silent(), { signal: line.signal })
    assert.instance(await thrown(() => drain(given)), OperationCancelled)
    assert.is(await zfs.exists(target), false)
    const taken = sendStream(streams(), `${from}@x`).readable
    assert.instance(await thrown(() => drain(receiveStream(streams(), `${from}@x`, taken))), DatasetExists)
  })
}
