import { createHash } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { drain } from '@gaoler/core'
import {
  BadStream,
  NotSupportedOnEmbedded,
  parseHeader,
  receiveStream,
  StreamTruncated,
  sendStream,
  ZFSError,
} from '@gaoler/zfs'
import { beginRecord, type Entry } from '../../packages/zfs/src/embedded/archive/format.ts'
import { type EmbeddedZfs, embeddedZfs } from '../../packages/zfs/src/embedded/index.ts'
import { assert, suite, thrown } from '../harness.ts'
import { litter, scratch, tree } from './embedded-fixture.ts'

const test = suite('streams of the embedded ZFS')
const home = scratch(test)
let count = 0

const prepared = (): { zfs: EmbeddedZfs; directory: string; at: string } => {
  const directory = join(home, String(++count))
  const zfs = embeddedZfs({ directory })
  zfs.pools.createSync('tank')
  zfs.createSync('tank/a')
  zfs.mountSync('tank/a')
  return { zfs, directory, at: join(directory, 'mnt/tank/a') }
}
const receive = (zfs: EmbeddedZfs, target: string, stream: Buffer) =>
  drain(receiveStream(zfs, target, Readable.from([stream], { objectMode: false })))

test('a tree arrives as it was: modes, times, links of both kinds, names that are no text', async () => {
  const { zfs, directory, at } = prepared()
  mkdirSync(join(at, 'folder'))
  writeFileSync(join(at, 'folder/file'), 'x'.repeat(300_000))
  linkSync(join(at, 'folder/file'), join(at, 'same'))
  symlinkSync('folder/nowhere', join(at, 'link'))
  writeFileSync(Buffer.concat([Buffer.from(`${at}/`), Buffer.of(0xff, 0xfe)]), 'bytes')
  writeFileSync(join(at, 'closed'), 'secret')
  chmodSync(join(at, 'closed'), 0)
  chmodSync(join(at, 'folder'), 0o2750)
  utimesSync(join(at, 'folder'), 1_000_000, 2_000_000)
  zfs.snapshotSync(['tank/a@x'])
  await drain(receiveStream(zfs, 'tank/b', sendStream(zfs, 'tank/a@x').readable))
  const [from, to] = [zfs.snapshotDirectory('tank/a@x'), zfs.snapshotDirectory('tank/b@x')]
  chmodSync(join(from, 'closed'), 0o400)
  chmodSync(join(to, 'closed'), 0o400)
  const bytes = (path: string): Buffer => Buffer.concat([Buffer.from(`${path}/`), Buffer.of(0xff, 0xfe)])
  assert.is(readFileSync(bytes(to), 'utf8'), 'bytes')
  for (const path of [from, to]) unlinkSync(bytes(path))
  assert.equal(tree(to), tree(from))
  assert.is(lstatSync(join(to, 'folder')).mtimeMs, 2_000_000_000)
  assert.is(lstatSync(join(to, 'same')).nlink, 2)
  zfs.mountSync('tank/b')
  assert.is(readFileSync(join(directory, 'mnt/tank/b/same'), 'utf8').length, 300_000)
  assert.equal(litter(directory), [])
})

test('each kind of ZFS refuses the streams of the other', async () => {
  const { zfs, directory } = prepared()
  zfs.snapshotSync(['tank/a@x'])
  const own = await buffer(sendStream(zfs, 'tank/a@x').readable)
  assert.instance(await thrown(() => parseHeader(own)), BadStream)
  const real = Buffer.from(own)
  real.writeBigUInt64LE(0x2_f5ba_cbacn, 8)
  assert.is(parseHeader(real).header.toName, 'tank/a@x')
  assert.instance(await thrown(() => receive(zfs, 'tank/b', real)), BadStream)
  assert.equal(litter(directory), [])
})

test('a stream cannot lead out of its tree, nor be long without end', async () => {
  const { zfs, directory } = prepared()
  const attributes = { mode: 0o755, uid: 0, gid: 0, accessed: 1, modified: 1 }
  const root: Entry = { type: 'directory', path: '', ...attributes }
  const link: Entry = { type: 'symlink', path: 'out', target: directory, ...attributes }
  const file = (path: string, size = 0): Entry => ({ type: 'file', path, size, ...attributes })
  const stream = (...entries: (Entry | Buffer)[]): Buffer => {
    const begin = beginRecord({ type: 'filesystem', creation: 1, toGuid: 7n, fromGuid: 0n, toName: 'tank/x@x' })
    const parts = [...entries, { type: 'end' } as Entry].map((entry) => {
      if (Buffer.isBuffer(entry)) return entry
      const text = Buffer.from(JSON.stringify(entry))
      const length = Buffer.alloc(4)
      length.writeUInt32LE(text.length)
      return Buffer.concat([length, text])
    })
    const whole = Buffer.concat([begin, ...parts])
    return Buffer.concat([whole, createHash('sha256').update(whole).digest()])
  }
  const bad = [
    [file('x')],
    [root, file('../x')],
    [root, file('/x')],
    [root, file('a/../../x')],
    [root, link, file('out/x')],
    [root, link, { type: 'link', path: 'x', to: 'out' } as Entry],
    [root, { type: 'link', path: 'x', to: '../../state' } as Entry],
    // Of a character beyond a byte the file system would get the lower eight bits: "../x", a NUL.
    [root, file('\u012e\u012e\u012fx')],
    [root, file('x\u0100')],
    [root, { ...link, target: '\u0100' }],
    [root, { ...file('x'), uid: 2 ** 32 }],
    [root, { ...file('x'), mode: 0.5 }],
    [root, file('x'), file('x')],
    [root, root],
    [root, file('x', -1)],
    [root, Buffer.from('ffffffff', 'hex')],
    [root, Buffer.from('0200000041', 'hex')],
    [],
  ]
  for (const entries of bad) {
    assert.instance(await thrown(() => receive(zfs, 'tank/b', stream(...entries))), BadStream, JSON.stringify(entries))
  }
  assert.instance(await thrown(() => receive(zfs, 'tank/b', stream(root, file('x', 1e15)))), StreamTruncated)
  assert.equal(litter(directory), [])
  await receive(zfs, 'tank/b', stream(root, file('fine')))
  assert.equal(readdirSync(zfs.snapshotDirectory('tank/b@x')), ['fine'])
})

test('no byte of a stream can be another, or missing, without being noticed', async () => {
  const { zfs, directory, at: path } = prepared()
  mkdirSync(join(path, 'folder'))
  writeFileSync(join(path, 'folder/file'), 'text')
  symlinkSync('folder', join(path, 'link'))
  zfs.snapshotSync(['tank/a@x'])
  const good = await buffer(sendStream(zfs, 'tank/a@x').readable)
  for (let at = 0; at < good.length; at += 2) {
    const flipped = Buffer.from(good)
    flipped[at] = (flipped[at] as number) ^ (1 << (at % 7))
    for (const stream of [flipped, good.subarray(0, at)]) {
      assert.instance(await thrown(() => receive(zfs, 'tank/b', stream)), ZFSError, `byte ${at} of ${good.length}`)
    }
  }
  assert.is(zfs.existsSync('tank/b'), false)
  assert.equal(litter(directory), [])
})

test('what its streams cannot have is refused by name', async () => {
  const { zfs } = prepared()
  zfs.snapshotSync(['tank/a@x'])
  for (const options of [{ replicate: true }, { properties: true }, { resumeToken: '1-0-0-00' }]) {
    assert.instance(await thrown(() => buffer(sendStream(zfs, 'tank/a@x', options).readable)), NotSupportedOnEmbedded)
  }
  for (const options of [{ resumable: true }, { naming: 'last' as const }, { override: { atime: 'off' } }]) {
    const { readable } = sendStream(zfs, 'tank/a@x')
    assert.instance(await thrown(() => drain(receiveStream(zfs, 'tank/b', readable, options))), NotSupportedOnEmbedded)
  }
  assert.is(zfs.existsSync('tank/b'), false)
  zfs.createSync('tank/v', { type: 'zvol', props: { volsize: '1M' } })
  zfs.snapshotSync(['tank/v@x'])
  assert.instance(await thrown(() => buffer(sendStream(zfs, 'tank/v@x').readable)), NotSupportedOnEmbedded)
})

test.run()
