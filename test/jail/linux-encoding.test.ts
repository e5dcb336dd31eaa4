import fc from 'fast-check'
import { InsecureJailPath, JailParameterRefused, MountFailed } from '../../packages/jail/src/errors.ts'
import { idCount, lowestFree, parseSubordinateIds } from '../../packages/jail/src/platform/linux/ids.ts'
import { decodeName, encodeName, filesOf, layoutOf } from '../../packages/jail/src/platform/linux/layout.ts'
import { ociConfig, ociProcess, pathInJail } from '../../packages/jail/src/platform/linux/oci-config.ts'
import { grantsOf, isOn } from '../../packages/jail/src/platform/linux/parameters.ts'
import { hasEnded, machineUuid, parseMountInfo, parseStat } from '../../packages/jail/src/platform/linux/proc.ts'
import { capabilities, seccomp } from '../../packages/jail/src/platform/linux/security.ts'
import { planStreams } from '../../packages/jail/src/platform/linux/streams.ts'
import type { LaunchParameters, Mount } from '../../packages/jail/src/platform/platform.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/linux encoding')

const launch = (mounts: Mount[] = [], parameters: LaunchParameters['parameters'] = {}): LaunchParameters => ({
  name: 'ioc-web',
  path: '/tank/web/root',
  hostname: 'web.example',
  hostuuid: '5b2a9c3e-0000-4000-8000-000000000000',
  mounts,
  parameters,
})
const config = (mounts: Mount[] = [], parameters: LaunchParameters['parameters'] = {}, canMapIds = true) =>
  ociConfig(
    launch(mounts, parameters),
    { first: 165536, count: 65536 },
    {
      reaper: '/usr/bin/catatonit',
      cgroup: 'gaoler/ioc-web',
      emptyDev: '/run/gaoler/dev',
      canMapIds: () => canMapIds,
    },
  )
const at = (path: string) => `/tank/web/root${path}`
const mountAt = (destination: string, mounts: Mount[], canMapIds = true) =>
  config(mounts, {}, canMapIds).mounts.filter((mount) => mount.destination === destination)

test('a jail has seven namespaces, a range of ids, a cgroup and no parameter of the host', () => {
  const { linux, root, hostname, process } = config()
  const mapping = [{ containerID: 0, hostID: 165536, size: 65536 }]
  assert.equal(linux.namespaces.map(({ type }) => type).sort(), [
    'cgroup',
    'ipc',
    'mount',
    'network',
    'pid',
    'user',
    'uts',
  ])
  assert.equal([linux.uidMappings, linux.gidMappings], [mapping, mapping])
  assert.is(linux.cgroupsPath, '/gaoler/ioc-web')
  assert.equal([root, hostname], [{ path: 'rootfs' }, 'web.example'])
  assert.is(config([], { 'host.domainname': 'nis.example' }).domainname, 'nis.example')
  assert.equal(process.args, ['/dev/.gaoler/catatonit', '-P'])
  assert.equal(process.capabilities.bounding, [])
  assert.is(process.noNewPrivileges, true)
})

test('mounts keep their order, and /proc, /dev and the reaper come first', () => {
  const mounts: Mount[] = [
    { type: 'tmpfs', target: at('/tmp') },
    { type: 'devfs', target: at('/dev'), ruleset: 4 },
    { type: 'procfs', target: at('/proc') },
    { type: 'fdescfs', target: at('/dev/fd') },
    { type: 'procfs', target: at('/compat/linux/proc') },
    { type: 'nullfs', target: at('/tmp/src'), source: '/usr/src' },
  ]
  const places = config(mounts).mounts.map(({ destination, type }) => `${type} ${destination}`)
  assert.equal(places, [
    'proc /proc',
    'tmpfs /dev',
    'devpts /dev/pts',
    'tmpfs /dev/shm',
    'bind /dev/.gaoler/catatonit',
    'tmpfs /tmp',
    'proc /compat/linux/proc',
    'bind /tmp/src',
  ])
})

test('nullfs is a private bind with mapped ids where that is possible, and read-only where that is asked for', () => {
  const nullfs: Mount = { type: 'nullfs', target: at('/src'), source: '/usr/src' }
  assert.equal(mountAt('/src', [nullfs])[0]?.options, ['bind', 'private', 'nosuid', 'nodev', 'rw', 'idmap'])
  assert.equal(mountAt('/src', [{ ...nullfs, readOnly: true }], false)[0]?.options, [
    'bind',
    'private',
    'nosuid',
    'nodev',
    'ro',
  ])
})

test('without devfs /dev is an empty directory with null in it', () => {
  assert.is(mountAt('/dev', [])[0]?.source, '/run/gaoler/dev')
  assert.is(mountAt('/dev', [{ type: 'devfs', target: at('/dev') }])[0]?.type, 'tmpfs')
  assert.is(mountAt('/dev/null', [])[0]?.type, 'bind')
})

test('a mount outside the root, at a place of another type or without a source is refused', async () => {
  const refused: [typeof MountFailed | typeof InsecureJailPath, Mount][] = [
    [MountFailed, { type: 'devfs', target: at('/tmp/dev') }],
    [MountFailed, { type: 'fdescfs', target: at('/fd') }],
    [MountFailed, { type: 'tmpfs', target: at('/dev') }],
    [MountFailed, { type: 'nullfs', target: at('/proc'), source: '/proc' }],
    [MountFailed, { type: 'nullfs', target: at('/x') }],
    [InsecureJailPath, { type: 'tmpfs', target: '/tank/web/rootkit' }],
    [InsecureJailPath, { type: 'tmpfs', target: at('') }],
    [InsecureJailPath, { type: 'tmpfs', target: at('/a/../../b') }],
    [InsecureJailPath, { type: 'tmpfs', target: at('//a') }],
  ]
  for (const [error, mount] of refused) assert.instance(await thrown(() => config([mount])), error, mount.target)
  assert.is(pathInJail('/', '/etc'), '/etc')
})

test('parameters add and take capabilities and address families', () => {
  const bounding = (parameters: LaunchParameters['parameters']) =>
    ociProcess(['x'], {}, grantsOf(launch([], parameters))).capabilities.bounding
  assert.is(bounding({}).includes('CAP_NET_RAW'), false)
  assert.is(bounding({ 'allow.raw_sockets': 1 }).includes('CAP_NET_RAW'), true)
  assert.is(bounding({ vnet: true }).includes('CAP_NET_ADMIN'), true)
  assert.is(bounding({ 'allow.reserved_ports': false }).includes('CAP_NET_BIND_SERVICE'), false)
  for (const capability of ['CAP_SYS_ADMIN', 'CAP_MKNOD', 'CAP_SYS_PTRACE', 'CAP_SYS_MODULE']) {
    assert.is(bounding({ vnet: true, 'allow.raw_sockets': true }).includes(capability), false)
  }
  const manager = grantsOf({ ...launch(), managesDatasets: true })
  assert.ok(capabilities(manager).bounding.includes('CAP_SYS_ADMIN'))
  assert.equal(seccomp(manager, 'x64'), seccomp(grantsOf(launch()), 'x64'), 'what it could do with that stays refused')
  const sockets = (parameters: LaunchParameters['parameters']) =>
    seccomp(grantsOf(launch([], parameters)), 'x64')?.syscalls.filter(({ names }) => names.includes('socket')).length
  assert.is(sockets({ 'allow.socket_af': true }), 0)
  assert.is((sockets({}) ?? 0) - (sockets({ 'allow.raw_sockets': true }) ?? 0), 1)
  assert.is(seccomp(grantsOf(launch()), 'pdp11'), null)
})

test("FreeBSD's defaults are taken, and what linux cannot give is refused by name", async () => {
  grantsOf(
    launch([], {
      persist: true,
      vnet: false,
      ip4: 'new',
      ip6: 'disable',
      'ip4.addr': [],
      'ip6.addr': undefined,
      'ip4.saddrsel': 1,
      'allow.set_hostname': 1,
      'allow.mount': 0,
      'allow.vmm': false,
      'allow.future': 'no',
      'children.max': 0,
      devfs_ruleset: 4,
      enforce_statfs: 2,
      securelevel: 2,
      sysvmsg: 'new',
    }),
  )
  for (const parameters of [
    { 'ip4.addr': ['10.0.0.1'] },
    { ip6: 'inherit' },
    { vnet: 'inherit' },
    { sysvshm: 'inherit' },
    { 'children.max': 5 },
    { 'allow.mount.nullfs': 1 },
    { securelevel: 3 },
    { enforce_statfs: 0 },
    { 'allow.mount.zfs': true },
    { 'allow.future': 'yes' },
    { 'host.domainname': 'x'.repeat(65) },
    { 'host.hostname': 'x'.repeat(65) },
  ]) {
    const error = await thrown(() => grantsOf(launch([], parameters)))
    assert.instance(error, JailParameterRefused)
    assert.match(error.message, Object.keys(parameters)[0] as string)
  }
  assert.equal(['1', 'yes', 'new', true, 1].map(isOn), [true, true, true, true, true])
  assert.equal(['0', 'no', 'off', 'none', 'disable', '', false, 0, [], undefined].map(isOn), Array(10).fill(false))
})

test('a command is taken as it is, or refused where it would be cut off', async () => {
  const grants = grantsOf(launch())
  const { args, env, terminal, cwd } = ociProcess(['sh', '-c', 'a "b"\n'], { A: '=b', PATH: '/bin' }, grants, {
    terminal: true,
  })
  assert.equal(args, ['sh', '-c', 'a "b"\n'])
  assert.equal(
    env.filter((text) => !text.startsWith('TERM=')),
    ['PATH=/bin', 'HOME=/root', 'A==b'],
  )
  assert.equal([terminal, cwd], [true, '/'])
  for (const [argv, bad] of [
    [['a\0b'], {}],
    [['a'], { B: '\0' }],
    [['a'], { 'B=': '' }],
    [['a'], { '': '' }],
  ] as const) {
    assert.is((await thrown(() => ociProcess(argv, bad as Record<string, string>, grants))).name, 'UsageError')
  }
})

test('the lowest free ids are taken, between and behind those in use', () => {
  const used = (...firsts: number[]) => firsts.map((first) => ({ first, count: idCount }))
  assert.is(lowestFree([])?.first, 100_000)
  assert.is(lowestFree(used(165_536, 100_000))?.first, 231_072)
  assert.is(lowestFree(used(165_536))?.first, 100_000)
  assert.is(lowestFree(used(100_001))?.first, 165_537)
  assert.is(
    lowestFree([
      { first: 0, count: 100_000 },
      { first: 100_000, count: 1 },
    ])?.first,
    100_001,
  )
  assert.is(lowestFree([{ first: 0, count: 2 ** 32 - 65_536 }]), null)
  assert.is(lowestFree([{ first: 0, count: 2 ** 32 - 65_537 }])?.first, 2 ** 32 - 65_537)
})

test('no range overlaps another, whatever is in use', () => {
  const range = fc.record({ first: fc.integer({ min: 0, max: 800_000 }), count: fc.integer({ min: 1, max: 200_000 }) })
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), (used) => {
      const found = lowestFree(used)
      return (
        found !== null &&
        used.every(({ first, count }) => first + count <= found.first || found.first + idCount <= first)
      )
    }),
  )
})

test('ranges of users are read from subuid(5)', () => {
  const text = '# comment\nalice:100000:65536\n1001:165536:10\n\nbroken:x:1\nbob:231072:65536 \n'
  assert.equal(parseSubordinateIds(text), [
    { first: 100_000, count: 65_536 },
    { first: 165_536, count: 10 },
    { first: 231_072, count: 65_536 },
  ])
})

test('every name has an identifier of its own that is no option, no path and no hidden file', () => {
  assert.is(encodeName('ioc-a*b'), 'ioc-a_2ab')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      fc.pre(name.isWellFormed())
      const id = encodeName(name)
      return /^[0-9A-Za-z_][0-9A-Za-z_-]*$/.test(id) && decodeName(id) === name
    }),
  )
  const files = filesOf(layoutOf('/run/x/', 'gaoler'), 'a.b')
  assert.equal([files.bundle, files.cgroup], ['/run/x/linux/bundles/a_2eb', '/sys/fs/cgroup/gaoler/a_2eb'])
})

test('mountinfo is read with its optional fields and escapes', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue',
    '70 50 0:40 / / rw,nodev,relatime,idmapped - zfs tank/a\\134b rw',
    '',
  ].join('\n')
  assert.equal(parseMountInfo(text), [
    { mountpoint: '/mnt 2', options: ['rw', 'noatime'], type: 'ext3', source: '/dev/root' },
    { mountpoint: '/', options: ['rw', 'nodev', 'relatime', 'idmapped'], type: 'zfs', source: 'tank/a\\b' },
  ])
})

test('a stat line is read behind whatever name the process has', () => {
  const fields = (state: string, threads: number, status: number) =>
    `42 (a) b (c) ${state} 7 42 42 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 ${threads} 0 5155 ${'0 '.repeat(29)}${status}\n`
  const stat = parseStat(fields('Z', 1, 9))
  assert.equal(stat, { pid: 42, state: 'Z', parent: 7, threads: 1, startTime: 5155, exitStatus: 9 })
  assert.equal([hasEnded(stat), hasEnded(null)], [true, true])
  // Its first thread has ended, others have not.
  assert.is(hasEnded(parseStat(fields('Z', 2, 0))), false)
  assert.is(hasEnded(parseStat(fields('S', 1, 0))), false)
  assert.is(parseStat(''), null)
})

test('a machine id is a uuid', () => {
  assert.is(machineUuid('3D1219c7c4c5404aaa1f6d2a48adfda4\n'), '3d1219c7-c4c5-404a-aa1f-6d2a48adfda4')
  assert.is(machineUuid('uninitialized\n'), null)
})

test("the host's terminal is never handed into the jail", () => {
  const plan = (...terminals: number[]) => planStreams('inherit', (fd) => terminals.includes(fd))
  assert.equal(plan(0, 1, 2), { terminal: true, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' })
  assert.equal(plan(0, 2), { terminal: false, stdin: 'pipe', stdout: 'inherit', stderr: 'pipe' })
  assert.equal(plan(1), { terminal: false, stdin: 'inherit', stdout: 'pipe', stderr: 'inherit' })
  assert.equal(plan(), { terminal: false, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' })
  assert.equal(
    planStreams('pipe', () => true),
    { terminal: false, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
  )
})

test.run()
