import { reviveError } from '@gaoler/core'
import {
  InvalidReleaseAssetSignature,
  InvalidReleaseName,
  type ReleaseAssetHashesUnavailable,
  UnsupportedMirror,
} from '../../packages/jail/src/release/errors.ts'
import { parseManifest } from '../../packages/jail/src/release/manifest.ts'
import { checkReleaseName, parseMirror, releaseUrl } from '../../packages/jail/src/release/mirror.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/release manifest')

const sha = 'a'.repeat(64)
const line = (fields: Partial<Record<'file' | 'sha' | 'entries' | 'set' | 'selected', string>> = {}): string =>
  [
    fields.file ?? 'base.txz',
    fields.sha ?? sha,
    fields.entries ?? '27112',
    fields.set ?? 'base',
    '"Base system (MANDATORY)"',
    fields.selected ?? 'on',
  ].join('\t')

test('a manifest as FreeBSD writes it is read by file name', () => {
  const assets = parseManifest(
    `${line()}\n${line({ file: 'kernel-dbg.txz', set: 'kernel-dbg', selected: 'off' })}\n`,
    'M',
  )
  assert.equal([...assets.keys()], ['base.txz', 'kernel-dbg.txz'])
  assert.equal(assets.get('base.txz'), {
    file: 'base.txz',
    sha256: sha,
    entries: 27112,
    set: 'base',
    description: 'Base system (MANDATORY)',
    default: true,
  })
  assert.is(assets.get('kernel-dbg.txz')?.default, false)
})

test('a malformed manifest is refused with the line and what was found', async () => {
  const cases: [string, string, number, string][] = [
    ['', 'it is empty', Number.NaN, ''],
    ['<!DOCTYPE html>\n', '6 fields', 1, '<!DOCTYPE html>'],
    [`${line()}\n\n`, '6 fields', 2, ''],
    [`${line()}\n${line()}\n`, 'second time', 2, 'base.txz'],
    [line({ sha: 'A'.repeat(64) }), 'SHA-256', 1, 'A'.repeat(64)],
    [line({ sha: 'a'.repeat(63) }), 'SHA-256', 1, 'a'.repeat(63)],
    [line({ entries: '-1' }), 'number of entries', 1, '-1'],
    [line({ set: 'a b' }), 'name of a set', 1, 'a b'],
    [line({ selected: 'on\r' }), 'on or off', 1, 'on\r'],
    ...['../base.txz', 'a/base.txz', '-base.txz', 'ba..se.txz', '.txz\0.txz', 'base.tar', '.txz/'].map(
      (file): [string, string, number, string] => [line({ file }), 'name of a .txz', 1, file],
    ),
  ]
  for (const [text, reason, number, found] of cases) {
    const error = await thrown<ReleaseAssetHashesUnavailable>(() => parseManifest(text, 'mirror/MANIFEST'))
    assert.is(error.code, 'RELEASE_ASSET_HASHES_UNAVAILABLE', reason)
    assert.match(error.message, reason)
    assert.match(error.message, 'mirror/MANIFEST')
    if (Number.isNaN(number)) continue
    assert.is(error.details.line, number, reason)
    assert.is(error.details.found, found)
  }
})

test('release names are plain components', async () => {
  for (const name of ['13.2-RELEASE', '14.1-STABLE', 'debian-12', '15.0-CURRENT', '9']) {
    assert.is(checkReleaseName(name), name)
  }
  for (const name of ['', '..', '.', '-x', 'a/b', 'a..b', 'a b', 'a@b', 'a\n', 'ä', 'x'.repeat(65)]) {
    assert.instance(await thrown(() => checkReleaseName(name)), InvalidReleaseName, name)
  }
})

test('URLs are joined below the mirror', () => {
  const base = 'https://download.freebsd.org/releases/amd64/amd64'
  assert.is(releaseUrl(base, '14.3-RELEASE', 'MANIFEST'), `${base}/14.3-RELEASE/MANIFEST`)
  assert.is(releaseUrl(`${base}/`, '14.3-RELEASE', 'base.txz'), `${base}/14.3-RELEASE/base.txz`)
  assert.is(releaseUrl('file:///srv/my mirror', 'x', 'base.txz'), 'file:///srv/my%20mirror/x/base.txz')
  assert.throws(() => releaseUrl(base, 'x', '../base.txz'), /not a file of a release/)
  assert.throws(() => releaseUrl(base, '..', 'base.txz'), /is not a release name/)
})

test('a mirror that nothing can be fetched from is refused', async () => {
  const refused = ['ftp://x/y', 'x/y', '/srv/mirror', 'file://host/y', 'https://x/?q', 'https://x/#f', 'data:,x']
  for (const mirror of refused) {
    const error = await thrown(() => parseMirror(mirror))
    assert.instance(error, UnsupportedMirror, mirror)
    assert.match(error.message, mirror)
  }
  const secret = await thrown(() => parseMirror('https://me:hunter2@x/y'))
  assert.instance(secret, UnsupportedMirror)
  assert.not.match(secret.message, 'hunter2')
})

test('errors of releases stay themselves across JSON', () => {
  const error = new InvalidReleaseAssetSignature({ release: 'r', asset: 'base.txz', expected: 'a', found: 'b' })
  const back = reviveError(JSON.parse(JSON.stringify(error)))
  assert.instance(back, InvalidReleaseAssetSignature)
  assert.is(back.message, error.message)
})

test.run()
