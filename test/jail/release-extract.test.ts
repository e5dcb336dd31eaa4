import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packTar, type TarEntry } from 'modern-tar'
import { storedXz } from '../../examples/support/stored-xz.ts'
import {
  DamagedArchive,
  ExtractionTargetUnusable,
  IllegalArchiveContent,
} from '../../packages/jail/src/release/errors.ts'
import { extract } from '../../packages/jail/src/release/extract.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/release extract')

const mtime = new Date('2024-02-29T12:34:56Z')
let directory = ''
let count = 0
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'gaoler-extract-'))
})
test.after(() => {
  openUp(directory)
  rmSync(directory, { recursive: true })
})

/** Who is not root cannot empty a directory that is not writable. It must not follow links: they lead to the host. */
function openUp(path: string): void {
  chmodSync(path, 0o755)
  for (const found of readdirSync(path, { withFileTypes: true })) {
    if (found.isDirectory()) openUp(join(path, found.name))
  }
}

type Header = Partial<TarEntry['header']>
const file = (name: string, text = 'text', more: Header = {}): TarEntry => ({
  header: { name, type: 'file', mode: 0o644, mtime, uid: 0, gid: 0, size: Buffer.byteLength(text), ...more },
  body: text,
})
const other = (type: TarEntry['header']['type'], name: string, more: Header = {}): TarEntry => ({
  header: { name, type, mode: 0o755, mtime, uid: 0, gid: 0, size: 0, ...more },
})
const folder = (name: string, mode = 0o755): TarEntry => other('directory', name, { mode })
const symlink = (name: string, linkname: string): TarEntry => other('symlink', name, { linkname })
const link = (name: string, linkname: string): TarEntry => other('link', name, { linkname })

/** A file with holes, as GNU sparse 1.0 stores it. */
const sparse = (name: string, regions: [at: number, size: number][], size: number, content: string): TarEntry => {
  const map = [regions.length, ...regions.flat()].map((number) => `${number}\n`).join('')
  const pax = {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': name,
    'GNU.sparse.realsize': `${size}`,
  }
  return file('GNUSparseFile.0/s', map.padEnd(Math.ceil(map.length / 512) * 512, '\0') + content, { pax })
}

/** An archive and a fresh directory for it, below which nothing but `root` may ever appear. */
async function archiveOf(entries: TarEntry[] | Uint8Array): Promise<{ archive: string; root: string; around: string }> {
  const around = join(directory, `case-${count++}`)
  mkdirSync(join(around, 'root'), { recursive: true })
  const archive = join(around, 'base.txz')
  writeFileSync(archive, entries instanceof Uint8Array ? entries : storedXz(await packTar(entries)))
  return { archive, root: join(around, 'root'), around }
}

async function unpacked(entries: TarEntry[]): Promise<{ at: (path: string) => string; result: object }> {
  const { archive, root } = await archiveOf(entries)
  const result = await extract(archive, root)
  return { at: (path) => join(root, path), result }
}

/** The error for an archive that must be refused, after a look that nothing was written beside the root. */
async function refusal(entries: TarEntry[] | Uint8Array): Promise<IllegalArchiveContent> {
  const { archive, root, around } = await archiveOf(entries)
  const error = await thrown<IllegalArchiveContent>(() => extract(archive, root))
  assert.equal(readdirSync(around).sort(), ['base.txz', 'root'])
  return error
}

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

const hostile: Record<string, [entries: TarEntry[], entry: string, reason: string]> = {
  'a name that goes up': [[file('../evil')], '../evil', 'goes up with ..'],
  'a name that goes down and up': [[folder('a'), file('a/../../evil')], 'a/../../evil', 'goes up with ..'],
  'a directory that goes up': [[folder('./../evil/')], './../evil/', 'goes up with ..'],
  'an absolute name': [[file('/tmp/gaoler-evil')], '/tmp/gaoler-evil', 'absolute path'],
  'a long name that goes up': [[file(`${'a/'.repeat(80)}../../x`)], `${'a/'.repeat(80)}../../x`, 'goes up with ..'],
  'a PAX name that goes up': [[file('fine', 'x', { pax: { path: '../evil' } })], '../evil', 'goes up with ..'],
  'a PAX name with a NUL': [[file('fine', 'x', { pax: { path: 'a\0b' } })], 'a\0b', 'NUL'],
  'a name that is not UTF-8': [[file('a\uFFFDb')], 'a\uFFFDb', 'not in UTF-8'],
  'no name': [[file('')], '', 'no name'],
  'a file for a root': [[file('./.')], './.', 'replace the root'],
  'a write through a symbolic link': [[symlink('l', '/tmp'), file('l/evil')], 'l/evil', 'through the symbolic link l'],
  'a write through a relative symbolic link': [
    [folder('d/'), symlink('d/l', '.'), file('d/l/x/evil')],
    'd/l/x/evil',
    'through the symbolic link d/l',
  ],
  'a directory in place of a symbolic link': [[symlink('l', '/tmp'), folder('l/')], 'l/', 'comes a second time'],
  'a file in place of a symbolic link': [[symlink('l', '/tmp/gaoler-evil'), file('l')], 'l', 'comes a second time'],
  'a symbolic link in place of a directory': [[folder('d/'), symlink('d', '/tmp')], 'd', 'comes a second time'],
  'a symbolic link in place of the root': [[symlink('./', '/tmp')], './', 'replace the root'],
  'a file twice': [[file('f', 'one'), file('./f', 'two')], './f', 'comes a second time'],
  'a file below a file': [[file('f'), file('f/g')], 'f/g', 'f is not a directory'],
  'a symbolic link above the root': [[folder('a/'), symlink('a/l', '../../etc')], 'a/l', 'above the root'],
  'a symbolic link that comes back': [[symlink('l', '../root/x')], 'l', 'above the root'],
  'a symbolic link to nothing': [[symlink('l', '')], 'l', 'to nothing'],
  'a hard link out of the root': [[link('h', '../base.txz')], 'h', 'goes up with ..'],
  'a hard link to an absolute path': [[link('h', '/etc/passwd')], 'h', 'absolute path'],
  'a hard link to nothing': [[link('h', '')], 'h', 'no name'],
  'a hard link through a symbolic link': [
    [symlink('l', '/etc'), link('h', 'l/passwd')],
    'h',
    'through a symbolic link',
  ],
  'a hard link to what is not there': [[link('h', 'f'), file('f')], 'h', 'did not come before'],
  'a hard link to a directory': [[folder('d/'), link('h', 'd')], 'h', 'to the directory d'],
  'a hard link that moves a symbolic link up': [
    [folder('a/'), symlink('a/l', '../x'), link('h', 'a/l')],
    'h',
    'above the root',
  ],
  'a sparse file of an old format': [
    [file('s', 'x', { pax: { 'GNU.sparse.major': '0', 'GNU.sparse.minor': '1' } })],
    's',
    'GNU sparse 1.0',
  ],
  'a sparse file that goes up': [[sparse('../evil', [[0, 1]], 1, 'x')], 'GNUSparseFile.0/s', 'goes up with ..'],
  'a sparse file with regions over its end': [[sparse('s', [[9, 2]], 10, 'xy')], 'GNUSparseFile.0/s', 'overlap'],
  'a sparse file without its content': [[sparse('s', [[0, 2]], 2, 'x')], 'GNUSparseFile.0/s', 'lacks content'],
  'a sparse file with too much content': [[sparse('s', [[0, 1]], 9, 'xy')], 'GNUSparseFile.0/s', 'more content'],
}
for (const [title, [entries, entry, reason]] of Object.entries(hostile)) {
  test(`${title} is refused`, async () => {
    const error = await refusal(entries)
    assert.instance(error, IllegalArchiveContent)
    assert.match(error.details.reason, reason)
    assert.is(error.details.entry, entry)
    assert.match(error.message, 'base.txz has an entry that is refused')
  })
}

test('an illegal entry ends it also where much of the archive is still to come', async () => {
  const error = await refusal([
    file('a'),
    file('../evil'),
    ...[1, 2, 3].map((n) => file(`f${n}`, 'x'.repeat(4_000_000))),
  ])
  assert.instance(error, IllegalArchiveContent)
})

test('a directory that is not empty, or not a directory, is refused', async () => {
  const { archive, root } = await archiveOf([file('x')])
  symlinkSync(root, join(root, '..', 'link'))
  for (const target of [join(root, '..'), join(root, '..', 'link'), archive, join(root, 'missing')]) {
    assert.instance(await thrown(() => extract(archive, target)), ExtractionTargetUnusable, target)
  }
})

test('an archive that ends too early, or is none, is told from an illegal one', async () => {
  const tar = await packTar([file('a', 'x'.repeat(5000)), file('b', 'y'.repeat(5000))])
  const whole = storedXz(tar)
  const flipped = Buffer.from(whole)
  flipped.writeUInt8(0x7f, 3000)
  const header = Buffer.from(tar)
  header.writeUInt8(0x7f, 5632 + 10)
  const cases: [Uint8Array, string][] = [
    [whole.subarray(0, whole.length - 12), 'ends too early'],
    [whole.subarray(0, 4000), 'ends too early'],
    [Buffer.concat([whole, Buffer.from('more')]), 'ends too early'],
    [flipped, 'data is damaged'],
    [new Uint8Array(0), 'it is empty'],
    [Buffer.from('<!DOCTYPE html><html></html>'), 'not an .xz file'],
    [storedXz(tar.subarray(0, 2000)), 'truncated'],
    [storedXz(tar.subarray(0, tar.length - 1024)), 'truncated'],
    [storedXz(header), 'checksum'],
    [storedXz(Buffer.concat([tar, Buffer.from('more')])), 'EOF'],
  ]
  for (const [bytes, reason] of cases) {
    const error = await refusal(bytes)
    assert.instance(error, DamagedArchive, reason)
    assert.match(error.message.toLowerCase(), reason.toLowerCase())
  }
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
