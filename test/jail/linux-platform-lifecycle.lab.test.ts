import { existsSync, mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OperationCancelled } from '@gaoler/core'
import { execa } from 'execa'
import {
  InsecureJailPath,
  JailAlreadyRunning,
  JailLaunchFailed,
  MissingProgram,
  MountFailed,
} from '../../packages/jail/src/errors.ts'
import { waitForLock } from '../../packages/jail/src/host/lock.ts'
import { linuxPlatform } from '../../packages/jail/src/platform/linux/index.ts'
import type { Mount } from '../../packages/jail/src/platform/platform.ts'
import { assert, suite, thrown } from '../harness.ts'
import {
  cgroup,
  child,
  create,
  inJail,
  LabPool,
  launch,
  platform,
  processesWith,
  recorder,
  remove,
  runDirectory,
  scratch,
  shell,
  traces,
  usualMounts,
} from './linux-lab.ts'

const test = suite('jail/linux-platform lifecycle')
const timeout = 60_000
let pool: LabPool
let root: string

test.before(async () => {
  pool = await LabPool.make('lifecycle')
  root = await pool.clone('web')
  // The folders of the platform are made at the first jail and stay.
  await create(launch('first', root))
  await remove('first')
})
test.after(() => pool[Symbol.asyncDispose]())

test("the host's uuid is its machine id", () => {
  const id = readFileSync('/etc/machine-id', 'utf8').trim()
  assert.is(platform.hostUuid().replaceAll('-', ''), id)
  assert.match(platform.hostUuid(), /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)
})

test('a jail has the NIS domain that it is given', async () => {
  await create({ ...launch('domain', root), parameters: { 'host.domainname': 'nis.example' } })
  assert.is(await shell('domain', 'cat /proc/sys/kernel/domainname'), 'nis.example')
  await remove('domain')
})

test(
  'a jail outlives the process that made it, and another finds, uses and removes it',
  async () => {
    const before = traces(root)
    const [node, ...args] = child('createJail', launch('ioc-a*b ü', root))
    const { stdout } = await execa(node, args)
    const { jid } = JSON.parse(stdout) as { jid: number }
    assert.equal(platform.findJail('ioc-a*b ü'), { name: 'ioc-a*b ü', jid })
    assert.is(await shell('ioc-a*b ü', 'cat /proc/sys/kernel/hostname'), 'ioc-a*b ü.example')
    const again = await thrown(() => create(launch('ioc-a*b ü', root)))
    assert.instance(again, JailAlreadyRunning)
    await remove('ioc-a*b ü')
    assert.is(platform.findJail('ioc-a*b ü'), null)
    assert.is(existsSync(`/proc/${jid}/root/bin`), false)
    assert.equal(traces(root), before)
  },
  { timeout },
)

test(
  'removing is done at once, leaves nothing, may be repeated, and frees the dataset',
  async () => {
    const path = await pool.clone('gone')
    const before = traces(path)
    await create(launch('gone', path))
    await inJail('gone', { argv: ['sh', '-c', 'for i in 1 2 3 4 5; do setsid sleep 2468 & done'] })
    // They end at rest: the guest's kernel does not survive a process that is killed while it forks.
    while (processesWith('setsid').length > 0) await sleep(20)
    assert.is(processesWith('sleep 2468').length, 5)
    await remove('gone')
    assert.equal(processesWith('sleep 2468'), [])
    await remove('gone')
    await remove('never was')
    assert.equal(traces(path), before)
    await execa('zfs', ['destroy', 'lifecycle/gone'])
  },
  { timeout },
)

test(
  'what cannot be created leaves nothing behind',
  async () => {
    const at = (place: string) => join(root, place)
    writeFileSync(at('etc/file'), '')
    const nullfs = (more: Partial<Mount>): Mount => ({
      type: 'nullfs',
      source: scratch,
      target: at('new/deep/place'),
      ...more,
    })
    const failures: [what: string, error: unknown, mounts: Mount[], path?: string][] = [
      ['no root', JailLaunchFailed, [], join(scratch, 'nowhere')],
      ['a root that is a file', JailLaunchFailed, [], at('etc/file')],
      ['a file system without id mapping', JailLaunchFailed, [], '/proc'],
      ['no source', MountFailed, [nullfs({ source: '/no/such/source' })]],
      ['a source that is forgotten', MountFailed, [{ type: 'nullfs', target: at('mnt') }]],
      ['a target outside', InsecureJailPath, [nullfs({ target: '/etc' })]],
      ['a target that climbs', InsecureJailPath, [nullfs({ target: at('tmp/../../../etc') })]],
      ['a directory over a file', InsecureJailPath, [nullfs({ target: at('etc/file') })]],
      ['devfs elsewhere', MountFailed, [{ type: 'devfs', target: at('tmp/dev') }]],
      // Only the runtime notices this one, when everything else is there.
      ['a target in proc', JailLaunchFailed, [nullfs({}), nullfs({ target: at('proc/nosuch') })]],
    ]
    const before = traces(root)
    for (const [what, error, mounts, path = root] of failures) {
      const found = await thrown(() => create(launch('fails', path, { mounts: [...usualMounts(path), ...mounts] })))
      assert.instance(found, error as never, `${what}: ${found.stack}`)
      assert.equal(found instanceof JailLaunchFailed ? found.suppressed : [], [], what)
      assert.equal(traces(root), before, what)
    }
    const bare = linuxPlatform({ runDirectory, cgroup, programs: { crun: '/bin/false' } })
    const quiet = await thrown(() => bare.effects.createJail.run(launch('fails', root), recorder()))
    assert.match(quiet.message, /crun ended with 1/)
    assert.equal(traces(root), before)
  },
  { timeout },
)

test('a program that is missing is named, with the package that has it', async () => {
  const path = process.env.PATH
  try {
    process.env.PATH = '/nowhere'
    const bare = linuxPlatform({ runDirectory, cgroup, programs: { unshare: '/bin/true' } })
    const error = await thrown(() => bare.effects.createJail.run(launch('fails', root), recorder()))
    assert.instance(error, MissingProgram)
    assert.match(error.message, /crun .*install/)
  } finally {
    process.env.PATH = path
  }
})

test(
  'of two who create one jail at once, one wins, and the other is told so',
  async () => {
    const before = traces(root)
    const results = await Promise.allSettled([1, 2, 3].map(() => create(launch('race', root))))
    const lost = results.filter((result) => result.status === 'rejected')
    assert.is(lost.length, 2)
    for (const { reason } of lost) assert.instance(reason, JailAlreadyRunning)
    assert.is(await shell('race', 'echo alive'), 'alive')
    await remove('race')
    assert.equal(traces(root), before)
  },
  { timeout },
)

test(
  'jails that are created at once get different ids, and freed ones are given again',
  async () => {
    const paths = await Promise.all(['ids0', 'ids1', 'ids2'].map((name) => pool.clone(name)))
    const first = async (name: string) => Number((await shell(name, 'cat /proc/self/uid_map')).trim().split(/\s+/)[1])
    await Promise.all(paths.map((path, index) => create(launch(`ids${index}`, path))))
    const ids = await Promise.all([0, 1, 2].map((index) => first(`ids${index}`)))
    assert.is(new Set(ids).size, 3)
    assert.ok(ids.every((id) => id >= 100_000))
    await remove('ids0')
    await create(launch('ids0', paths[0] as string))
    assert.is(await first('ids0'), ids[0])
    await Promise.all([0, 1, 2].map((index) => remove(`ids${index}`)))
  },
  { timeout },
)

test(
  'ids that a dead process had claimed for a jail are free again when what it left is taken away',
  async () => {
    const before = traces(root)
    mkdirSync(join(runDirectory, 'linux/bundles/dead'))
    symlinkSync('dead', join(runDirectory, 'linux/ids/100000'))
    await create(launch('beside', root))
    const uids = async (name: string) => (await shell(name, 'cat /proc/self/uid_map')).trim().split(/\s+/)[1]
    assert.is(await uids('beside'), '165536')
    await remove('dead')
    await remove('beside')
    await create(launch('beside', root))
    assert.is(await uids('beside'), '100000')
    await remove('beside')
    assert.equal(traces(root), before)
  },
  { timeout },
)

test(
  'a process makes the namespace of some ids once, also for the next jail that has them',
  async () => {
    const before = traces(root)
    await create(launch('one', root))
    const unable = linuxPlatform({ runDirectory, cgroup, programs: { unshare: '/bin/false' } })
    // So many others are in use that it comes to ids which no jail of these tests has had.
    const others = Array.from({ length: 20 }, (_, index) => join(runDirectory, `linux/ids/${165536 + index * 65536}`))
    for (const other of others) symlinkSync('nobody', other)
    const error = await thrown(() => unable.effects.createJail.run(launch('two', root), recorder()))
    assert.instance(error, JailLaunchFailed)
    assert.match(error.message, /no user namespace could be made/)
    for (const other of others) unlinkSync(other)
    await remove('one')
    await unable.effects.createJail.run(launch('two', root), recorder())
    assert.match(await shell('two', 'cat /proc/self/uid_map'), /0 +100000 +65536/)
    assert.is(await shell('two', 'stat -c %u /bin/busybox'), '0')
    await remove('two')
    assert.equal(traces(root), before)
  },
  { timeout },
)

test(
  'a cancelled creation leaves nothing, whether its jail has started or not',
  async () => {
    const before = traces(root)
    const marker = join(scratch, 'cancel-here')
    const programs = { crun: join(scratch, 'stopping-crun') }
    const stopping = linuxPlatform({ runDirectory, cgroup, programs })
    const wait = `touch ${marker}; exec sleep 3600`
    // It stops at rest: the guest's kernel does not survive a process that is killed while it forks.
    for (const script of [wait, `/usr/bin/crun "$@"; ${wait}`]) {
      const text = `#!/bin/sh\ncase " $* " in *" run "*) ${script} ;; esac\nexec /usr/bin/crun "$@"\n`
      writeFileSync(programs.crun, text, { mode: 0o755 })
      const end = new AbortController()
      const creating = stopping.effects.createJail.run(launch('cancelled', root), recorder(end.signal))
      while (!existsSync(marker)) await sleep(20)
      end.abort(new Error('enough'))
      const error = await thrown(() => creating)
      assert.instance(error, OperationCancelled)
      assert.equal((error as OperationCancelled).suppressed, [])
      assert.equal(traces(root), before)
      for (const left of ['catatonit', 'crun', 'unshare', 'sleep 3600']) assert.equal(processesWith(left), [], left)
      await execa('rm', [marker])
    }
    const never = AbortSignal.abort(new Error('enough'))
    assert.instance(await thrown(() => create(launch('cancelled', root), never)), OperationCancelled)
    assert.equal(traces(root), before)
  },
  { timeout },
)

test(
  'who waits for another creation of the jail can leave',
  async () => {
    const holder = await waitForLock(join(runDirectory, 'linux/locks/waits'), { purpose: 'test' })
    const end = new AbortController()
    setTimeout(() => end.abort(new Error('enough')), 50)
    assert.instance(await thrown(() => create(launch('waits', root), end.signal)), OperationCancelled)
    holder[Symbol.dispose]()
  },
  { timeout },
)

test(
  'what a killed creator has left is cleared away, by a removal or the next creation',
  async () => {
    const before = traces(root)
    const slow = join(scratch, 'slow-crun')
    const marker = join(scratch, 'marker')
    writeFileSync(slow, `#!/bin/sh\necho $$ >${marker}.new; mv ${marker}.new ${marker}; exec sleep 3600\n`, {
      mode: 0o755,
    })
    const [node, ...args] = child('createJail', launch('killed', root), { programs: { crun: slow } })
    for (const clear of [() => remove('killed'), () => create(launch('killed', root)).then(() => remove('killed'))]) {
      const creator = execa(node, args, { reject: false })
      while (!existsSync(marker)) {
        if (creator.nodeChildProcess.exitCode !== null) throw new Error((await creator).stderr)
        await sleep(20)
      }
      creator.kill('SIGKILL')
      await creator
      process.kill(Number(readFileSync(marker, 'utf8')))
      await execa('rm', [marker])
      assert.is.not(traces(root).join('\n'), before.join('\n'))
      assert.is(platform.findJail('killed'), null)
      await clear()
      assert.equal(traces(root), before)
    }
  },
  { timeout },
)

test(
  'a cgroup of that name that belongs to something else is left alone',
  async () => {
    const foreign = join('/sys/fs/cgroup', cgroup, 'foreign')
    mkdirSync(foreign, { recursive: true })
    const child = execa('sleep', ['1000'], { reject: false })
    writeFileSync(join(foreign, 'cgroup.procs'), String(child.pid))
    assert.match((await thrown(() => create(launch('foreign', root)))).message, /in use by something else/)
    await remove('foreign')
    assert.is(child.nodeChildProcess.exitCode, null)
    child.kill()
    await child
    await create(launch('foreign', root))
    await remove('foreign')
  },
  { timeout },
)

test.run()
