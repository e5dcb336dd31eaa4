import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drain, type Operation } from '@gaoler/core'
import { type Finding, HostGenerator, JailGenerator, JailNotRunning, JailPropertyNotHonoured } from '@gaoler/jail'
import { execa } from 'execa'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite, thrown } from '../harness.ts'
import { until } from './embedded-support.ts'
import { linuxWorld } from './linux-world.ts'

const test = suite('jail/shared-datasets')
let world: JailWorld

test.before(async () => {
  world = await linuxWorld()
})
test.after(async () => world?.close())

/** A running jail that sees the host's command zfs and its libraries. */
async function started(name: string, properties: Record<string, unknown>): Promise<JailGenerator> {
  const jail = new JailGenerator(name, { host: world.host })
  const quiet = { resolver: '192.0.2.1', exec_start: 'true', exec_stop: 'true' }
  await drain(jail.create(world.release, { properties: { ...quiet, ...properties } }))
  const shown = { '/usr/sbin/zfs': 'opt/zfs', '/lib/x86_64-linux-gnu': 'opt/lib' }
  const lines = Object.entries(shown).map(([source, target]) => {
    return [realpathSync(source), join(jail.rootPath, target), 'nullfs', 'ro', '0', '0'].join('\t')
  })
  writeFileSync(join(jail.path, 'fstab'), `${lines.join('\n')}\n`)
  await drain(jail.start())
  return jail
}

/** The command zfs in the jail. */
async function zfs(jail: JailGenerator, ...args: string[]): Promise<{ code: number | null; text: string }> {
  const argv = ['/bin/sh', '-c', 'LD_LIBRARY_PATH=/opt/lib exec /opt/zfs "$@"', 'zfs', ...args]
  const { code, stdout, stderr } = await drain(jail.exec(argv))
  return { code, text: `${stdout}${stderr}`.trim() }
}

test(
  'a jail sees, snapshots, makes, sets and destroys in the datasets that it was given, in no other, and only while it runs',
  async () => {
    const before = await world.snapshot()
    const { host } = world
    const { pool } = host.datasets.main
    const [given, foreign, secret] = ['given', 'foreign', 'secret'].map((name) => `${pool}/${name}`) as [
      string,
      string,
      string,
    ]
    for (const name of [given, `${given}/deep`, foreign, secret]) await host.zfs.create(name)
    for (const name of [given, foreign]) await host.zfs.set(name, { zoned: 'on' })
    const jail = await started('manager', { jail_zfs: 'yes', jail_zfs_dataset: given })
    const neighbour = await started('neighbour', { jail_zfs: 'yes', jail_zfs_dataset: foreign })
    const plain = await started('plain', {})

    assert.equal((await zfs(jail, 'list', '-Ho', 'name')).text.split('\n'), [pool, given, `${given}/deep`])
    assert.equal((await zfs(neighbour, 'list', '-Ho', 'name')).text.split('\n'), [pool, foreign])
    assert.is.not((await drain(plain.exec(['/bin/ls', '/dev/zfs']))).code, 0, 'who is given nothing has no device')

    for (const argv of [
      ['snapshot', '-r', `${given}@inside`],
      ['create', '-u', `${given}/made`],
      ['set', 'compression=zstd', `${given}/made`],
      ['destroy', `${given}/made`],
    ]) {
      assert.equal({ argv, ...(await zfs(jail, ...argv)) }, { argv, code: 0, text: '' })
    }
    assert.ok(host.zfs.existsSync(`${given}/deep@inside`))

    const state = async () => (await execa('zfs', ['get', '-Hp', '-s', 'local', '-r', 'all', pool])).stdout
    const untouched = await state()
    for (const argv of [
      ['snapshot', `${secret}@x`],
      ['snapshot', `${foreign}@x`],
      ['snapshot', `${pool}@x`],
      ['set', 'compression=off', pool],
      ['set', 'zoned=off', given],
      ['set', 'quota=1G', given],
      ['destroy', foreign],
      ['create', '-u', `${pool}/new`],
      ['rename', `${given}/deep`, `${pool}/deep`],
      ['mount', `${given}/deep`],
    ]) {
      assert.is.not((await zfs(jail, ...argv)).code, 0, argv.join(' '))
    }
    assert.is(await state(), untouched)
    const mount = await drain(jail.exec(['/bin/mount', '-t', 'tmpfs', 'none', '/mnt']))
    assert.is.not(mount.code, 0, 'the right to manage datasets is none to mount')

    const namespace = openSync(`/proc/${jail.jid}/ns/user`, 'r')
    try {
      const file = `/proc/${process.pid}/fd/${namespace}`
      await drain(jail.stop())
      assert.is.not(
        (await execa('zfs', ['unzone', file, given], { reject: false })).exitCode,
        0,
        'nothing is left to take',
      )
    } finally {
      closeSync(namespace)
    }
    for (const each of [jail, neighbour, plain]) await drain(each.destroy({ forceStop: true }))
    await execa('zfs', ['destroy', '-r', given])
    for (const name of [foreign, secret]) await host.zfs.destroy(name)
    assert.is(await world.snapshot(), before)
  },
  { timeout: 90_000 },
)

test(
  'what was given to a jail that is killed from outside, and its clean-up, are made good by stop, start, destroy and the doctor',
  async () => {
    const before = await world.snapshot()
    const host = HostGenerator.open(world.host.options)
    const given = `${host.datasets.main.pool}/given`
    await host.zfs.create(given)
    await host.zfs.set(given, { zoned: 'on' })
    const log = join(host.datasets.main.mountpoint, 'cleaned')
    const jail = await started('mortal', {
      jail_zfs: 'yes',
      jail_zfs_dataset: given,
      exec_prestop: 'exit 1',
      exec_poststop: `echo x >> ${log}`,
    })
    const cleaned = (): number => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0)

    /** Kills the jail, lets `mend` run, and asserts that its datasets were taken back. */
    const killed = async (mend: () => Promise<unknown>): Promise<void> => {
      const times = cleaned()
      const namespace = openSync(`/proc/${jail.jid}/ns/user`, 'r')
      try {
        process.kill(jail.jid as number, 'SIGKILL')
        await until(() => jail.stopped)
        assert.equal([jail.ended, host.platform.listJails()], [true, []])
        await mend()
        const file = `/proc/${process.pid}/fd/${namespace}`
        const { exitCode } = await execa('zfs', ['unzone', file, given], { reject: false })
        assert.is.not(exitCode, 0, 'nothing is left to take')
        assert.is(cleaned(), times + 1)
      } finally {
        closeSync(namespace)
      }
    }

    await killed(() => drain(jail.stop()))
    assert.equal([jail.ended, host.doctor()], [false, []])
    assert.instance(await thrown(() => drain(jail.stop())), JailNotRunning)
    await drain(jail.start())
    await killed(() => drain(jail.start()))
    assert.ok(jail.running)
    assert.equal((await zfs(jail, 'list', '-Ho', 'name')).text.split('\n').at(-1), given)
    await killed(async () => {
      const [finding, ...others] = host.doctor()
      assert.equal([finding?.kind, finding?.subject, others], ['jail-leftover', 'mortal', []])
      await drain((finding as Finding).remedy?.() as Operation<unknown>)
      assert.equal(host.doctor(), [])
    })
    await drain(jail.start())
    await killed(() => drain(jail.rename('renamed')))
    await drain(jail.start())
    await killed(() => drain(jail.destroy()))
    rmSync(log)
    await host.zfs.destroy(given)
    assert.is(await world.snapshot(), before)
  },
  { timeout: 90_000 },
)

test('mounting of ZFS inside is refused before anything is made', async () => {
  const jail = new JailGenerator('mounter', { host: world.host })
  const create = () => drain(jail.create(world.release, { properties: { allow_mount_zfs: 'yes' } }))
  assert.instance(await thrown(create), JailPropertyNotHonoured)
  assert.not(jail.exists)
})

test.run()
