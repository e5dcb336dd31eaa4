import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { drain, type IocError } from '@gaoler/core'
import {
  Distribution,
  DistributionGenerator,
  Host,
  HostReleaseUnknown,
  ReleaseGenerator,
  Releases,
  ReleasesGenerator,
} from '@gaoler/jail'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { freebsdMirror } from '../../packages/jail/src/distribution/distribution-base.ts'
import { releaseVersion } from '../../packages/jail/src/host/facts.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/distribution')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-distribution-'))
const host = Host.open({ platform: 'embedded', directory: join(directory, 'host') })

test.after(() => rmSync(directory, { recursive: true, force: true }))

const INDEX = `<html><a href="../">Parent</a><a href="15.0-RELEASE/">15.0</a><a href="9.3-RELEASE/">9</a>
<a href="14.3-RELEASE/">14.3</a><a href="ISO-IMAGES/">x</a><a href="%2e%2e/">y</a><a href="a/b/">z</a><a href="README">r</a></html>`
const EOL = `<table><tr><td>stable/13</td><td class="x">13.2-RELEASE</td></tr><tr><td>-</td><td>12.4</td><td>x</td></tr></table>`

async function serving(body: (base: string) => Promise<void>): Promise<void> {
  const pages: Record<string, string> = { '/releases/': INDEX, '/eol': EOL }
  const server = createServer(({ url = '' }, response) => {
    response.statusCode = pages[url] === undefined ? 404 : 200
    response.end(pages[url] ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('the releases of a mirror are the folders that can be releases, in order of version', () =>
  serving(async (base) => {
    const distribution = new DistributionGenerator({ host, mirror: `${base}/releases`, eolUrl: `${base}/eol` })
    assert.equal(
      (await distribution.releases()).map(({ name }) => name),
      ['9.3-RELEASE', '14.3-RELEASE', '15.0-RELEASE'],
    )
    assert.equal(await distribution.eol(), ['13-STABLE', '13.2-RELEASE', '12.4-RELEASE'])
    const gone = new DistributionGenerator({ host, mirror: `${base}/nowhere`, eolUrl: `${base}/nowhere` })
    for (const ask of [() => gone.releases(), () => gone.eol()]) {
      assert.is(((await thrown(ask)) as IocError).code, 'DOWNLOAD_FAILED')
    }
  }))

test('a folder is a mirror too, and scripts wait for the answer', async () => {
  const mirror = join(directory, 'mirror')
  for (const name of ['14.3-RELEASE', '13.5-RELEASE', 'VM-IMAGES', '.hidden'])
    mkdirSync(join(mirror, name), { recursive: true })
  const distribution = new Distribution({ host, mirror: pathToFileURL(mirror).href })
  assert.equal(
    distribution.releases().map(({ name }) => name),
    ['13.5-RELEASE', '14.3-RELEASE'],
  )
  const missing = await thrown(() => new Distribution({ host, mirror: 'file:///nowhere' }).releases())
  assert.is((missing as IocError).code, 'RELEASE_LIST_UNAVAILABLE')
})

test('the releases of this host are listed by both faces, with filters', async () => {
  const { mirror, name } = await makeSmallRelease(join(directory, 'small'))
  assert.is(new Releases(null, { host }).length, 0)
  await drain(new ReleaseGenerator(name, { host }).fetch({ mirror }))
  assert.equal(
    [...new Releases(`${name.slice(0, 4)}* fetched=yes`, { host }).local].map((release) => release.fullName),
    [name],
  )
  const seen: string[] = []
  for await (const release of new ReleasesGenerator('no-such*', { host })) seen.push(release.name)
  assert.equal(seen, [])
  assert.is(((await thrown(() => [...new Releases('boot=yes', { host })])) as IocError).code, 'JAIL_FILTER')
})

test('a host knows itself, and says what it cannot know', async () => {
  assert.match(host.uuid, /^[0-9a-f]{8}-/)
  assert.ok(host.processor.length > 0)
  assert.equal([host.distribution.name, host.distribution.hashFile], ['FreeBSD', 'MANIFEST'])
  assert.equal(
    [freebsdMirror('x64'), freebsdMirror('arm64')].map((url) => url.split('/releases/')[1]),
    ['amd64', 'arm64/aarch64'],
  )
  assert.is(releaseVersion('14.3-RELEASE-p2'), '14.3-RELEASE')
  assert.is(releaseVersion('15.0-CURRENT'), '15.0-CURRENT')
  assert.instance(await thrown(() => releaseVersion('6.1.0-30-amd64')), HostReleaseUnknown)
})

test.run()
