import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { InsecureJailPath, JailCommandNotFound, JailParameterRefused } from '../../packages/jail/src/errors.ts'
import { parseMountInfo } from '../../packages/jail/src/platform/linux/proc.ts'
import { assert, suite, thrown } from '../harness.ts'
import {
  create,
  effects,
  inJail,
  LabPool,
  launch,
  platform,
  recorder,
  remove,
  scratch,
  shell,
  traces,
  usualMounts,
} from './linux-lab.ts'

const test = suite('jail/linux-platform isolation')
const timeout = 60_000
let pool: LabPool
let root: string
let shared: string

test.before(async () => {
  pool = await LabPool.make('isolation')
  root = await pool.clone('one')
  shared = join(scratch, 'shared')
  mkdirSync(join(shared, 'deep'), { recursive: true, mode: 0o700 })
  writeFileSync(join(shared, 'deep/file'), 'of the host\n', { mode: 0o600 })
  // As systemd makes every mount of a host: what is mounted below appears in all copies.
  await execa('mount', ['--bind', shared, shared])
  await execa('mount', ['--make-shared', shared])
  const mounts = [
    ...usualMounts(root),
    { type: 'nullfs', source: shared, target: join(root, 'shared'), readOnly: true } as const,
    { type: 'nullfs', source: shared, target: join(root, 'writable') } as const,
    { type: 'tmpfs', target: join(root, 'tmp') } as const,
  ]
  await create(launch('one', root, { mounts }))
  await create(launch('two', await pool.clone('two'), { mounts: [], parameters: { 'allow.raw_sockets': 1 } }))
})
test.after(async () => {
  await remove('one')
  await remove('two')
  await execa('umount', [shared])
  await pool[Symbol.asyncDispose]()
})

test(
  "every namespace is the jail's own",
  async () => {
    const names = ['user', 'mnt', 'pid', 'uts', 'ipc', 'net', 'cgroup']
    const inside = await shell('one', names.map((name) => `readlink /proc/self/ns/${name}`).join(';'))
    const host = names.map((name) => readlinkSync(`/proc/self/ns/${name}`))
    const other = await shell('two', names.map((name) => `readlink /proc/self/ns/${name}`).join(';'))
    inside.split('\n').forEach((namespace, index) => {
      assert.is.not(namespace, host[index])
      assert.is.not(namespace, other.split('\n')[index])
    })
  },
  { timeout },
)

test(
  'each jail has 65536 ids of the host to itself, from 100000 up',
  async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) => shell(name, 'cat /proc/self/uid_map /proc/self/gid_map')),
    )
    const ranges = [one, two].map((text) =>
      (text ?? '').split('\n').map((line) => line.trim().split(/\s+/).map(Number)),
    )
    for (const [uids, gids] of ranges) {
      assert.equal(uids, gids)
      assert.is(uids?.[0], 0)
      assert.ok((uids?.[1] ?? 0) >= 100_000)
      assert.is(uids?.[2], 65536)
    }
    assert.is.not(ranges[0]?.[0]?.[1], ranges[1]?.[0]?.[1])
  },
  { timeout },
)

test(
  'process 1 is the reaper, and the processes of the host are not to be seen',
  async () => {
    const pids = (await shell('one', 'cd /proc; for p in [0-9]*; do echo $p $(cat $p/comm 2>/dev/null); done')).split(
      '\n',
    )
    assert.is(pids[0], '1 catatonit')
    assert.ok(pids.length <= 4, pids.join())
    assert.is(readFileSync(`/proc/${platform.findJail('one')?.jid}/comm`, 'utf8'), 'catatonit\n')
  },
  { timeout },
)

test(
  'the jail sees its own mounts only, and the dataset as its root',
  async () => {
    const mounts = parseMountInfo(await shell('one', 'cat /proc/self/mountinfo'))
    assert.is(mounts.find(({ mountpoint }) => mountpoint === '/')?.source, 'isolation/one')
    const places = mounts.map(({ mountpoint }) => mountpoint).filter((path) => !/^\/(dev|proc)/.test(path))
    assert.equal(places.sort(), ['/', '/shared', '/tmp', '/writable'])
    assert.is(await shell('one', 'ls /'), ['bin', 'dev', 'etc', 'proc', 'root', 'shared', 'tmp', 'writable'].join('\n'))
  },
  { timeout },
)

test(
  'what the host mounts below a shared directory later does not come into the jail',
  async () => {
    const later = join(shared, 'deep')
    await execa('mount', ['-t', 'tmpfs', 'later', later])
    try {
      assert.is(await shell('one', 'ls /shared/deep'), 'file')
      assert.not.match(await shell('one', 'cat /proc/self/mountinfo'), /shared:|master:/)
    } finally {
      await execa('umount', [later])
    }
  },
  { timeout },
)

test('while it runs, nothing of it is mounted on the host beside its dataset', () => {
  const mounted = parseMountInfo(readFileSync('/proc/self/mountinfo', 'utf8')).filter(
    ({ source }) => source === 'isolation/one',
  )
  assert.equal(
    mounted.map(({ mountpoint }) => mountpoint),
    [root],
  )
})

test(
  'files made inside belong to id 0 on the disk, and keep the ids that they are given',
  async () => {
    await shell('one', 'touch /root/mine; id -u')
    assert.is(statSync(join(root, 'root/mine')).uid, 0)
    assert.is(await shell('one', 'stat -c %u:%g /root /root/mine'), '0:0\n0:0')
  },
  { timeout },
)

test(
  'root has few capabilities, and no program gives it more',
  async () => {
    const status = async (name: string): Promise<Record<string, string>> => {
      const lines = (await shell(name, 'cat /proc/self/status')).split('\n').map((line) => line.split(':\t'))
      return Object.fromEntries(lines)
    }
    const one = await status('one')
    for (const set of ['CapBnd', 'CapEff', 'CapPrm']) assert.is(one[set], '00000000a00405fb')
    for (const set of ['CapAmb', 'CapInh']) assert.is(one[set], '0000000000000000')
    assert.is(one.NoNewPrivs, '1')
    assert.is(one.Seccomp, '2')
    // allow.raw_sockets adds CAP_NET_RAW.
    assert.is((await status('two')).CapBnd, '00000000a00425fb')
    const reaper = readFileSync(`/proc/${platform.findJail('one')?.jid}/status`, 'utf8')
    assert.match(reaper, /CapBnd:\t0{16}\n/)
  },
  { timeout },
)

test(
  "mounting, new namespaces, device nodes and the host's settings are refused",
  async () => {
    for (const script of [
      'mount -t tmpfs none /tmp',
      'unshare -U true',
      'unshare -m true',
      'echo 1 >/proc/sys/kernel/sysrq',
      'chmod 755 /proc',
    ]) {
      const { code } = await inJail('one', { argv: ['sh', '-c', script] })
      assert.is.not(code, 0, script)
    }
    // A node that a release brought along is dead; those of devfs are not.
    await execa('mknod', ['-m', '666', join(root, 'zero'), 'c', '1', '5'])
    assert.match((await inJail('one', { argv: ['head', '-c', '1', '/zero'] })).stderr ?? '', /denied/)
    assert.is((await inJail('one', { argv: ['head', '-c', '3', '/dev/zero'] })).stdout, '\0\0\0')
  },
  { timeout },
)

test(
  'devfs, fdescfs, tmpfs and nullfs are what was asked for',
  async () => {
    const devices = await shell('one', 'ls /dev')
    assert.equal(
      devices.split('\n').filter((name) => !['core'].includes(name)),
      ['fd', 'full', 'null', 'ptmx', 'pts', 'random', 'shm', 'stderr', 'stdin', 'stdout', 'tty', 'urandom', 'zero'],
    )
    assert.is(await shell('one', 'echo through >/dev/fd/1; echo out >/dev/stdout'), 'through\nout')
    assert.is(await shell('one', 'cat /shared/deep/file; stat -c %u:%a /shared/deep/file'), 'of the host\n0:600')
    assert.match((await inJail('one', { argv: ['touch', '/shared/x'] })).stderr ?? '', /Read-only/)
    await shell('one', 'echo new >/writable/new')
    assert.is(statSync(join(shared, 'new')).uid, 0)
    assert.is(await shell('two', 'ls -A /dev'), '.gaoler\nnull')
  },
  { timeout },
)

test(
  'mount verifies what createJail was given and mounts what it was not, and setUpNetwork verifies that loopback is up',
  async () => {
    const context = recorder()
    const mount = (options: object) => effects.mount.run({ name: 'one', ...options } as never, context)
    for (const wanted of usualMounts(root)) await mount(wanted)
    await mount({ type: 'nullfs', target: join(root, 'shared'), readOnly: true })
    await mount({ type: 'procfs', target: join(root, 'proc') })
    assert.match(
      (await thrown(() => mount({ type: 'nullfs', target: join(root, 'writable'), readOnly: true }))).message,
      /can be written/,
    )
    // What it was not given is mounted now, and only for the jail.
    await mount({ type: 'tmpfs', target: join(root, 'late') })
    assert.match((await inJail('one', { argv: ['cat', '/proc/self/mounts'] })).stdout ?? '', / \/late tmpfs /)
    assert.not.match(readFileSync('/proc/self/mounts', 'utf8'), /late/)
    await effects.unmount.run({ name: 'one', target: join(root, 'late') }, context)
    assert.not.match((await inJail('one', { argv: ['cat', '/proc/self/mounts'] })).stdout ?? '', /late/)
    assert.instance(await thrown(() => mount({ type: 'tmpfs', target: '/etc' })), InsecureJailPath)
    await effects.setUpNetwork.run({ name: 'one' }, context)
    // Nobody listens: refused, where an interface that is down would be unreachable.
    assert.match((await inJail('one', { argv: ['nc', '127.0.0.1', '9'] })).stderr ?? '', /refused/i)
  },
  { timeout },
)

test(
  'a symbolic link in the place of a mount point leads nowhere',
  async () => {
    const victim = join(scratch, 'victim')
    mkdirSync(victim)
    await execa('chmod', ['1777', victim])
    for (const [index, place] of ['dev', 'proc', 'linked'].entries()) {
      const attacker = await pool.clone(`attacker${index}`)
      await execa('rm', ['-rf', join(attacker, place)])
      symlinkSync(victim, join(attacker, place))
      const mounts = [...usualMounts(attacker), { type: 'tmpfs', target: join(attacker, 'linked/deep') } as const]
      const before = traces(attacker)
      const error = await thrown(() => create(launch('attacker', attacker, { mounts })))
      assert.instance(error, InsecureJailPath, error.stack)
      assert.equal(readdirSync(victim), [])
      assert.equal(traces(attacker), before)
    }
  },
  { timeout },
)

test(
  'a program that is a link out of the jail is not found',
  async () => {
    symlinkSync('/usr/bin/node-of-the-host', join(root, 'bin/outside'))
    symlinkSync('../../../../../../../bin/true', join(root, 'bin/above'))
    for (const program of ['outside', 'above', '/bin/outside', '']) {
      assert.instance(await thrown(() => inJail('one', { argv: [program] })), JailCommandNotFound)
    }
  },
  { timeout },
)

test(
  'what linux cannot give is refused and not forgotten',
  async () => {
    const before = traces(root)
    for (const parameters of [
      { 'ip4.addr': ['10.0.0.1'] },
      { ip4: 'inherit' },
      { 'allow.mount.nullfs': true },
      { 'children.max': 1 },
    ]) {
      assert.instance(await thrown(() => create(launch('refused', root, { parameters }))), JailParameterRefused)
    }
    assert.equal(traces(root), before)
  },
  { timeout },
)

test.run()
