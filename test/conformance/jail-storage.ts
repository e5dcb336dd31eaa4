import { lstatSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collect, drain } from '@gaoler/core'
import {
  DatasetNotAvailable,
  DatasetNotJailed,
  InvalidJailConfigValue,
  JailCommandNotFound,
  JailConfigZFSIsNotAllowed,
  ReleaseBase,
  ReleaseGenerator,
} from '@gaoler/jail'
import { FilesystemExists } from '@gaoler/zfs'
import { assert, thrown } from '../harness.ts'
import type { JailBench } from './jail-bench.ts'

const PROGRAM = '/usr/bin/level'
/** The same events on every machine. */
const quiet = { resolver: '192.0.2.1', exec_start: 'true', exec_stop: 'true' }

/** How jails come to their files. */
export function jailStorage(bench: JailBench): void {
  const { test } = bench
  const timeout = 60_000

  test(
    'a nullfs basejail runs the newest patch level of its release from its next start on',
    bench.with('based', { ...quiet, basejail: 'yes' }, async (jail) => {
      const release = new ReleaseBase(bench.world.release, { host: bench.host })
      const snapshot = `${release.rootDatasetName}@p1`
      assert.equal([jail.isBasejail, jail.storageBackend.name], [true, 'nullfs-basejail'])
      await bench.golden(jail.start(), 'start-nullfs-basejail')
      const level = async () => (await drain(jail.exec([PROGRAM]))).stdout
      try {
        writeFileSync(join(release.rootPath, PROGRAM), '#!/bin/sh\necho p1\n', { mode: 0o755 })
        await bench.host.zfs.snapshot([snapshot])
        assert.instance(await thrown(level), JailCommandNotFound, 'it runs what it was started with')
        await drain(jail.restart({ shutdown: true }))
        assert.is(await level(), 'p1\n')
        assert.is((await drain(jail.exec(['/bin/sh', '-c', 'echo mine > etc/mine && cat etc/mine']))).stdout, 'mine\n')
        if (bench.host.platform.name !== 'embedded') {
          assert.is.not((await drain(jail.exec(['/bin/sh', '-c', `echo broken > ${PROGRAM}`]))).code, 0)
        }
        await bench.golden(jail.stop(), 'stop-nullfs-basejail')
      } finally {
        if (jail.running) await drain(jail.stop())
        rmSync(join(release.rootPath, PROGRAM), { force: true })
        await bench.host.zfs.destroySnaps([snapshot])
      }
    }),
    { timeout },
  )

  test(
    'a link that a basejail has put in place of a system directory is not followed and does not stay',
    bench.with('linked', { ...quiet, basejail: 'yes' }, async (jail) => {
      const place = join(jail.rootPath, 'usr/bin')
      rmSync(place, { recursive: true })
      symlinkSync('/', place)
      await drain(jail.start())
      const listed = await drain(jail.exec(['/bin/sh', '-c', 'ls usr/bin/hello usr/bin/env 2>/dev/null || true']))
      assert.match(String(listed.stdout), 'usr/bin/')
      await drain(jail.stop())
    }),
    { timeout },
  )

  test(
    'a zfs basejail has clones of the base datasets, newer ones from its next start on, and replaces nothing else',
    async () => {
      const before = await bench.world.snapshot()
      const { zfs, datasets } = bench.host
      const { base } = datasets.main
      const root = `${base}/${bench.world.release}/root`
      const made = [base, `${base}/${bench.world.release}`, root, `${root}/usr`, `${root}/usr/include`]
      const jail = await bench.create('cloned', { ...quiet, basejail: 'yes', basejail_type: 'zfs' })
      const refused = await thrown(() => drain(jail.start()))
      assert.instance(refused, DatasetNotAvailable)
      assert.match(refused.message, root)
      for (const name of made) {
        await zfs.create(name)
        await zfs.mount(name)
      }
      const level = async (text: string): Promise<void> => {
        writeFileSync(join(datasets.path(`${root}/usr/include`), 'level'), text)
        await zfs.snapshot([`${root}/usr/include@${text}`])
      }
      const inside = async () =>
        (await drain(jail.exec(['/bin/sh', '-c', 'cat usr/include/level; ls -d usr/bin']))).stdout
      await level('p0')
      await bench.golden(jail.start(), 'start-zfs-basejail')
      assert.is(await inside(), 'p0usr/bin\n')
      await drain(jail.restart({ shutdown: true }))
      await level('p1')
      assert.is(await inside(), 'p0usr/bin\n')
      await bench.golden(jail.stop(), 'stop-zfs-basejail')
      await drain(jail.start())
      assert.is(await inside(), 'p1usr/bin\n')
      const copy = bench.jail('cloned-copy')
      await drain(copy.cloneFromJail(jail))
      assert.ok(lstatSync(join(copy.rootPath, 'usr/bin')).isDirectory(), 'what only holds others hides nothing')
      await drain(copy.destroy())
      await drain(jail.stop())

      const own = `${jail.rootDatasetName}/boot`
      for (const name of [own, `${root}/boot`]) await zfs.create(name)
      await zfs.snapshot([`${root}/boot@p0`])
      assert.instance(await thrown(() => drain(jail.start())), FilesystemExists)
      assert.ok(zfs.existsSync(own))
      await drain(jail.destroy())
      await zfs.destroySnaps([`${root}/boot@p0`, `${root}/usr/include@p0`, `${root}/usr/include@p1`])
      for (const name of [`${root}/boot`, ...made.toReversed()]) {
        await zfs.unmount(name)
        await zfs.destroy(name)
        rmSync(datasets.path(name), { recursive: true, force: true })
      }
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'the base of a release is made once for each patch level, whole or not at all, and zfs basejails run it from their next start on',
    async () => {
      const before = await bench.world.snapshot()
      const { zfs, datasets } = bench.host
      const release = new ReleaseGenerator(bench.world.release, { host: bench.host })
      const { base } = datasets.main
      const tidy = async (): Promise<void> => {
        const found = await zfs.list({ root: base, types: ['filesystem', 'snapshot'] })
        await zfs.destroySnaps(found.flatMap(({ name, type }) => (type === 'snapshot' ? [name] : [])))
        const filesystems = found.flatMap(({ name, type }) => (type === 'snapshot' ? [] : [name]))
        for (const name of filesystems.sort().reverse()) {
          await zfs.unmount(name)
          await zfs.destroy(name)
        }
        rmSync(datasets.path(base), { recursive: true, force: true })
      }
      /** Leaves the operation in the midst of its work. */
      const leave = async (): Promise<void> => {
        for await (const event of release.updateBase()) if (event.progress?.current === 1) break
      }
      const snapshot = `${release.rootDatasetName}@p1`
      await zfs.create(base)
      await zfs.mount(base)
      const empty = await bench.world.snapshot()
      await leave()
      assert.is(await bench.world.snapshot(), empty, 'a base that is half made is taken away')
      await bench.golden(release.updateBase(), 'update-base')
      assert.is((await collect(release.updateBase())).at(-1)?.state, 'skipped')
      const jail = await bench.create('legacy', { ...quiet, basejail: 'yes', basejail_type: 'zfs' })
      try {
        await drain(jail.start())
        const level = async () => (await drain(jail.exec([PROGRAM]))).stdout
        writeFileSync(join(release.rootPath, PROGRAM), '#!/bin/sh\necho p1\n', { mode: 0o755 })
        await zfs.snapshot([snapshot])
        const made = await bench.world.snapshot()
        await leave()
        assert.is(await bench.world.snapshot(), made, 'a base that is half renewed is set back')
        assert.not(lstatSync(join(datasets.path(release.baseDatasetName), PROGRAM), { throwIfNoEntry: false }))
        await drain(release.updateBase())
        assert.instance(await thrown(level), JailCommandNotFound, 'it runs what it was started with')
        await drain(jail.restart({ shutdown: true }))
        assert.is(await level(), 'p1\n')
      } finally {
        await drain(jail.destroy({ forceStop: true }))
        rmSync(join(release.rootPath, PROGRAM), { force: true })
        await zfs.destroySnaps([snapshot])
        await tidy()
      }
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'datasets for a jail must be there and be marked, and are given after the network and taken before the jail',
    async () => {
      const before = await bench.world.snapshot()
      const { zfs, datasets } = bench.host
      const dataset = `${datasets.main.pool}/shared`
      const wanted = { ...quiet, jail_zfs: 'yes', jail_zfs_dataset: dataset }
      const jail = await bench.create('sharing', wanted)
      assert.instance(await thrown(() => drain(jail.start())), DatasetNotAvailable)
      await zfs.create(dataset)
      const unmarked = await thrown(() => drain(jail.start()))
      assert.instance(unmarked, DatasetNotJailed)
      assert.match(unmarked.message, `zfs set zoned=on ${dataset}`)
      assert.ok(jail.stopped)
      await zfs.set(dataset, { zoned: 'on' })
      await bench.golden(jail.start(), 'start-shared-dataset')
      await bench.golden(jail.stop(), 'stop-shared-dataset')
      jail.config.set('jail_zfs', 'no')
      assert.instance(await thrown(() => drain(jail.start())), JailConfigZFSIsNotAllowed)
      await drain(jail.destroy())
      await zfs.destroy(dataset)
      assert.is(await bench.world.snapshot(), before)
    },
    { timeout },
  )

  test('an unknown type of basejail is refused before anything is made', async () => {
    const error = await thrown(() => bench.create('odd', { basejail: 'yes', basejail_type: 'unionfs' }))
    assert.instance(error, InvalidJailConfigValue)
    assert.not(bench.jail('odd').exists)
  })
}
