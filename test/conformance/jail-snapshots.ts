import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import {
  InvalidSnapshotIdentifier,
  JailAlreadyRunning,
  SnapshotCreation,
  SnapshotDeletion,
  SnapshotRollback,
} from '@gaoler/jail'
import { SnapshotNotFound } from '@gaoler/zfs'
import { assert, thrown } from '../harness.ts'
import type { JailBench } from './jail-bench.ts'

/** `jail.snapshots`. */
export function jailSnapshots(bench: JailBench): void {
  const { test } = bench
  const timeout = 60_000

  test(
    'snapshots are made, listed and deleted while the jail runs; going back needs it stopped',
    bench.with('snapped', { exec_start: 'true', exec_stop: 'true' }, async (jail) => {
      const names = () => [...jail.snapshots].map(({ name }) => name)
      const file = join(jail.rootPath, 'etc/state')
      writeFileSync(file, 'old')
      await bench.golden(jail.snapshots.create('one'), 'snapshot-create')
      await drain(jail.start())
      await drain(jail.snapshots.create('two'))
      const [one, two] = jail.snapshots.list()
      assert.equal([one?.name, two?.name], ['one', 'two'])
      assert.equal([...(one?.datasets ?? [])].sort(), [jail.datasetName, jail.rootDatasetName])
      assert.instance(one?.createdAt, Date)
      await bench.golden(jail.snapshots.delete('two'), 'snapshot-delete')
      assert.equal(names(), ['one'])

      writeFileSync(file, 'new')
      writeFileSync(join(jail.path, 'added'), '')
      assert.instance(await thrown(() => drain(jail.snapshots.rollback('one'))), JailAlreadyRunning)
      assert.is(readFileSync(file, 'utf8'), 'new')
      await bench.golden(jail.snapshots.rollback('one', { force: true }), 'snapshot-rollback-force')
      assert.ok(jail.stopped)
      assert.equal([readFileSync(file, 'utf8'), existsSync(join(jail.path, 'added'))], ['old', false])
      rmSync(file)
      await bench.golden(jail.snapshots.rollback('one'), 'snapshot-rollback')
      assert.is(readFileSync(file, 'utf8'), 'old')
      await drain(jail.start())
      await drain(jail.stop())
    }),
    { timeout },
  )

  test(
    'what stands in the way of a snapshot, its deletion or going back is named, and nothing is touched',
    bench.with('blocked', {}, async (jail) => {
      const { zfs } = bench.host
      for (const name of ['one', 'two']) await drain(jail.snapshots.create(name))
      const before = await bench.world.snapshot()
      assert.instance(await thrown(() => drain(jail.snapshots.create('one'))), SnapshotCreation)
      for (const name of ['', '..', 'a/b', 'a@b', '-\0', 'x'.repeat(300)]) {
        for (const verb of ['create', 'delete', 'rollback'] as const) {
          assert.instance(await thrown(() => drain(jail.snapshots[verb](name))), InvalidSnapshotIdentifier, name)
        }
      }
      for (const verb of ['delete', 'rollback'] as const) {
        assert.instance(await thrown(() => drain(jail.snapshots[verb]('three'))), SnapshotNotFound)
      }
      const later = await thrown(() => drain(jail.snapshots.rollback('one', { force: true })))
      assert.instance(later, SnapshotRollback)
      assert.match(later.message, `${jail.rootDatasetName}@two is later`)
      assert.is(await bench.world.snapshot(), before)

      const clone = `${bench.host.datasets.main.jails}/of-snapshot`
      await zfs.clone(clone, `${jail.rootDatasetName}@two`)
      const needed = await thrown(() => drain(jail.snapshots.delete('two')))
      assert.instance(needed, SnapshotDeletion)
      assert.match(needed.message, clone)
      assert.match((await thrown(() => drain(jail.snapshots.rollback('one')))).message, `needed by ${clone}`)
      await zfs.destroy(clone)

      await zfs.create(`${jail.rootDatasetName}/since`)
      assert.match((await thrown(() => drain(jail.snapshots.rollback('two')))).message, 'since was made later')
      await zfs.destroy(`${jail.rootDatasetName}/since`)
    }),
    { timeout },
  )
}
