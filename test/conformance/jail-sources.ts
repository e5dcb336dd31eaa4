import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, drain, type IocError, type Operation, UsageError } from '@gaoler/core'
import {
  ActivationFailed,
  ConflictingResourceSelection,
  Host,
  HostGenerator,
  type HostOptions,
  IocageNotActivated,
  Jail,
  JailAlreadyExists,
  JailCommandNotFound,
  JailDoesNotExist,
  JailGenerator,
  JailResource,
  Jails,
  JailsGenerator,
  ReleaseGenerator,
  ResourceUnmanaged,
  SourceNotFound,
  ZFSPoolInvalid,
  ZFSPoolUnavailable,
} from '@gaoler/jail'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import { faultsOf } from '../core/toys.ts'
import { assert, suite, thrown } from '../harness.ts'

export interface SourcesWorld {
  /** What opens the host; the tests add sources. */
  readonly options: HostOptions
  /** Two empty pools. */
  readonly pools: readonly [string, string]
  close(): Promise<void>
}

/** What several root datasets on one host do on every platform. */
export function sourcesConformance(title: string, open: () => Promise<SourcesWorld>): void {
  const test = suite(title)
  const timeout = 60_000
  const scratch = mkdtempSync(join(tmpdir(), 'gaoler-sources-'))
  let world: SourcesWorld
  let options: HostOptions
  let host: HostGenerator
  let release: string
  const jail = (data: string | { id?: string; name?: string }) => new JailGenerator(data, { host })

  test.before(async () => {
    world = await open()
    const [first, second] = world.pools
    options = { ...world.options, sources: { fast: `${first}/iocage`, slow: `${second}/deep/jails` } }
    host = HostGenerator.open(options)
    const { mirror, name } = await makeSmallRelease(join(scratch, 'mirror'))
    release = name
    await drain(new ReleaseGenerator(name, { host }).fetch({ mirror }))
    await drain(new ReleaseGenerator(`slow/${name}`, { host }).fetch({ mirror }))
    // The programs of the small release are for the embedded platform: nothing of it is run when a jail starts.
    const properties = { exec_start: null, exec_stop: null }
    await drain(jail('web').create(name, { properties }))
    await drain(jail('slow/db').create(name, { properties }))
  })
  test.after(async () => {
    await world?.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  test('root datasets are made when something is put into them; what says no source goes into the first', () => {
    const [first, second] = world.pools
    assert.is(jail('web').datasetName, `${first}/iocage/jails/web`)
    assert.is(jail('db').datasetName, `${second}/deep/jails/jails/db`)
    assert.is(host.datasets.mainDatasetsName, 'fast')
    assert.is(host.datasets.findRootDatasetsName(`${second}/deep/jails/jails/db/root`), 'slow')
    assert.is(host.datasets.main.root, `${first}/iocage`)
    assert.not(host.zfs.existsSync(host.datasets.main.pkg))
  })

  test('the first jail of a source may have an empty root: nothing was fetched, and there are no defaults', async () => {
    const root = `${world.pools[0]}/fresh`
    const fresh = HostGenerator.open({ ...world.options, sources: { fresh: root } })
    const first = new JailGenerator('first', { host: fresh })
    await drain(first.createFromScratch())
    assert.ok(first.exists)
    await drain(first.destroy())
    // Of a pool that has vanished nobody knows the defaults: to go on without them would be to ignore them.
    const half = HostGenerator.open({ ...world.options, sources: { gone: 'vanished/iocage', fresh: root } })
    assert.instance(await thrown(() => new JailGenerator('fresh/first', { host: half }).config), IocageNotActivated)
    assert.instance(await thrown(() => [...new Jails(null, { host: half }).rows(['name'])]), ZFSPoolUnavailable)
    assert.equal([...new Jails('fresh/*', { host: half }).rows(['name'])], [])
    for (const name of [`${root}/jails`, root]) {
      await fresh.zfs.unmount(name, { force: true })
      await fresh.zfs.destroy(name)
    }
  })

  test('a bare name finds the jail in whichever single source has it', async () => {
    const db = jail('db')
    assert.equal([db.source, db.name, db.fullName, db.identifier], ['slow', 'db', 'slow/db', 'slow-db'])
    assert.is(db.release, release)
    assert.equal(new Jail('db', { host }).fullName, 'slow/db')
    assert.instance(await thrown(() => drain(jail('fast/db').start())), JailDoesNotExist)
    assert.instance(await thrown(() => drain(jail('db2').start())), JailDoesNotExist)
  })

  test(
    'a name that is in several sources is refused with each of them, and found with its source',
    async () => {
      await drain(jail('slow/web').create(release))
      try {
        const operations: Operation<unknown>[] = [jail('web').start(), jail('web').destroy()]
        for (const operation of operations) {
          const error = await thrown<ConflictingResourceSelection>(() => drain(operation))
          assert.instance(error, ConflictingResourceSelection)
          assert.equal(error.details, { name: 'web', sources: ['fast/web', 'slow/web'] })
        }
        const blocking = await thrown(() => new Jail('web', { host }).destroy())
        assert.instance(blocking, ConflictingResourceSelection)
        assert.not.equal(jail('fast/web').path, jail('slow/web').path)
        assert.instance(await thrown(() => drain(jail('web').create(release))), JailAlreadyExists)
      } finally {
        await drain(jail('slow/web').destroy())
      }
      assert.is(jail('web').fullName, 'fast/web')
    },
    { timeout },
  )

  test('the first eight characters stand for a UUID, in whichever source it is', async () => {
    const uuid = '1a2b3c4d-0000-4000-8000-00000000000f'
    await drain(jail({ name: `slow/${uuid}` }).create(release))
    try {
      assert.equal([jail('1a2b3c4d').name, jail('1a2b3c4d').fullName], [uuid, `slow/${uuid}`])
      assert.is(new Jail({ id: '1A2B3C4D' }, { host }).datasetName, jail(uuid).datasetName)
      assert.is(jail({ name: '1a2b3c4d' }).name, '1a2b3c4d', 'what is to be created has the name that was given')
      assert.equal(
        [...new Jails('1a2b3c4d', { host })].map(({ name }) => name),
        [uuid],
      )
    } finally {
      await drain(jail('1a2b3c4d').destroy())
    }
  })

  test('sources that are unknown, or said twice and differently, are refused', async () => {
    assert.instance(await thrown(() => jail('third/web')), SourceNotFound)
    assert.instance(await thrown(() => new ReleaseGenerator(`third/${release}`, { host })), SourceNotFound)
    for (const make of [
      () => new JailGenerator('fast/web', { host, rootDatasetsName: 'slow' }),
      () => new ReleaseGenerator(`fast/${release}`, { host, rootDatasetsName: 'slow' }),
    ]) {
      assert.instance(await thrown(make), ConflictingResourceSelection)
    }
    assert.is(
      ((await thrown(() => HostGenerator.open({ ...options, sources: { 'a b': 'x/y' } }).datasets.size)) as IocError)
        .code,
      'INVALID_SOURCE_NAME',
    )
    assert.is(new JailGenerator('web', { host, rootDatasetsName: 'slow' }).fullName, 'slow/web')
  })

  test('a release may say its source and its patch level', async () => {
    const named = new ReleaseGenerator(`slow/${release}-p0`, { host })
    assert.equal([named.name, named.patchlevel, named.fullName], [release, 0, `slow/${release}-p0`])
    assert.is(named.requireFetched(), `${host.datasets.get('slow')?.releases}/${release}/root@p0`)
    assert.is(
      ((await thrown(() => new ReleaseGenerator(`fast/${release}-p7`, { host }).requireFetched())) as IocError).code,
      'RELEASE_NOT_FETCHED',
    )
  })

  test('lists go through the sources in order, and filters leave out what they can before it is loaded', async () => {
    const names = (filter: string | null) =>
      [...new Jails(filter, { host }).rows(['full_name'])].map((row) => row.full_name)
    assert.equal(names(null), ['fast/web', 'slow/db'])
    assert.equal(names('slow/*'), ['slow/db'])
    assert.equal(names('fast/db'), [])
    assert.equal(names('fast/web,slow/d+'), ['fast/web', 'slow/db'])
    assert.equal(names(`release=${release} source=slow`), ['slow/db'])
    assert.equal(names('running=yes'), [])
    const seen: string[] = []
    for await (const one of new JailsGenerator('ALL', { host })) seen.push(one.fullName)
    assert.equal(seen, ['fast/web', 'slow/db'])
    assert.is(((await thrown(() => names('nosuch=1'))) as IocError).code, 'UNKNOWN_CONFIG_PROPERTY')
  })

  test('a jail that vanishes while it is listed is left out, and a file that names another jail changes nothing', async () => {
    const file = jail('db').configFile
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, JSON.stringify({ ...JSON.parse(before), id: 'web', name: 'web', uuid: 'web' }))
    assert.equal([...new Jails('db', { host }).rows(['name', 'release'])], [{ name: 'db', release }])
    assert.is(JSON.parse(before).id, 'db')
    writeFileSync(file, before)
    await drain(jail('slow/gone').create(release))
    const rows = new JailsGenerator(null, { host }).rows(['full_name', 'release'])
    const first = await rows.next()
    await drain(jail('slow/gone').destroy())
    const seen = [first.value?.full_name]
    for await (const row of rows) seen.push(row.full_name)
    assert.equal(seen, ['fast/web', 'slow/db'])
  })

  test(
    'a jail below no source has its files, and lives as any other, beside one of its name',
    async () => {
      const [first] = world.pools
      const elsewhere = `${first}/elsewhere`
      const datasetName = `${elsewhere}/web`
      await host.zfs.create(elsewhere)
      await host.zfs.mount(elsewhere)
      await drain(jail('web').cloneToDataset(datasetName))
      const foreign = new JailGenerator({}, { host, datasetName })
      assert.equal([foreign.name, foreign.fullName, foreign.managed, foreign.exists], ['web', 'web', false, true])
      assert.is(foreign.release, release)
      const resource = new JailResource({ datasetName, host })
      assert.equal([resource.jail, resource.path, resource.configFile], [null, foreign.path, foreign.configFile])
      assert.is(new JailResource({ jail: foreign }).rootDatasetName, `${datasetName}/root`)
      assert.instance(await thrown(() => resource.source), ResourceUnmanaged)
      assert.instance(await thrown(() => new JailResource({ host })), TypeError)
      await drain(foreign.set({ exec_poststart: 'echo foreign', depends: 'slow/db' }))
      try {
        await drain(jail('fast/web').start())
        await drain(foreign.start())
        assert.not.equal(foreign.jid, jail('fast/web').jid)
        assert.match(readFileSync(foreign.consoleLogFile, 'utf8'), 'foreign')
        await drain(jail('fast/web').stop())
        assert.equal([foreign.running, jail('slow/db').running], [true, true])
        assert.match(
          (await thrown(() => drain(foreign.exec(['/no/such'])))).message,
          'jail web has no program /no/such',
        )
        await drain(foreign.restart())
        await drain(foreign.stop())
        await drain(foreign.rename('moved'))
        assert.is(foreign.datasetName, `${elsewhere}/moved`)
      } finally {
        for (const one of ['fast/web', 'slow/db']) await drain(jail(one).stop({ force: true })).catch(() => {})
        await drain(foreign.destroy({ force: true }))
      }
      const none = new JailGenerator({}, { host, datasetName: elsewhere })
      const verbs: Operation<unknown>[] = [none.start(), none.destroy()]
      for (const verb of verbs) {
        const error = await thrown(() => drain(verb))
        assert.instance(error, JailDoesNotExist)
        assert.match(error.message, `the dataset ${elsewhere} has no configuration of a jail`)
      }
      const made = new JailGenerator({}, { host, datasetName: `${elsewhere}/made` })
      await drain(made.createFromScratch())
      await drain(made.destroy())
      await host.zfs.unmount(elsewhere, { force: true })
      await host.zfs.destroy(elsewhere)
    },
    { timeout },
  )

  test('a jail beside the jails of a source has a place of its own in the kernel', () => {
    const [first] = world.pools
    const at = (datasetName: string) => new JailGenerator({}, { host, datasetName }).identifier
    assert.is(at(`${first}/iocage/jails/web`), 'fast-web')
    assert.is(new Set([`${first}/iocage/web`, `${first}/iocage/jails/db/web`, 'fast/web'].map(at)).size, 3)
    assert.not.equal(at(`${first}/iocage/web`), 'fast-web')
  })

  test('what a platform refuses names the jail as its user does', async () => {
    const db = jail('slow/db')
    const idle = await thrown<IocError>(() => drain(db.exec(['/bin/true'])))
    await drain(db.start())
    try {
      const error = await thrown<IocError>(() => drain(db.exec(['/no/such'])))
      assert.instance(error, JailCommandNotFound)
      assert.match(error.message, 'jail slow/db has no program /no/such')
      assert.equal(error.details, { jail: 'slow/db', kernelName: 'slow-db', command: '/no/such' })
      assert.match(idle.message, 'jail slow/db is not running')
    } finally {
      await drain(db.stop())
    }
  })

  test(
    'rc.conf names sources in its order, before any active pool, and then no pool is activated',
    async () => {
      const [first, second] = world.pools
      const rcConf = join(scratch, 'rc.conf')
      writeFileSync(
        rcConf,
        `# jails\nioc_dataset_slow="${second}/deep/jails"\nother=1\nioc_dataset_fast=${first}/iocage\n`,
      )
      const configured = HostGenerator.open({ ...world.options, rcConf })
      assert.equal(configured.datasets.names, ['slow', 'fast'])
      assert.is(configured.datasets.origin, 'rc.conf')
      assert.is(new JailGenerator('new', { host: configured }).fullName, 'slow/new')
      for (const each of [configured, host]) {
        assert.instance(await thrown(() => drain(each.activate(first))), ActivationFailed)
        assert.instance(await thrown(() => drain(each.deactivate())), ActivationFailed)
      }
      assert.is(HostGenerator.open({ ...options, rcConf }).datasets.mainDatasetsName, 'fast', 'the opener comes first')
      for (const dataset of [
        '"$POOL/iocage"',
        '-rf',
        '/tank/iocage',
        'tank/iocage/',
        'tank/../x',
        '"tank\x1b[31m"',
        'tank@x',
      ]) {
        writeFileSync(rcConf, `ioc_dataset_fast=${dataset}\n`)
        const error = await thrown(() => HostGenerator.open({ ...world.options, rcConf }).datasets.size)
        assert.is((error as IocError).code, 'INVALID_RC_CONF', dataset)
        assert.match(error.message, 'ioc_dataset_fast')
      }
      writeFileSync(rcConf, `ioc_dataset_a=${first}/x ioc_dataset_b="${first}/x"\n`)
      const twice = await thrown(() => HostGenerator.open({ ...world.options, rcConf }).datasets.size)
      assert.match(twice.message, 'ioc_dataset_a and ioc_dataset_b are the same dataset')
      const given = { a: `${first}/x`, b: `${first}/x` }
      assert.instance(
        await thrown(() => HostGenerator.open({ ...world.options, sources: given }).datasets.size),
        UsageError,
      )
    },
    { timeout },
  )

  test(
    'one pool is active: activating another ends that, and deactivating leaves none',
    async () => {
      const [first, second] = world.pools
      const plain = HostGenerator.open({ ...world.options, rcConf: join(scratch, 'none') })
      const events = await collect(plain.activate(first))
      assert.equal(faultsOf(events), [])
      assert.equal([events.at(-1)?.type, events.at(-1)?.state], ['HostActivate', 'done'])
      assert.equal(plain.datasets.toSources(), { ioc: `${first}/iocage` })
      assert.is(new JailGenerator('web', { host: plain }).identifier, 'ioc-web')
      assert.is(new JailGenerator('web', { host: plain }).fullName, 'web')
      const blocking = Host.open({ ...world.options, rcConf: join(scratch, 'none') })
      const mountpoint = join(scratch, 'mounted')
      assert.is(blocking.activate(second, { mountpoint }).at(-1)?.state, 'done')
      assert.is(blocking.datasets.main.mountpoint, mountpoint)
      assert.is(blocking.datasets.activePool, second)
      assert.equal([blocking.datasets.isPoolActive(first), blocking.datasets.isPoolActive(second)], [false, true])
      assert.instance(await thrown(() => drain(plain.activate('there-is-none'))), ZFSPoolUnavailable)
      assert.instance(await thrown(() => drain(plain.activate(`${first}/iocage`))), ZFSPoolInvalid)
      assert.instance(await thrown(() => drain(plain.activate('-f'))), ZFSPoolInvalid)
      const relative = await thrown(() => drain(plain.activate(first, { mountpoint: 'x' })))
      assert.instance(relative, ActivationFailed)
      assert.ok(blocking.datasets.isPoolActive(second), 'what was refused has changed nothing')
      blocking.deactivate()
      assert.not(blocking.datasets.isPoolActive())
      assert.instance(await thrown(() => blocking.datasets.main), IocageNotActivated)
      assert.instance(await thrown(() => blocking.deactivate()), IocageNotActivated)
    },
    { timeout },
  )

  test.run()
}
