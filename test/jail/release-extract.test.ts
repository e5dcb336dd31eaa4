import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { packTar } from 'modern-tar'
import { storedXz } from '../../examples/support/stored-xz.ts'
import { DamagedArchive } from '../../packages/jail/src/release/errors.ts'
import { extract } from '../../packages/jail/src/release/extract.ts'
import { assert, suite, thrown } from '../harness.ts'
import {
  archiveOf,
  archives,
  file,
  folder,
  link,
  mtime,
  other,
  refusal,
  sparse,
  symlink,
  unpacked,
} from './release-archives.ts'

const test = suite('jail/release extract')
archives(test)

const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8)

test('files, directories and links come out as they went in', async () => {
  const { at, result } = await unpacked([
    folder('./', 0o755),
    folder('./usr/', 0o555),
    folder('./usr/bin/', 0o750),
    file('./usr/bin/su', 'setuid', { mode: 0o4755 }),
    file('./usr/bin/open', 'x', { mode: 0o666 }),
    link('./usr/bin/su2', './usr/bin/su'),
    symlink('./bin', 'usr/bin'),
    symlink('./usr/bin/motd', '/etc/motd'),
    symlink('./usr/bin/up', '../../bin/../bin'),
    link('./bin2', 'bin'),
    file('./empty', ''),
    folder('./tmp/', 0o1777),
  ])
  assert.equal(result, { entries: 12, bytes: 7, skipped: 0 })
  assert.is(readFileSync(at('usr/bin/su'), 'utf8'), 'setuid')
  assert.is(modeOf(at('usr/bin/su')), '4755')
  assert.is(modeOf(at('usr/bin/open')), '666')
  assert.is(statSync(at('usr/bin/su2')).ino, statSync(at('usr/bin/su')).ino)
  assert.is(readlinkSync(at('bin')), 'usr/bin')
  assert.is(readlinkSync(at('bin2')), 'usr/bin')
  assert.is(readlinkSync(at('usr/bin/motd')), '/etc/motd')
  assert.is(readFileSync(at('empty'), 'utf8'), '')
  assert.equal(
    ['.', 'usr', 'usr/bin', 'tmp'].map((path) => modeOf(at(path))),
    ['755', '555', '750', '1777'],
  )
  for (const path of ['usr/bin/su', 'usr', 'usr/bin', 'bin', '.', 'tmp']) {
    assert.equal(lstatSync(at(path)).mtime, mtime, path)
  }
})

test('parents that the archive leaves out are made', async () => {
  const { at } = await unpacked([file('a/b/c', 'deep'), folder('a/b/', 0o700)])
  assert.is(readFileSync(at('a/b/c'), 'utf8'), 'deep')
  assert.equal([modeOf(at('a')), modeOf(at('a/b'))], ['755', '700'])
})

test('long names of PAX and of GNU tar arrive whole', async () => {
  const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'ü'.repeat(100)}`
  const target = `${'t'.repeat(150)}/x`
  const gnu = 'g'.repeat(180)
  const { at } = await unpacked(
    [
      file(long, 'pax'),
      symlink('s', target),
      other('gnu-long-name', '././@LongLink', { size: gnu.length }),
      file('cut off', 'gnu'),
    ].map((entry) => (entry.header.type === 'gnu-long-name' ? { ...entry, body: gnu } : entry)),
  )
  assert.is(readFileSync(at(long), 'utf8'), 'pax')
  assert.is(readlinkSync(at('s')), target)
  assert.is(readFileSync(at(gnu), 'utf8'), 'gnu')
})

test('owners are kept by root', async () => {
  if (process.geteuid?.() !== 0) return test.skip('owners are kept by root', 'needs root')
  const { at } = await unpacked([
    folder('./', 0o755),
    file('./root', 'x'),
    file('./mail', 'x', { uid: 25, gid: 6, mode: 0o2755 }),
    other('directory', './spool/', { uid: 66, gid: 66 }),
    other('symlink', './link', { uid: 7, gid: 8, linkname: 'nowhere' }),
  ])
  const owner = (path: string): number[] => [lstatSync(at(path)).uid, lstatSync(at(path)).gid]
  assert.equal(['root', 'mail', 'spool', 'link'].map(owner), [
    [0, 0],
    [25, 6],
    [66, 66],
    [7, 8],
  ])
  // Changing the owner clears these bits: they must be set after it.
  assert.is(modeOf(at('mail')), '2755')
})

test('a file larger than what is written at once arrives whole', async () => {
  const text = 'gaoler '.repeat(700_000)
  const { at } = await unpacked([file('large', text), file('after', 'x')])
  assert.ok(readFileSync(at('large'), 'utf8') === text)
})

test('a sparse file gets its holes back', async () => {
  const regions: [number, number][] = Array.from({ length: 100 }, (_, index) => [index * 100_000, 3])
  const { at } = await unpacked([
    sparse('holes', [...regions, [20_000_000, 0]], 20_000_000, 'abc'.repeat(100)),
    sparse('empty', [], 70_000, ''),
  ])
  const found = readFileSync(at('holes'))
  assert.is(found.length, 20_000_000)
  assert.is(found.filter((byte) => byte !== 0).toString(), 'abc'.repeat(100))
  assert.is(found.subarray(9_900_000, 9_900_003).toString(), 'abc')
  assert.ok(readFileSync(at('empty')).equals(Buffer.alloc(70_000)))
  assert.equal(lstatSync(at('holes')).mtime, mtime)
})

test('devices and FIFOs are left out, counted, and nothing else may take their names', async () => {
  const devices = [other('character-device', 'dev/null'), other('block-device', 'dev/da0'), other('fifo', 'run')]
  const { at, result } = await unpacked([folder('dev/'), ...devices, link('dev/zero', 'dev/null'), file('x')])
  assert.equal(result, { entries: 6, bytes: 4, skipped: 3 })
  assert.equal(readdirSync(at('dev')), [])
  assert.match((await refusal([...devices, file('dev/null')])).message, 'comes a second time')
  assert.match((await refusal([...devices, file('run/x')])).message, 'run is not a directory')
})

test('progress counts the archive to its end and only grows', async () => {
  const { archive, root } = await archiveOf([file('a', 'x'.repeat(900_000)), file('b')])
  const size = statSync(archive).size
  const seen: number[] = []
  await extract(archive, root, { progress: (current, total) => seen.push(total === size ? current : Number.NaN) })
  assert.is(seen.at(-1), size)
  assert.ok(seen.length > 2 && seen.every((current, index) => current > (seen[index - 1] ?? 0)))
})

test('a cancelled extraction throws the reason, and the next one runs', async () => {
  const many = Array.from({ length: 3000 }, (_, index) => file(`f${index}`, 'x'.repeat(500)))
  const { archive, root } = await archiveOf(many)
  const next = await archiveOf(many)
  const controller = new AbortController()
  const reason = new Error('enough')
  const running = thrown(() =>
    extract(archive, root, { signal: controller.signal, progress: () => controller.abort(reason) }),
  )
  const waiting = new AbortController()
  const waited = thrown(() => extract(next.archive, next.root, { signal: waiting.signal }))
  setImmediate(() => waiting.abort(reason))
  const third = extract(next.archive, (await archiveOf([])).root)
  assert.is(await running, reason)
  assert.ok(readdirSync(root).length < many.length)
  assert.is(await waited, reason)
  assert.equal(readdirSync(next.root), [])
  assert.is((await third).entries, many.length)
})

test('several archives at a time do not disturb each other', async () => {
  const all = await Promise.all(
    [1, 2, 3].map((size) => archiveOf([file('a', String(size).repeat(300_000 * size)), file('b', `${size}`)])),
  )
  await Promise.all(all.map(({ archive, root }) => extract(archive, root)))
  assert.equal(
    all.map(({ root }) => readFileSync(join(root, 'b'), 'utf8')),
    ['1', '2', '3'],
  )
})

const xz = 'xz of several streams, of several blocks and of every preset is read'
if (spawnSync('xz', ['--version']).status !== 0) test.skip(xz, 'there is no xz program')
else {
  test(xz, async () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `line ${index * 7919}\n`).join('')
    const tar = await packTar([file('text', text), file('after', 'after')])
    const pack = (part: Uint8Array, ...words: string[]): Buffer => execFileSync('xz', ['-c', ...words], { input: part })
    const half = 200_001
    const variants: Record<string, Uint8Array> = {
      blocks: pack(tar, '-T0', '--block-size=128KiB'),
      streams: Buffer.concat([pack(tar.subarray(0, half)), Buffer.alloc(8), pack(tar.subarray(half))]),
      'no check': pack(tar, '--check=none'),
      crc32: pack(tar, '--check=crc32'),
      'largest dictionary of a preset': pack(tar, '-9'),
    }
    for (const [title, bytes] of Object.entries(variants)) {
      const { archive, root } = await archiveOf(bytes)
      assert.is((await extract(archive, root)).entries, 2, title)
      assert.ok(readFileSync(join(root, 'text'), 'utf8') === text, title)
    }
    const unsupported = await refusal(pack(tar, '--check=sha256'))
    assert.instance(unsupported, DamagedArchive)
    assert.match(unsupported.message, 'not supported: make it with')
  })

  test('one enormous file leaves others their turn, and can be cancelled within it', async () => {
    // A gibibyte of zeros in 160 KB: nothing is read between its first and its last byte.
    const header = Buffer.from((await packTar([file('zeros', 'x')])).subarray(0, 512))
    header.write(`${(2 ** 30).toString(8).padStart(11, '0')}\0`, 124)
    header.fill(' ', 148, 156)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    const zeros = execFileSync('xz', ['-c'], { input: Buffer.alloc(2 ** 24) })
    const { archive, root } = await archiveOf(Buffer.concat([storedXz(header), ...Array(64).fill(zeros)]))
    const controller = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => controller.abort(reason), 50)
    assert.is(await thrown(() => extract(archive, root, { signal: controller.signal })), reason)
    assert.ok(lstatSync(join(root, 'zeros')).size < 2 ** 29)
  })
}

test.run()
