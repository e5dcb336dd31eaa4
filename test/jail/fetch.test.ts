import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collect, drain, IocError, type IocEvent } from '@gaoler/core'
import {
  DownloadFailed,
  IllegalArchiveContent,
  InvalidReleaseAssetSignature,
  ReleaseAssetHashesUnavailable,
  ReleaseGenerator,
  UnsupportedMirror,
} from '@gaoler/jail'
import { packTar } from 'modern-tar'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { storedXz } from '../../examples/support/stored-xz.ts'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { faultsOf } from '../core/toys.ts'
import { matchesGolden } from '../golden.ts'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'

const test = suite('jail/fetch')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-fetch-'))
let world: JailWorld

test.before(async () => {
  world = await embeddedWorld()
})
test.after(async () => {
  await world.close()
  rmSync(directory, { recursive: true, force: true })
})

/** Fetches, expects a failure, and asserts that nothing of the release is left. */
async function refused(name: string, mirror: string): Promise<{ error: IocError; events: IocEvent[] }> {
  const before = await world.snapshot()
  const release = new ReleaseGenerator(name, { host: world.host })
  const events: IocEvent[] = []
  const error = await drain(release.fetch({ mirror, onEvent: (event) => events.push(event) })).then(
    () => undefined,
    (e) => e,
  )
  assert.instance(error, IocError)
  assert.is(error.reverted, true)
  assert.equal(faultsOf(events), [])
  assert.is(await world.snapshot(), before)
  return { error, events }
}

async function mirrorOf(name: string): Promise<{ mirror: string; file: (path: string) => string }> {
  const { mirror } = await makeSmallRelease(join(directory, name), { name })
  return { mirror, file: (path) => join(fileURLToPath(mirror), name, path) }
}

test('a release is fetched in its golden order, and what was downloaded is not kept', async () => {
  const { mirror } = await mirrorOf('14.4-RELEASE')
  const release = new ReleaseGenerator('14.4-RELEASE', { host: world.host })
  const events = await collect(release.fetch({ mirror }))
  assert.equal(faultsOf(events), [])
  matchesGolden(events, 'embedded', 'fetch')
  const progress = events.filter((event) => event.is('ReleaseAssetDownload') && event.state === 'progress')
  assert.is(progress.at(-1)?.progress?.current, progress.at(-1)?.progress?.total)
  assert.match(String(release.latestSnapshot), /root@p0$/)
})

test('a digest that does not match is refused before anything is unpacked', async () => {
  const { mirror, file } = await mirrorOf('1.0-RELEASE')
  const found = createHash('sha256')
    .update(readFileSync(file('base.txz')))
    .digest('hex')
  writeFileSync(file('MANIFEST'), readFileSync(file('MANIFEST'), 'utf8').replace(found, 'f'.repeat(64)))
  const { error, events } = await refused('1.0-RELEASE', mirror)
  assert.instance(error, InvalidReleaseAssetSignature)
  assert.match(error.message, found)
  assert.not.ok(events.some((event) => event.is('ReleaseExtraction')))
})

test('a MANIFEST that is missing, broken, or names no base.txz is refused', async () => {
  const { mirror, file } = await mirrorOf('2.0-RELEASE')
  assert.instance((await refused('2.1-RELEASE', mirror)).error, DownloadFailed)
  writeFileSync(file('MANIFEST'), 'base.txz\n')
  assert.instance((await refused('2.0-RELEASE', mirror)).error, ReleaseAssetHashesUnavailable)
  writeFileSync(file('MANIFEST'), `src.txz\t${'a'.repeat(64)}\t1\tsrc\t"Source"\toff\n`)
  assert.match((await refused('2.0-RELEASE', mirror)).error.message, 'base.txz')
})

test('an archive that leads outside is refused, and what it had unpacked is gone', async () => {
  const { mirror, file } = await mirrorOf('3.0-RELEASE')
  const hostile = [
    { name: './ok', type: 'file' as const, size: 2 },
    { name: '../outside', type: 'file' as const, size: 2 },
  ]
  const archive = storedXz(await packTar(hostile.map((header) => ({ header, body: 'hi' }))))
  writeFileSync(file('base.txz'), archive)
  const digest = createHash('sha256').update(archive).digest('hex')
  writeFileSync(file('MANIFEST'), `base.txz\t${digest}\t2\tbase\t"Base"\ton\n`)
  assert.instance((await refused('3.0-RELEASE', mirror)).error, IllegalArchiveContent)
})

test('a mirror that is no https, http or file URL is refused', async () => {
  for (const mirror of ['ftp://example.org/', 'nonsense', 'javascript:1', 'https://user:pw@example.org/']) {
    assert.instance((await refused('4.0-RELEASE', mirror)).error, UnsupportedMirror, mirror)
  }
})

test.run()
