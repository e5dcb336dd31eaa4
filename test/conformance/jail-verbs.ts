import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandPayload, collect, drain, UsageError } from '@gaoler/core'
import {
  DatasetNotAvailable,
  InvalidJailName,
  JailAlreadyExists,
  JailAlreadyRunning,
  JailCommandFailed,
  JailGenerator,
  JailHasDependents,
  JailIsTemplate,
  JailNotRunning,
  JailNotTemplate,
  ReleaseBase,
} from '@gaoler/jail'
import { FilesystemExists } from '@gaoler/zfs'
import { assert, thrown } from '../harness.ts'
import type { JailBench } from './jail-bench.ts'

/** Creating, copying, renaming and restarting jails. */
export function jailVerbs(bench: JailBench): void {
  const { test } = bench
  const timeout = 60_000

  test(
    'a template is not started; jails are made from it with its files and configuration, and it is needed by them',
    bench.with('tpl', { template: 'yes', host_hostname: 'all.example' }, async (template) => {
      writeFileSync(join(template.rootPath, 'etc/from-template'), 'yes')
      assert.instance(await thrown(() => drain(template.start())), JailIsTemplate)
      const jail = bench.jail('from-tpl')
      await bench.golden(jail.create(template), 'create-from-template')
      assert.is(readFileSync(join(jail.rootPath, 'etc/from-template'), 'utf8'), 'yes')
      assert.equal(
        [jail.config.get('host_hostname'), jail.isTemplate, jail.release],
        ['all.example', false, template.release],
      )
      assert.is.not(jail.hostuuid, template.hostuuid)
      await drain(jail.start())
      await drain(jail.stop())
      assert.instance(await thrown(() => drain(template.destroy())), JailHasDependents)
      assert.instance(await thrown(() => drain(bench.jail('x').createFromTemplate(jail))), JailNotTemplate)
      await drain(jail.destroy())
    }),
    { timeout },
  )

  test(
    'a jail from nothing has an empty root that can be filled',
    async () => {
      const jail = bench.jail('scratch')
      await bench.golden(jail.create(), 'create-from-scratch')
      assert.equal([jail.release, jail.releaseSnapshot], [null, null])
      writeFileSync(join(jail.rootPath, 'file'), 'text')
      assert.instance(await thrown(() => drain(jail.createFromScratch())), JailAlreadyExists)
      await drain(jail.destroy())
    },
    { timeout },
  )

  test(
    'a clone has the files and the configuration of its source, which may run, and nothing that identifies it',
    bench.with('source', { host_hostname: 'one', 'user.comment': 'kept', exec_start: 'true' }, async (source) => {
      const fstab = (path: string): string => `# ${path} stays in comments\n`
      writeFileSync(join(source.path, 'fstab'), fstab(source.path))
      await drain(source.start())
      writeFileSync(join(source.rootPath, 'etc/mark'), 'cloned')
      const copy = bench.jail('copy')
      await bench.golden(copy.cloneFromJail(source), 'clone-from-jail')
      assert.is(readFileSync(join(copy.rootPath, 'etc/mark'), 'utf8'), 'cloned')
      assert.equal([copy.config.get('host_hostname'), copy.config.get('user.comment')], ['one', 'kept'])
      assert.is.not(copy.hostuuid, source.hostuuid)
      assert.is(JSON.parse(readFileSync(copy.configFile, 'utf8')).id, 'copy')
      assert.is(readFileSync(join(copy.path, 'fstab'), 'utf8'), fstab(source.path))
      assert.instance(await thrown(() => drain(copy.cloneFromJail(source))), JailAlreadyExists)
      await drain(source.stop())
      await drain(copy.start())
      await drain(copy.destroy({ forceStop: true }))
    }),
    { timeout },
  )

  test(
    'what is at the target of a clone is replaced only when that is asked for, nothing needs it and no jail runs there',
    bench.with('origin', {}, async (jail) => {
      const old = await bench.create('replaced')
      writeFileSync(join(old.path, 'old'), '')
      const target = old.datasetName
      assert.instance(await thrown(() => drain(jail.cloneToDataset(target))), FilesystemExists)
      const replace = () => drain(jail.cloneToDataset(target, { deleteExisting: true }))
      await drain(old.start())
      assert.instance(await thrown(replace), JailAlreadyRunning)
      await drain(old.stop())
      await drain(old.cloneToDataset(`${target}-clone`))
      assert.instance(await thrown(replace), JailHasDependents)
      assert.ok(old.exists)
      await drain(bench.jail('replaced-clone').destroy())
      await bench.golden(jail.cloneToDataset(target, { deleteExisting: true }), 'clone-to-dataset-existing')
      assert.throws(() => readFileSync(join(old.path, 'old')))
      for (const name of [jail.datasetName, jail.rootDatasetName, bench.host.datasets.main.jails]) {
        assert.instance(
          await thrown(() => drain(jail.cloneToDataset(name, { deleteExisting: true }))),
          FilesystemExists,
        )
      }
      await drain(old.destroy())
    }),
    { timeout },
  )

  test(
    'a renamed jail keeps its files, snapshots and configuration under the new name, and leaves the release as it was',
    async () => {
      const before = await bench.world.snapshot()
      const { zfs, datasets } = bench.host
      const ofRelease = () =>
        zfs.listSync({ root: datasets.main.releases, types: ['snapshot'] }).map(({ name }) => name)
      const snapshots = ofRelease()
      const jail = await bench.create('first', { host_hostname: 'stays' })
      await drain(bench.jail('taken').createFromScratch())
      writeFileSync(join(jail.rootPath, 'etc/mark'), 'mine')
      const line = (root: string): string => `/tmp\t${root}/mnt\tnullfs\tro\t0\t0\n`
      writeFileSync(join(jail.path, 'fstab'), line(jail.rootPath))
      for (const name of ['first', 'before']) await drain(jail.snapshots.create(name))

      assert.instance(await thrown(() => drain(jail.rename('../x'))), InvalidJailName)
      for (const name of ['taken', 'first']) {
        assert.instance(await thrown(() => drain(jail.rename(name))), JailAlreadyExists)
        assert.instance(await thrown(() => drain(bench.jail(name).cloneFromJail(jail))), JailAlreadyExists)
      }
      await bench.golden(jail.rename('second'), 'rename')
      assert.equal([jail.name, jail.exists, bench.jail('first').exists], ['second', true, false])
      assert.is(readFileSync(join(jail.rootPath, 'etc/mark'), 'utf8'), 'mine')
      assert.is(readFileSync(join(jail.path, 'fstab'), 'utf8'), line(jail.rootPath))
      assert.equal(
        [...jail.snapshots].map(({ name }) => name),
        ['second', 'before'],
      )
      assert.is(jail.config.get('host_hostname'), 'stays')
      assert.is(JSON.parse(readFileSync(jail.configFile, 'utf8')).id, 'second')
      assert.equal(ofRelease(), snapshots)

      writeFileSync(join(jail.path, 'fstab'), '')
      await drain(jail.start())
      assert.instance(await thrown(() => drain(jail.rename('third'))), JailAlreadyRunning)
      await drain(jail.destroy({ forceStop: true }))
      await drain(bench.jail('taken').destroy())
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'a promoted jail no longer needs what it was cloned from, and jails are still made from the release',
    async () => {
      const before = await bench.world.snapshot()
      const jail = await bench.create('promoted')
      await bench.golden(jail.promote(), 'promote')
      assert.is(jail.releaseSnapshot, null)
      const release = new ReleaseBase(bench.world.release, { host: bench.host })
      assert.is(release.latestSnapshot, `${jail.rootDatasetName}@p0`)
      const other = await bench.create('after')
      assert.is(other.releaseSnapshot, `${jail.rootDatasetName}@p0`)
      const error = await thrown<JailHasDependents>(() => drain(jail.destroy()))
      assert.equal([...error.details.clones].sort(), [other.rootDatasetName, release.rootDatasetName].sort())
      await drain(other.destroy())
      // Back: the release is a clone of the jail now.
      await bench.host.zfs.promote(release.rootDatasetName)
      await drain(jail.destroy())
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'what was cloned within a jail does not keep it from being destroyed, in whatever order its names are',
    async () => {
      const before = await bench.world.snapshot()
      const jail = await bench.create('inside')
      const { zfs } = bench.host
      const [first, last] = ['a', 'z'].map((name) => `${jail.datasetName}/${name}`) as [string, string]
      await zfs.create(`${jail.datasetName}/m`)
      await zfs.snapshot([`${jail.datasetName}/m@s`])
      for (const name of [first, last]) await zfs.clone(name, `${jail.datasetName}/m@s`)
      await drain(jail.destroy())
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'a soft restart keeps the jail and runs its scripts again; a hard one makes it anew',
    bench.with('again', { exec_stop: 'echo stop >> tmp/log', exec_start: 'echo start >> tmp/log' }, async (jail) => {
      assert.instance(await thrown(() => drain(jail.restart())), JailNotRunning)
      await drain(jail.start())
      const { jid } = jail
      await bench.golden(jail.restart(), 'restart')
      assert.is(jail.jid, jid)
      const log = () => readFileSync(join(jail.rootPath, 'tmp/log'), 'utf8').split('\n').join(' ')
      assert.is(log(), 'start stop start ')
      await bench.golden(jail.restart({ shutdown: true }), 'restart-shutdown')
      assert.is(log(), 'start stop start stop start ')
      assert.ok(jail.running)
      jail.config.set('exec_stop', 'exit 1')
      assert.is((await thrown(() => drain(jail.restart()))).name, 'JailHookFailed')
      await drain(jail.restart({ force: true }))
      jail.reload()
    }),
    { timeout },
  )

  test(
    'a jail that could not be started again is not stopped to be restarted',
    bench.with('kept', { exec_start: 'true', exec_stop: 'true' }, async (jail) => {
      await drain(jail.start())
      const { jid } = jail
      await drain(jail.set({ template: 'yes' }))
      assert.instance(await thrown(() => drain(jail.restart({ shutdown: true }))), JailIsTemplate)
      assert.is(jail.jid, jid)
    }),
    { timeout },
  )

  test(
    'a jail whose root has vanished is not cloned: it is stopped, destroyed, and everything else says what is missing',
    async () => {
      const before = await bench.world.snapshot()
      const jail = await bench.create('rootless')
      await bench.host.zfs.unmount(jail.rootDatasetName)
      await bench.host.zfs.destroy(jail.rootDatasetName)
      const target = `${jail.datasetName}-copy`
      for (const refused of [jail.start(), bench.jail('copy').cloneFromJail(jail), jail.cloneToDataset(target)]) {
        const error = await thrown(() => drain<unknown>(refused))
        assert.instance(error, DatasetNotAvailable)
        assert.match(error.message, /rootless\/root is not available: it is the root of jail rootless/)
      }
      await drain(jail.stop({ force: true }))
      await drain(jail.destroy())
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'of what hooks say events have all, and the result and the log of the console the end: it may be more than fits into memory',
    bench.with(
      'loud',
      { exec_prestart: `head -c 3000000 /dev/zero | tr '\\0' x; echo host`, exec_start: 'true', exec_stop: 'true' },
      async (jail) => {
        const events = await collect(jail.start())
        const said = events
          .filter(({ type }) => type === 'JailHookPrestart')
          .map(({ payload }) => payload as CommandPayload)
        const text = said.map(({ chunk }) => chunk?.text ?? '').join('')
        const { stdout, leftOut } = said.at(-1) as CommandPayload
        assert.equal([text.length, stdout?.length, leftOut], [3_000_005, 2 ** 20, 3_000_005 - 2 ** 20])
        assert.ok(stdout?.endsWith('xhost\n'))
        const log = readFileSync(jail.consoleLogFile, 'utf8')
        assert.ok(log.length < 1.1 * 2 ** 20)
        assert.match(log, `(${leftOut} characters before this were not kept)`)
        assert.instance(await thrown(() => drain(jail.exec(['/bin/sh'], { timeout: 0 }))), UsageError)
      },
    ),
    { timeout },
  )

  test(
    'a single command has the jail for itself, with properties for this one time, and leaves nothing behind',
    bench.with('fork', { exec_start: 'echo started > tmp/started', resolver: 'none' }, async (jail) => {
      const before = await bench.world.snapshot()
      const config = { exec_prestart: 'true' }
      const line = 'echo "$GREETING"; echo "$IOC_EXEC_PRESTART"'
      const result = await drain(jail.forkExec(line, { env: { GREETING: 'hi' }, config }))
      assert.equal([result.stdout, result.code], ['hi\ntrue\n', 0])
      assert.is(jail.config.get('exec_prestart'), null)
      const failed = await thrown<JailCommandFailed>(() => drain(jail.forkExec('exit 3')))
      assert.instance(failed, JailCommandFailed)
      assert.equal([failed.details.code, failed.reverted], [3, true])
      await bench.golden(jail.start({ singleCommand: 'true' }), 'start-single-command')
      assert.ok(jail.stopped)
      assert.is(await bench.world.snapshot(), before, 'exec_start did not run')
      await drain(jail.start())
      assert.instance(await thrown(() => drain(jail.forkExec('true'))), JailAlreadyRunning)
    }),
    { timeout },
  )

  test(
    'force passes over hooks that fail while a jail is stopped for its destruction',
    async () => {
      const before = await bench.world.snapshot()
      const jail = await bench.create('broken', { exec_prestop: 'exit 1', exec_stop: 'exit 2' })
      await drain(jail.start())
      await bench.golden(jail.destroy({ force: true }), 'destroy-force')
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test('guards refuse with typed errors, and say so to the logger unless they are told not to', async () => {
    const said: string[] = []
    const log = (_: object, message: string): void => void said.push(message)
    const logger = { error: log, warn: log, info: log, debug: log }
    const ghost = new JailGenerator('ghost', { host: bench.host, logger })
    const error = await thrown(() => ghost.requireJailExisting())
    assert.equal(said, [error.message])
    await thrown(() => ghost.requireJailRunning({ logErrors: false }))
    await thrown(() => ghost.requireStorageBackend({ logErrors: false }))
    assert.is(said.length, 1)
    for (const guard of ['NotExisting', 'Stopped', 'MatchHostid', 'NotTemplate'] as const)
      ghost[`requireJail${guard}`]()
    assert.is(ghost.getHookScriptPath('start'), `${ghost.launchScriptDir}/start.sh`)
    assert.is(ghost.env.IOC_ID, 'ghost')
  })
}
