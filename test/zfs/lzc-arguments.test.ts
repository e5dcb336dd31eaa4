import { closeSync, readSync, writeSync } from 'node:fs'
import {
  ArgumentInvalid,
  BadStream,
  BookmarkDestructionFailure,
  type BookmarkFailure,
  EncryptionKeyInvalid,
  NameInvalid,
  NameTooLong,
  openZfs,
  PoolsDiffer,
  PropertyInvalid,
  parseHeader,
  receiveHeader,
  receiveHeaderSync,
  SnapshotMismatch,
  SnapshotNameInvalid,
  StreamTruncated,
  UnknownCryptCommand,
  ZCPLimitInvalid,
  ZFSError,
} from '@gaoler/zfs'
import type { Call, InValue } from '../../packages/zfs/src/lzc/call.ts'
import { table } from '../../packages/zfs/src/lzc/table.ts'
import { encode } from '../../packages/zfs/src/nvlist/index.ts'
import { assert, suite, thrown } from '../harness.ts'
import { pipe } from './pipe.ts'

const test = suite('zfs/lzc-arguments')
const zfs = openZfs()
const long = `tank/${'x'.repeat(251)}`
const record = new Uint8Array(312)

/** What C is given for these arguments. */
const given = (name: keyof typeof table, ...args: unknown[]): readonly InValue[] =>
  (table[name] as unknown as Call<unknown[], unknown>).input(...args)

test('names are checked before C, which would cut them or end the process', async () => {
  const bad = ['', 'a', `${long}@x`, 'tank/..@x', 'tank@a@b', '-r@x', 'tank@x\0y', undefined, 7] as string[]
  for (const name of bad) {
    for (const call of [
      () => zfs.receive(name, 0),
      () => zfs.receiveOneSync(name, 0, record),
      () => zfs.snaprangeSpace(name, 'tank@x'),
      () => zfs.rollbackTo('tank', name),
      () => zfs.redact(name, 'b', []),
    ]) {
      const error = await thrown(call)
      assert.ok(error instanceof NameInvalid || error instanceof NameTooLong, `${name}: ${error.message}`)
    }
    const pool = await thrown(() => zfs.sync(name === 'a' ? 'a/b' : name))
    assert.ok(pool instanceof NameInvalid || pool instanceof NameTooLong, `${name}: ${pool.message}`)
  }
  assert.instance(await thrown(() => zfs.send('tank#b', 1)), NameInvalid)
  assert.instance(await thrown(() => zfs.send('tank@a', 1, { from: 'tank' })), NameInvalid)
  assert.instance(await thrown(() => zfs.send('tank@a', 1, { from: 'pond@a' })), PoolsDiffer)
  assert.instance(await thrown(() => zfs.receive('tank/a@a', 1, { origin: 'pond@a' })), PoolsDiffer)
  assert.instance(await thrown(() => zfs.rollbackTo('tank/a', 'tank/b@x')), SnapshotMismatch)
  assert.instance(await thrown(() => zfs.redact('tank@a', 'b', ['tank@a', 'pond@a'])), PoolsDiffer)
  assert.instance(await thrown(() => zfs.redact('tank@a', 'b', [])), ArgumentInvalid)
  assert.instance(await thrown(() => zfs.sendRedacted('tank@a', 1, 'tank#b')), NameInvalid)
  assert.instance(await thrown(() => zfs.unloadKeySync(long)), NameTooLong)
})

test('bookmarks and their sources are checked together, all of them', async () => {
  const failures = async (call: () => unknown): Promise<string[]> =>
    (await thrown<BookmarkFailure>(call)).errors.map((error) => `${error.name} ${error.details.name}`)
  assert.equal(await failures(() => zfs.bookmark({ 'tank@a': 'tank@a', 'tank#ok': 'tank@a', 'a#b#c': 'a@b' })), [
    'BookmarkNameInvalid tank@a',
    'BookmarkNameInvalid a#b#c',
  ])
  assert.equal(await failures(() => zfs.bookmark({ 'tank#a': 'tank', 'tank#b': 'pond@a', 'tank#c': `${long}@a` })), [
    'BookmarkSourceInvalid tank',
    'PoolsDiffer pond@a',
    `NameTooLong ${long}@a`,
  ])
  assert.equal(await failures(() => zfs.bookmark({ 'tank#a': 'tank@a', 'pond#a': 'pond@a' })), ['PoolsDiffer pond#a'])
  assert.instance(await thrown(() => zfs.destroyBookmarksSync(['tank@a'])), BookmarkDestructionFailure)
  await zfs.bookmark({})
  await zfs.destroyBookmarks([])
  const unknown = await thrown(() => zfs.getBookmarks('tank', ['nosuch' as 'guid']))
  assert.match(unknown.message, /a property is "nosuch", and must be one of guid, createtxg/)
})

test('words become the numbers of OpenZFS, and others are refused with the choice', async () => {
  const all = ['embedded_data', 'large_blocks', 'compress', 'raw', 'saved'] as const
  assert.equal(
    all.map((flag) => given('send', 'tank@a', 1, { flags: [flag] })[3]),
    [1, 2, 4, 8, 16],
  )
  assert.is(given('send', 'tank@a', 1, { flags: [...all, 'raw'] })[3], 31)
  assert.equal(given('send', 'tank@a', 1), ['tank@a', null, 1, 0])
  assert.is(given('wait', 'tank', 'raidz_expand')[1], 8)
  assert.is(given('changeKey', 'tank', 'force_inherit')[1], 5)
  assert.is(given('trim', 'tank', 'suspend', [1n])[1], 2)
  assert.equal(given('scrub', 'tank'), [0x5a57, 'tank', { scan_type: 1, scan_command: 0 }])
  assert.equal(given('scrub', 'tank', { type: 'errorscrub', command: 'pause' })[2], { scan_type: 3, scan_command: 1 })
  const flag = await thrown(() => zfs.send('tank@a', 1, { flags: ['gzip' as 'raw'] }))
  assert.instance(flag, ArgumentInvalid)
  assert.match(flag.message, /^cannot send "tank@a": a flag is "gzip", and must be one of embedded_data, large_blocks/)
  for (const call of [
    () => zfs.send('tank@a', 1, { flags: 'raw' as never }),
    () => zfs.wait('tank', 'constructor' as 'trim'),
    () => zfs.waitFs('tank', 'trim' as 'deleteq'),
    () => zfs.scrub('tank', { type: 'toString' as 'scrub' }),
    () => zfs.initialize('tank', 'go' as 'start', [1n]),
    () => zfs.ddtPrune('tank', 'weeks' as 'age', 1),
    () => zfs.poolPrefetch('tank', 'arc' as 'ddt'),
  ]) {
    assert.instance(await thrown(call), ArgumentInvalid, call.toString())
  }
  assert.instance(await thrown(() => zfs.changeKey('tank', 'none' as 'inherit')), UnknownCryptCommand)
})

test('numbers out of range and what is no descriptor are refused', async () => {
  for (const fd of [-1, 1.5, NaN, 2 ** 31, '1', undefined] as number[]) {
    assert.instance(await thrown(() => zfs.send('tank@a', fd)), ArgumentInvalid, String(fd))
    assert.instance(await thrown(() => zfs.receive('tank@a', fd)), ArgumentInvalid, String(fd))
  }
  for (const number of [-1, -1n, 1.5, 2n ** 64n, 2 ** 53] as number[]) {
    const calls = [
      () => zfs.sendResume('tank@a', 1, { resumeObject: number }),
      () => zfs.sendResume('tank@a', 1, { resumeOffset: number }),
      () => zfs.trim('tank', 'start', [1n], { rate: number }),
      () => zfs.trim('tank', 'start', [number as unknown as bigint]),
      () => zfs.waitTag('tank', 'trim', number),
      () => zfs.ddtPrune('tank', 'age', number),
    ]
    for (const call of calls) assert.instance(await thrown(call), ArgumentInvalid, `${number} ${call}`)
  }
  for (const limit of [0, -1, 2n ** 64n, 1.5, '1'] as number[]) {
    const call = (): unknown => zfs.channelProgram('tank', 'return 1', { memoryLimit: limit })
    assert.instance(await thrown(call), ZCPLimitInvalid, String(limit))
  }
})

test('keys, records, programs and boot environments are checked', async () => {
  for (const key of [new Uint8Array(31), new Uint8Array(33), 'x'.repeat(32), undefined] as Uint8Array[]) {
    assert.instance(await thrown(() => zfs.loadKey('tank/a', key)), EncryptionKeyInvalid)
  }
  assert.instance(await thrown(() => zfs.changeKey('tank', 'new_key', { key: Buffer.alloc(3) })), EncryptionKeyInvalid)
  for (const bytes of [new Uint8Array(311), new Uint8Array(313), 'x' as unknown as Uint8Array]) {
    assert.instance(await thrown(() => zfs.receiveOne('tank/a@x', 0, bytes)), ArgumentInvalid)
  }
  assert.instance(await thrown(() => zfs.channelProgram('tank', 'return\0 1')), ArgumentInvalid)
  assert.instance(await thrown(() => zfs.setBootenv('tank', {})), PropertyInvalid)
  assert.instance(await thrown(() => zfs.receive('tank/a@x', 0, { props: { a: 'x\0' } })), PropertyInvalid)
  assert.instance(await thrown(() => zfs.receive('tank/a', 0)), SnapshotNameInvalid)
})

test('what C is given has the order of libzfs_core.h', () => {
  const key = Buffer.alloc(32)
  const props = new Map([['atime', 0n]])
  const options = { force: true, raw: true, resumable: true, corrective: true, origin: 'tank@o', props, key }
  const cmdprops = new Map([['quota', null]])
  assert.equal(given('receiveResumable', 'tank/a@x', 5), ['tank/a@x', null, null, false, false, 5])
  assert.equal(given('receiveWithHeader', 'tank/a@x', 5, record, options), [
    'tank/a@x', props, 'tank@o', true, true, true, 5, record,
  ]) // biome-ignore format: as in C
  assert.equal(given('receiveOne', 'tank/a@x', 5, record), [
    'tank/a@x', null, null, false, false, false, 5, record, -1,
  ]) // biome-ignore format: as in C
  assert.equal(given('receiveWithCmdprops', 'tank/a@x', 5, record, { ...options, cmdprops }), [
    'tank/a@x', props, cmdprops, key, 32, 'tank@o', true, true, true, 5, record, -1,
  ]) // biome-ignore format: as in C
  assert.equal(given('receiveWithHeal', 'tank/a@x', 5, record, { ...options, resumable: false }), [
    'tank/a@x', props, null, key, 32, 'tank@o', true, true, false, true, 5, record, -1,
  ]) // biome-ignore format: as in C
  assert.equal(given('sendResumeRedacted', 'tank@a', 7, 'b', { from: 'tank#f', resumeObject: 3, resumeOffset: 4n }), [
    'tank@a', 'tank#f', 7, 0, 3n, 4n, 'b',
  ]) // biome-ignore format: as in C
  assert.equal(given('sendSpaceResumeRedacted', 'tank@a', { resumeBytes: 9 }), [
    'tank@a', null, 0, 0n, 0n, 9n, null, -1,
  ]) // biome-ignore format: as in C
})

test('a program has its integers as Lua knows them', () => {
  const [, , instructions, memory, list] = given('channelProgram', 'tank', 'return 1', { params: { a: 1, b: [2n, 3] } })
  assert.equal([instructions, memory], [10_000_000n, 10_485_760n])
  // INT64 is type 7 and INT64_ARRAY 15; UINT64 would be 8.
  const packed = encode(list as Record<string, unknown>)
  assert.ok(packed.includes(Buffer.from([7, 0, 0, 0])) && packed.includes(Buffer.from([15, 0, 0, 0])))
  assert.equal(given('channelProgram', 'tank', 'return 1')[4], {})
})

/** A begin record as OpenZFS writes it, of a machine of either byte order. */
function begin(little: boolean): Buffer {
  const bytes = Buffer.alloc(400)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  view.setBigUint64(8, 0x2f5bacbacn, little)
  view.setBigUint64(16, 0x11n, little)
  view.setBigUint64(24, 1_700_000_000n, little)
  view.setUint32(32, 2, little)
  view.setUint32(36, 4, little)
  view.setBigUint64(40, 2n ** 63n + 1n, little)
  view.setBigUint64(48, 5n, little)
  bytes.write('tank/a@x', 56)
  return bytes
}

test('a header is read, whatever the byte order, and garbage is not', async () => {
  for (const little of [true, false]) {
    const { header, record } = parseHeader(begin(little))
    assert.is(record.length, 312)
    assert.equal(header, {
      type: 'filesystem',
      versionInfo: 0x11n,
      creation: 1_700_000_000n,
      flags: 4,
      toGuid: 2n ** 63n + 1n,
      fromGuid: 5n,
      toName: 'tank/a@x',
    })
  }
  assert.instance(await thrown(() => parseHeader(new Uint8Array(400))), BadStream)
  const other = begin(true)
  other.writeUInt32LE(3, 0)
  assert.instance(await thrown(() => parseHeader(other)), BadStream)
  assert.instance(await thrown(() => parseHeader(begin(true).subarray(0, 311))), StreamTruncated)
  const full = begin(true)
  full.fill('x', 56)
  assert.is(parseHeader(full).header.toName, 'x'.repeat(256))
})

if (process.platform === 'linux') {
  test('a header comes through a pipe in pieces, and the rest stays in it', async () => {
    const bytes = begin(true)
    const { reader, writer } = pipe()
    const reading = receiveHeader(reader)
    for (let at = 0; at < 312; at += 100) {
      writeSync(writer, bytes.subarray(at, Math.min(at + 100, 312)))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const { record } = await reading
    assert.equal(Buffer.from(record), bytes.subarray(0, 312))
    writeSync(writer, bytes)
    assert.is(receiveHeaderSync(reader).header.toName, 'tank/a@x')
    const rest = Buffer.alloc(100)
    assert.is(readSync(reader, rest), 88)
    writeSync(writer, 'x')
    closeSync(writer)
    assert.instance(await thrown(() => receiveHeader(reader)), StreamTruncated)
    assert.instance(await thrown(() => receiveHeaderSync(reader)), StreamTruncated)
    closeSync(reader)
  })
} else test.skip('a header comes through a pipe in pieces', 'pipe2 is looked up in glibc')

test('arguments that are missing or of wrong types are refused as such, by either form of each call', async () => {
  const wrong = [[], [null], [{}], [5], ['tank/a@x'], ['tank', null], ['tank/a', null, null], [null, null, null]]
  for (const name of Object.keys(table) as (keyof typeof table)[]) {
    for (const args of wrong) {
      const plain = { ...(table[name] as unknown as Call<unknown[], unknown>), shortcut: undefined }
      // What passes the checks would need ZFS.
      try {
        plain.input(...args)
        continue
      } catch {}
      for (const call of [zfs[name], zfs[`${name}Sync`]] as ((...args: unknown[]) => unknown)[]) {
        const error = await thrown(() => call(...args))
        assert.instance(error, ZFSError, `${name}(${JSON.stringify(args)}): ${error}`)
      }
    }
  }
  const error = await thrown(() => zfs.snapshot(undefined as never))
  assert.instance(error, ArgumentInvalid)
  assert.match(error.message, 'call snapshot: argument 1 is undefined, and must be a list')
})

test.run()
