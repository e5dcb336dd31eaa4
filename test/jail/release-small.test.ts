import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { checkDigest } from '../../packages/jail/src/release/digest.ts'
import { download, readText } from '../../packages/jail/src/release/download.ts'
import { extract } from '../../packages/jail/src/release/extract.ts'
import { parseManifest } from '../../packages/jail/src/release/manifest.ts'
import { manifestFile, releaseUrl } from '../../packages/jail/src/release/mirror.ts'
import { assert, suite } from '../harness.ts'

const test = suite('jail/release small')

let directory = ''
test.before(() => {
  directory = mkdtempSync(join(tmpdir(), 'gaoler-small-'))
})
test.after(() => rmSync(directory, { recursive: true }))

test('the small release is fetched, checked and unpacked, and its programs run', async () => {
  const { mirror, name } = await makeSmallRelease(join(directory, 'mir ror'), { name: '14.2-RELEASE' })
  assert.is(name, '14.2-RELEASE')
  const manifestUrl = releaseUrl(mirror, name, manifestFile)
  const asset = parseManifest(await readText(manifestUrl), manifestUrl).get('base.txz')
  assert.ok(asset)
  const archive = join(directory, 'base.txz')
  const { sha256 } = await download(releaseUrl(mirror, name, asset.file), archive)
  checkDigest({ release: name, asset: asset.file, expected: asset.sha256, found: sha256 })
  const root = join(directory, 'root')
  mkdirSync(root)
  assert.equal((await extract(archive, root)).entries, asset.entries)
  const run = (...argv: string[]): string =>
    execFileSync(join(root, 'bin/sh'), argv, { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } })
  assert.is(run(join(root, 'bin/hello'), 'world'), 'Hello world\n')
  assert.is(run('-c', 'echo $1', 'sh', 'two words'), 'two words\n')
  assert.is(run(join(root, 'etc/rc')), 'Starting services of this jail.\n')
  assert.is(run(join(root, 'etc/rc.shutdown')), 'Stopping services.\n')
  assert.is(run(join(root, 'usr/bin/hello')), 'Hello\n')
  assert.is(readlinkSync(join(root, 'var/motd')), '/etc/motd')
})

test('it is the same byte for byte when it is made again', async () => {
  const made = ['one', 'two'].map((word) => makeSmallRelease(join(directory, word)))
  const [one, two] = (await Promise.all(made)).map(({ mirror, name }) =>
    readFileSync(new URL(`${mirror}/${name}/base.txz`)),
  )
  assert.ok(one && two?.equals(one))
})

test.run()
