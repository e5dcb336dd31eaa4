import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { drain, UsageError } from '@gaoler/core'
import {
  Distribution,
  HostUserlandVersionUnknown,
  InvalidJailName,
  InvalidSourceName,
  JailAlreadyExists,
  JailAlreadyRunning,
  JailConfig,
  JailGenerator,
  JailHostUUIDMismatch,
  JailIsTemplate,
  JailNotRunning,
  JailNotTemplate,
  JailResource,
  Jails,
  MissingFeature,
  Releases,
  ReleasesGenerator,
  ResourceSelector,
  ResourceUnmanaged,
  SourceNotFound,
  Terms,
} from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'

// Members of libioc's class page that no other suite calls: what they say, on the embedded platform.
const test = suite('jail/page')
let world: JailWorld
const jail = (name: string): JailGenerator => new JailGenerator(name, { host: world.host })

test.before(async () => {
  world = await embeddedWorld()
})
test.after(() => world.close())

test('what console.log shows of a jail and of a host is short and says which it is', () => {
  const { host } = world
  assert.is(inspect(jail('web')), "JailGenerator { name: 'web', host: Host { platform: 'embedded' } }")
  assert.match(inspect(new Jails('web', { host })), /^Jails \{[^}]*platform: 'embedded'/)
})

test('a program is a list of words: a line for a shell, and nothing, are refused', async () => {
  const web = jail('argued')
  await drain(web.create(world.release))
  await drain(web.start())
  for (const argv of ['ls -l', [], [''], ['/bin/sh', 7], ['/bin/sh\0']]) {
    const error = await thrown(() => drain(web.exec(argv as string[])))
    assert.instance(error, UsageError)
    assert.match(error.message, '/bin/sh')
  }
  await drain(web.destroy({ forceStop: true }))
})

test('each guard refuses with its own error, and lets pass what it is not about', async () => {
  const web = jail('guarded')
  await drain(web.create(world.release))
  assert.instance(await thrown(() => web.requireJailNotExisting()), JailAlreadyExists)
  assert.instance(await thrown(() => web.requireJailRunning()), JailNotRunning)
  assert.instance(await thrown(() => web.requireJailIsTemplate()), JailNotTemplate)
  web.requireJailNotTemplate()
  web.requireJailMatchHostid()
  await drain(web.start())
  assert.instance(await thrown(() => web.requireJailStopped()), JailAlreadyRunning)
  await drain(web.stop())
  web.config.setAll({ hostid: '00000000-0000-4000-8000-000000000000', hostid_strict_check: 'yes' })
  assert.not(web.hostidCheckOk)
  assert.instance(await thrown(() => web.requireJailMatchHostid()), JailHostUUIDMismatch)
  await drain(web.set({ hostid_strict_check: 'no', template: 'yes' }))
  const template = jail('guarded')
  template.requireJailIsTemplate()
  assert.instance(await thrown(() => template.requireJailNotTemplate()), JailIsTemplate)
  await drain(template.destroy())
})

test('a jail says its paths, its ruleset, its short name; provisioning is refused by name', async () => {
  const web = jail('told')
  assert.is(web.scriptEnvPath, `${web.path}/launch-scripts/.env`)
  assert.is(web.devfsRuleset, 4)
  web.config.set('devfs_ruleset', 'none')
  assert.is(web.devfsRuleset, null)
  assert.is(jail('1a2b3c4d-0000-4000-8000-00000000000f').humanreadableName, '1a2b3c4d')
  assert.is(web.humanreadableName, 'told')
  assert.instance(await thrown(() => web.provisioner), MissingFeature)
  web.datasetName = 'embedded/elsewhere/told'
  assert.is(web.datasetName, 'embedded/elsewhere/told')
  web.autosetDatasetName()
  assert.is(web.datasetName, `${world.host.datasets.main.jails}/told`)
  assert.instance(await thrown(() => (web.datasetName = 'embedded/elsewhere/other')), InvalidJailName)
})

test('a console is a login in the running jail, and its status comes back', async () => {
  const web = jail('console')
  await drain(web.create(world.release, { properties: { login_flags: '-f nobody' } }))
  assert.instance(await thrown(() => drain(web.execConsole())), JailNotRunning)
  mkdirSync(join(web.rootPath, 'usr/bin'), { recursive: true })
  writeFileSync(join(web.rootPath, 'usr/bin/login'), '#!/bin/sh\ntest "$1 $2" = "-f nobody" && exit 5\n', {
    mode: 0o755,
  })
  await drain(web.start())
  const { stdout, stderr, code } = await drain(web.execConsole())
  assert.equal([stdout, stderr, code], [null, null, 5])
  await drain(web.destroy({ forceStop: true }))
})

test('a foreign dataset has the files of a jail', () => {
  const { host } = world
  const foreign = new JailResource({ datasetName: host.datasets.main.jails, host, fstab: 'mounts' })
  assert.is(foreign.fstabFile, `${host.datasets.path(host.datasets.main.jails)}/mounts`)
})

test('sources are attached, found by their datasets, and refused by name', async () => {
  const { datasets } = world.host.with({ logger: { error() {}, warn() {}, info() {}, debug() {} } })
  const main = datasets.mainDatasetsName
  datasets.attachSource('spare', 'embedded/spare')
  datasets.attachSources({ more: 'embedded/spare/more' })
  datasets.attachRootDatasets('again', datasets.getRootSource('spare'))
  assert.equal(datasets.names, [main, 'spare', 'more', 'again'])
  assert.is(datasets.findRootDatasets('embedded/spare/more/jails/web').root, 'embedded/spare/more')
  assert.instance(await thrown(() => datasets.getRootSource('none')), SourceNotFound)
  assert.instance(await thrown(() => datasets.findRootDatasets('embedded/stranger')), ResourceUnmanaged)
  assert.instance(await thrown(() => datasets.attachSource('a b', 'embedded/x')), InvalidSourceName)
})

test('filters can be built, and lists tell theirs', () => {
  const terms = new Terms().add('web*').set('boot', ['yes', 'no'])
  assert.is(String(terms), 'web* boot=yes,no')
  const { host } = world
  assert.is(new Jails(terms, { host }).filters, terms)
  assert.is(String(new Releases('14*', { host }).filters), '14*')
  const selector = new ResourceSelector('fast/web+')
  assert.equal([selector.source, selector.name.text], ['fast', 'web+'])
})

test('a mirror is what the distribution says, and its releases are available', async () => {
  const { host } = world
  assert.match(new Distribution({ host }).mirrorUrl, /^https:\/\/download\.freebsd\.org\/releases\//)
  const gone = { signal: AbortSignal.abort(new Error('nobody waits')) }
  assert.match(
    (await thrown(() => new ReleasesGenerator(null, { host }).available(gone))).message,
    /nobody waits|abort/,
  )
  const listed: string[] = []
  for (const release of new Releases(null, { host }).local) listed.push(release.name)
  assert.equal(listed, [world.release])
})

test('a userland that is no FreeBSD has no version', async () => {
  if (process.platform === 'freebsd') assert.ok(world.host.userlandVersion > 12)
  else assert.instance(await thrown(() => world.host.userlandVersion), HostUserlandVersionUnknown)
})

test('a copy of a configuration is another one', () => {
  const config = new JailConfig('web').set('boot', 'yes')
  const copy = config.clone('other').set('boot', 'no')
  assert.equal([config.get('boot'), copy.get('boot'), copy.get('name')], [true, false, 'other'])
})

test.run()
