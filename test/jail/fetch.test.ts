import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collect, drain, IocError, type IocEvent } from '@gaoler/core'
import {
  DownloadFailed,
  Host,
  IllegalArchiveContent,
  InsecureJailPath,
  InvalidReleaseAssetSignature,
  JailGenerator,
  Release,
  ReleaseAssetHashesUnavailable,
  ReleaseGenerator,
  UnsupportedMirror,
} from '@gaoler/jail'
import { packTar, type TarEntry } from 'modern-tar'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { storedXz } from '../../examples/support/stored-xz.ts'
import { parseRcConf } from '../../packages/jail/src/host/rc-conf.ts'
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

test('the base for zfs basejails is made where rc.conf or the caller asks for it, also of a release that is there', async () => {
  const { mirror } = await mirrorOf('14.5-RELEASE')
  const rcConf = join(directory, 'legacy.conf')
  writeFileSync(rcConf, 'ioc_legacy_support="YES"\n')
  const host = Host.open({ ...world.host.opened, rcConf })
  const legacy = new ReleaseGenerator('14.5-RELEASE', { host })
  const base = `${legacy.baseDatasetName}/usr/bin@p0`
  const states = (events: readonly IocEvent[]): string[] =>
    events.flatMap((event) => (event.is('ReleaseCopyBase') && event.state !== 'progress' ? [event.state] : []))
  assert.equal(states(await collect(legacy.fetch({ mirror, updateBase: false }))), ['pending', 'skipped'])
  assert.not(host.zfs.existsSync(base))
  assert.equal(states(await collect(legacy.fetch({ mirror }))), ['pending', 'done'])
  assert.ok(host.zfs.existsSync(base))
  const release = new ReleaseGenerator('14.5-RELEASE', { host: world.host })
  assert.equal(states(await collect(release.fetch({ mirror }))), [])
  assert.equal(states(await collect(release.fetch({ mirror, updateBase: true }))), ['pending', 'skipped'])
  const blocking = new Release('14.5-RELEASE', { host: world.host })
  assert.equal(states(blocking.updateBase()), ['pending', 'skipped'])
  await drain(release.destroy())
  assert.not(host.zfs.existsSync(release.baseFolderName), 'its base goes with it')
})

test('a basejail stops as always when its release is gone meanwhile', async () => {
  const { mirror } = await mirrorOf('14.6-RELEASE')
  const { host } = world
  const release = new ReleaseGenerator('14.6-RELEASE', { host })
  await drain(release.fetch({ mirror }))
  const jail = new JailGenerator('orphan', { host })
  await drain(jail.create(release, { properties: { basejail: 'yes' } }))
  const before = await world.snapshot()
  await drain(jail.start())
  await drain(jail.promote())
  await drain(release.destroy())
  await drain(jail.stop())
  const mine = (text: string): string[] =>
    text.split('\n').filter((line) => line.includes('orphan/root/') && !line.includes('resolv.conf'))
  assert.equal(mine(await world.snapshot()), mine(before))
  await drain(jail.destroy())
})

test('a release of FreeBSD is given the settings that jails need, one of another kind is left alone', async () => {
  const fetched = async (name: string, more: readonly TarEntry[]): Promise<{ root: string; configured?: string }> => {
    const { mirror, file } = await mirrorOf(name)
    const archive = storedXz(await packTar([...more]))
    writeFileSync(file('base.txz'), archive)
    const digest = createHash('sha256').update(archive).digest('hex')
    writeFileSync(file('MANIFEST'), `base.txz\t${digest}\t2\tbase\t"Base"\ton\n`)
    const release = new ReleaseGenerator(name, { host: world.host })
    const events = await collect(release.fetch({ mirror }))
    const configured = events.findLast((event) => event.is('ReleaseConfiguration'))?.state
    return { root: release.rootPath, configured }
  }
  const text = (name: string, body: string): TarEntry => ({ header: { name, type: 'file', size: body.length }, body })
  const etc: TarEntry = { header: { name: './etc', type: 'directory', size: 0 } }
  const defaults = [etc, text('./etc/defaults/rc.conf', 'rc_debug="NO"\n')]
  const own = 'netif_enable="NO"\nsyslogd_flags="-s"\nhostname="mine"'
  const { root, configured } = await fetched('5.0-RELEASE', [...defaults, text('./etc/rc.conf', own)])
  assert.is(configured, 'done')
  const rcConf = readFileSync(join(root, 'etc/rc.conf'), 'utf8')
  const values = parseRcConf(rcConf, 'rc.conf')
  assert.equal(
    ['netif_enable', 'syslogd_flags', 'hostname', 'cron_flags', 'sendmail_submit_enable'].map((key) => values.get(key)),
    ['NO', '-ss', 'mine', "-m ''", 'NO'],
  )
  assert.is(rcConf.split('netif_enable').length, 2, 'what it says already is not said twice')
  assert.match(readFileSync(join(root, 'etc/periodic.conf'), 'utf8'), 'daily_submit_queuerun="NO"\n')
  assert.match(readFileSync(join(root, 'etc/sysctl.conf'), 'utf8'), 'net.inet.ip.fw.enable=0\n')
  const other = await fetched('5.1-RELEASE', [etc, text('./etc/rc.conf', own)])
  assert.is(other.configured, 'skipped')
  assert.is(readFileSync(join(other.root, 'etc/rc.conf'), 'utf8'), own)
})

test('settings are never written through a link that an archive has put in their place', async () => {
  const outside = join(directory, 'outside')
  writeFileSync(outside, 'untouched')
  const header = { name: './etc/rc.conf', type: 'symlink' as const, size: 0, linkname: outside }
  const defaults = { header: { name: './etc/defaults/rc.conf', type: 'file' as const, size: 1 }, body: '\n' }
  const { mirror, file } = await mirrorOf('5.2-RELEASE')
  const archive = storedXz(await packTar([defaults, { header }]))
  writeFileSync(file('base.txz'), archive)
  const digest = createHash('sha256').update(archive).digest('hex')
  writeFileSync(file('MANIFEST'), `base.txz\t${digest}\t2\tbase\t"Base"\ton\n`)
  assert.instance((await refused('5.2-RELEASE', mirror)).error, InsecureJailPath)
  assert.is(readFileSync(outside, 'utf8'), 'untouched')
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
