import { randomBytes } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import {
  BadStream,
  BookmarkNotFound,
  CallNotSupported,
  DatasetExists,
  DatasetNotFound,
  DestinationModified,
  EncryptionKeyNotLoaded,
  nvlist,
  openZfs,
  PropertyInvalid,
  ReceivePropertyFailure,
  receiveHeader,
  receiveHeaderSync,
  SnapshotMismatch,
  SnapshotNotFound,
  StreamIOError,
  StreamMismatch,
  StreamTruncated,
} from '@gaoler/zfs'
import { assert, suite, thrown } from '../harness.ts'
import { pipe } from './pipe.ts'
import { makePool, type Pool } from './pool.ts'

const test = suite('zfs/lzc-streams')
const zfs = openZfs()
const key = Buffer.alloc(32, 7)
let pool: Pool
let count = 0
test.before(() => {
  pool = makePool()
})
test.after(() => pool.destroy())

const fresh = (): string => `${pool.name}/s${++count}`
const file = (): string => join(pool.path, `stream${++count}`)

/** Writes 200 kB that cannot be compressed into a filesystem, and unmounts it again. */
const fill = async (name: string): Promise<void> => {
  await zfs.mount(name)
  const mountpoint = (await zfs.get(name, ['mountpoint'])).properties.mountpoint?.value as string
  writeFileSync(join(mountpoint, 'file'), randomBytes(200_000))
  await zfs.unmount(name)
}

const source = async (): Promise<string> => {
  const name = fresh()
  await zfs.create(name)
  await fill(name)
  await zfs.snapshot([`${name}@x`])
  return name
}

/** Calls with a descriptor, which is closed. */
const withFile = async <T>(path: string, mode: string, call: (fd: number) => T | Promise<T>): Promise<T> => {
  const fd = openSync(path, mode)
  try {
    return await call(fd)
  } finally {
    closeSync(fd)
  }
}

const guid = async (name: string): Promise<string> => String((await zfs.get(name, ['guid'])).properties.guid.value)

/** Where to go on: the token is "1-checksum-length-hex of a compressed list". */
const resumePoint = (token: string): { object: bigint; offset: bigint } => {
  const list = nvlist.decode(inflateSync(Buffer.from(token.split('-')[3] as string, 'hex')))
  return { object: list.get('object') as bigint, offset: list.get('offset') as bigint }
}

test('a volume grows, is sent, received and set back with its size', async () => {
  const [from, to] = [fresh(), fresh()]
  const size = async (name: string): Promise<bigint | null> =>
    (await zfs.get(name, ['volsize'])).properties.volsize.value
  await zfs.create(from, { type: 'zvol', props: { volsize: '1M', volblocksize: '8k' } })
  await zfs.snapshot([`${from}@x`])
  await zfs.set(from, { volsize: '4M' })
  await zfs.snapshot([`${from}@y`])
  const path = file()
  await withFile(path, 'w', (fd) => zfs.send(`${from}@y`, fd))
  await withFile(path, 'r', (fd) => zfs.receive(`${to}@y`, fd))
  assert.equal([(await zfs.get(to, [])).type, await size(to)], ['volume', 4_194_304n])
  await zfs.destroySnaps([`${from}@y`])
  await zfs.rollbackTo(from, `${from}@x`)
  assert.is(await size(from), 1_048_576n)
})

test('a snapshot goes through a pipe while files are read, and is the same there', async () => {
  const [from, to] = [await source(), fresh()]
  const { reader, writer } = pipe()
  const sent = zfs.send(`${from}@x`, writer).finally(() => closeSync(writer))
  const received = zfs.receive(`${to}@x`, reader).finally(() => closeSync(reader))
  await readFile(import.meta.filename)
  await Promise.all([sent, received])
  assert.is(await guid(`${to}@x`), await guid(`${from}@x`))
})

test('three sends and three receives at once go through, though libuv has four threads', async () => {
  const from = await source()
  const targets = Array.from({ length: 3 }, fresh)
  const pipes = targets.map(pipe)
  // The sends all wait for readers before the first of these begins.
  const sends = pipes.map(({ writer }) => zfs.send(`${from}@x`, writer).finally(() => closeSync(writer)))
  await readFile(import.meta.filename)
  assert.is(await zfs.exists(from), true)
  const receives = targets.map((to, index) => zfs.receive(`${to}@x`, pipes[index]?.reader as number))
  await Promise.all([...sends, ...receives])
  for (const { reader } of pipes) closeSync(reader)
  for (const to of targets) assert.is(zfs.existsSync(`${to}@x`), true)
})

test('what follows is sent from a snapshot, and from a bookmark when that is gone', async () => {
  const [from, to, path] = [await source(), fresh(), file()]
  const copy = async (snapshot: string, origin?: string): Promise<void> => {
    await withFile(path, 'w', (fd) => zfs.send(snapshot, fd, { from: origin, flags: ['large_blocks', 'compress'] }))
    await withFile(path, 'r', (fd) => zfs.receive(`${to}@${snapshot.split('@')[1]}`, fd))
  }
  await copy(`${from}@x`)
  await zfs.snapshot([`${from}@y`])
  await zfs.bookmark({ [`${from}#y`]: `${from}@y` })
  await copy(`${from}@y`, `${from}@x`)
  await fill(from)
  await zfs.snapshot([`${from}@z`])
  await zfs.destroySnaps([`${from}@y`])
  assert.ok((await zfs.sendSpace(`${from}@z`, { from: `${from}#y` })) > 200_000n)
  assert.ok((await zfs.sendSpace(`${from}@z`)) > 200_000n)
  assert.ok((await zfs.sendSpaceResumeRedacted(`${from}@z`, { from: `${from}#y` })) > 200_000n)
  await copy(`${from}@z`, `${from}#y`)
  assert.is(await guid(`${to}@z`), await guid(`${from}@z`))
})

test('a stream that breaks off is resumed where it was', async () => {
  const [from, to, path] = [await source(), fresh(), file()]
  await withFile(path, 'w', (fd) => zfs.send(`${from}@x`, fd))
  await withFile(path, 'r+', (fd) => ftruncateSync(fd, 150_000))
  const cut = await withFile(path, 'r', (fd) => thrown(() => zfs.receiveResumable(`${to}@x`, fd)))
  assert.instance(cut, StreamTruncated)
  const token = (await zfs.get(to, ['receive_resume_token'])).properties.receive_resume_token?.value as string
  assert.match(token, /^1-/)
  const { object, offset } = resumePoint(token)
  await withFile(path, 'w', (fd) => zfs.sendResume(`${from}@x`, fd, { resumeObject: object, resumeOffset: offset }))
  await withFile(path, 'r', (fd) => zfs.receiveResumable(`${to}@x`, fd))
  assert.is(await guid(`${to}@x`), await guid(`${from}@x`))
})

test('an encrypted dataset is sent raw without its key, which opens the copy', async () => {
  const [from, to, path] = [fresh(), fresh(), file()]
  await zfs.create(from, { props: { encryption: 8n, keyformat: 1n, keylocation: 'prompt' }, key })
  await fill(from)
  await zfs.snapshot([`${from}@x`])
  await zfs.unloadKey(from)
  const denied = await withFile(path, 'w', (fd) => thrown(() => zfs.send(`${from}@x`, fd)))
  assert.instance(denied, EncryptionKeyNotLoaded)
  await withFile(path, 'w', (fd) => zfs.send(`${from}@x`, fd, { flags: ['raw'] }))
  await withFile(path, 'r', (fd) => zfs.receive(`${to}@x`, fd, { raw: true }))
  await zfs.loadKey(to, key)
  assert.is((await zfs.get(to, ['keystatus'])).properties.keystatus?.value, 'available')
})

test('a header is read first, and the newer calls go on from it', async () => {
  const [from, path] = [await source(), file()]
  await withFile(path, 'w', (fd) => zfs.send(`${from}@x`, fd))
  const size = BigInt(statSync(path).size - 312)
  const [a, b, c, d] = [fresh(), fresh(), fresh(), fresh()]
  await withFile(path, 'r', async (fd) => {
    const { header, record } = await receiveHeader(fd)
    assert.is(header.toName, `${from}@x`)
    assert.is(header.type, 'filesystem')
    assert.is(String(header.toGuid), await guid(`${from}@x`))
    await zfs.receiveWithHeader(`${a}@x`, fd, record, { props: { 'a:b': 'c' } })
  })
  assert.equal((await zfs.get(a, ['a:b'])).properties['a:b'], { value: 'c', source: 'received' })
  await withFile(path, 'r', async (fd) => {
    const { record } = receiveHeaderSync(fd)
    assert.equal(zfs.receiveOneSync(`${b}@x`, fd, record), { bytes: size, errorFlags: 0n })
  })
  await withFile(path, 'r', async (fd) => {
    const { record } = receiveHeaderSync(fd)
    const cmdprops = { 'a:b': 'local', atime: 0n }
    await zfs.receiveWithCmdprops(`${c}@x`, fd, record, { props: { 'a:b': 'c' }, cmdprops })
  })
  const { properties } = await zfs.get(c, ['a:b', 'atime'])
  assert.equal([properties['a:b']?.value, properties.atime?.value], ['local', false])
  await withFile(path, 'r', async (fd) => {
    const { record } = receiveHeaderSync(fd)
    const props = { nosuch: 7n, 'a:b': 'c' }
    const failure = await thrown<ReceivePropertyFailure>(() => zfs.receiveOne(`${d}@x`, fd, record, { props }))
    assert.instance(failure, ReceivePropertyFailure)
    assert.instance(failure.errors[0], PropertyInvalid)
    assert.is(failure.errors[0]?.details.property, 'nosuch')
  })
  assert.is(await zfs.exists(`${d}@x`), true)
  await withFile(path, 'r', async (fd) => {
    const { record } = receiveHeaderSync(fd)
    await zfs.receiveWithHeal(`${a}@x`, fd, record, { corrective: true })
  })
})

test('a redacted stream leaves out what a clone has changed', async () => {
  const [from, clone, path] = [await source(), fresh(), file()]
  await zfs.clone(clone, `${from}@x`)
  await fill(clone)
  await zfs.snapshot([`${clone}@x`])
  await zfs.redact(`${from}@x`, 'redacted', [`${clone}@x`])
  await withFile(path, 'w', (fd) => zfs.sendRedacted(`${from}@x`, fd, 'redacted'))
  const size = statSync(path).size
  assert.ok(size < 150_000, `${size}`)
  await withFile(path, 'w', (fd) => zfs.sendResumeRedacted(`${from}@x`, fd, 'redacted', { flags: ['compress'] }))
  const space = await zfs.sendSpaceResumeRedacted(`${from}@x`, { redactionBookmark: 'redacted' })
  assert.is(typeof space, 'bigint')
  // Their header has a payload, which lzc_receive forgets; in the pool of threads, blocking, and in threads of their own.
  await withFile(path, 'r', (fd) => zfs.receive(`${fresh()}@x`, fd))
  await withFile(path, 'r', (fd) => zfs.receiveSync(`${fresh()}@x`, fd))
  await Promise.all([1, 2, 3].map(() => withFile(path, 'r', (fd) => zfs.receive(`${fresh()}@x`, fd))))
})

test('what cannot be sent or received says why', async () => {
  const [from, other, path] = [await source(), await source(), file()]
  const toFile = (call: (fd: number) => unknown): Promise<Error & { details: { name?: string; errno: number } }> =>
    withFile(path, 'w', (fd) => thrown(() => call(fd)))
  assert.instance(await toFile((fd) => zfs.send(`${from}@nosuch`, fd)), SnapshotNotFound)
  assert.is((await toFile((fd) => zfs.send(`${from}@x`, fd, { from: `${from}@no` }))).details.name, `${from}@no`)
  assert.instance(await toFile((fd) => zfs.send(`${from}@x`, fd, { from: `${from}#no` })), BookmarkNotFound)
  assert.instance(await toFile((fd) => zfs.send(`${from}@x`, fd, { from: `${other}@x` })), SnapshotMismatch)
  assert.instance(await toFile((fd) => zfs.sendRedacted(`${from}@x`, fd, 'no')), BookmarkNotFound)
  const closed = await thrown<StreamIOError>(() => zfs.send(`${from}@x`, 9999))
  assert.instance(closed, StreamIOError)
  assert.is(closed.details.errno, 9)
  assert.instance(await thrown(() => zfs.sendProgress(`${from}@x`, 1)), CallNotSupported)

  const unopened = await thrown<StreamIOError>(() => zfs.receive(`${fresh()}@x`, 9999))
  assert.instance(unopened, StreamIOError)
  assert.is(unopened.details.errno, 9)

  writeFileSync(path, randomBytes(2000))
  const receive = (to: string, options = {}): Promise<Error> =>
    withFile(path, 'r', (fd) => thrown(() => zfs.receive(to, fd, options)))
  assert.instance(await receive(`${fresh()}@x`), BadStream)
  await withFile(path, 'w', (fd) => zfs.sendSync(`${from}@x`, fd))
  assert.instance(await receive(`${other}@x`), DatasetExists)
  assert.instance(await receive(`${fresh()}/child@x`), DatasetNotFound)
  const flipped = readFileSync(path)
  flipped.writeUInt8(flipped.readUInt8(100_000) ^ 1, 100_000)
  const good = readFileSync(path)
  writeFileSync(path, flipped)
  assert.instance(await receive(`${fresh()}@x`), BadStream)
  writeFileSync(path, good.subarray(0, 100))
  assert.instance(await withFile(path, 'r', (fd) => thrown(() => receiveHeader(fd))), StreamTruncated)
  const to = fresh()
  await withFile(path, 'w', (fd) => zfs.send(`${from}@x`, fd))
  await withFile(path, 'r', (fd) => zfs.receive(`${to}@x`, fd))
  await zfs.snapshot([`${from}@y`])
  await fill(to)
  await withFile(path, 'w', (fd) => zfs.send(`${from}@y`, fd, { from: `${from}@x` }))
  assert.instance(await receive(`${to}@y`), DestinationModified)
  assert.instance(await receive(`${other}@y`), StreamMismatch)
  await withFile(path, 'r', (fd) => zfs.receive(`${to}@y`, fd, { force: true }))
  assert.is(await guid(`${to}@y`), await guid(`${from}@y`))
})

test('a reader that goes away ends the send', async () => {
  const from = await source()
  const { reader, writer } = pipe()
  const sending = thrown<StreamIOError>(() => zfs.send(`${from}@x`, writer))
  setTimeout(() => closeSync(reader), 100)
  const error = await sending
  closeSync(writer)
  assert.instance(error, StreamIOError)
  assert.match(error.message, /EPIPE|EINTR/)
})

test.run()
