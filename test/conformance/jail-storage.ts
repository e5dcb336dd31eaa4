import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drain } from '@gaoler/core'
import { InvalidJailConfigValue, JailCommandNotFound, ReleaseBase } from '@gaoler/jail'
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

  test('an unknown type of basejail is refused before anything is made', async () => {
    const error = await thrown(() => bench.create('odd', { basejail: 'yes', basejail_type: 'unionfs' }))
    assert.instance(error, InvalidJailConfigValue)
    assert.not(bench.jail('odd').exists)
  })
}
