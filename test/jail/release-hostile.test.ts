import { symlinkSync } from 'node:fs'
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
import { archiveOf, archives, file, folder, link, refusal, sparse, symlink } from './release-archives.ts'

const test = suite('jail/release hostile')
archives(test)

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

test.run()
