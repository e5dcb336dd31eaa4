import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { endianness, tmpdir } from 'node:os'
import { join } from 'node:path'
import koffi from 'koffi'
import { JailParameterRefused, MountFailed } from '../../packages/jail/src/errors.ts'
import { in6Addresses, inAddresses } from '../../packages/jail/src/platform/freebsd/addresses.ts'
import { encodeCreate, encodeQuery, jailFlag } from '../../packages/jail/src/platform/freebsd/encode.ts'
import { type OptionList, readCString } from '../../packages/jail/src/platform/freebsd/iovec.ts'
import { defineIovec, iovecs } from '../../packages/jail/src/platform/freebsd/libc.ts'
import { encodeMount, forceUnmount } from '../../packages/jail/src/platform/freebsd/nmount.ts'
import type { JailParameter, LaunchParameters } from '../../packages/jail/src/platform/platform.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/freebsd encoding')

const uuid = '5b2f0f0e-6a5c-4a0e-8d57-0c1d2e3f4a5b'
const launch = (parameters: Record<string, JailParameter> = {}, more: Partial<LaunchParameters> = {}) =>
  encodeCreate({ name: 'web', path: '/j/web', hostname: 'web', hostuuid: uuid, mounts: [], parameters, ...more })

/** Each part as hexadecimal, null for (NULL, 0): what the kernel sees, byte by byte. */
const hex = (options: OptionList): (string | null)[] =>
  options.map((part) => (part === null ? null : part.toString('hex')))
const text = (string: string): string => Buffer.from(`${string}\0`).toString('hex')

/** The options for `parameters` alone, without those that every jail has. */
function extra(parameters: Record<string, JailParameter>): (string | null)[] {
  const all = hex(launch(parameters).options)
  return all.slice(8, all.lastIndexOf(text('persist')))
}

async function refusal(parameters: Record<string, JailParameter>, more?: Partial<LaunchParameters>): Promise<string> {
  const error = await thrown<JailParameterRefused>(() => launch(parameters, more))
  assert.instance(error, JailParameterRefused)
  return `${error.details.parameter}: ${error.details.reason}`
}

test('a jail without parameters: names and strings end with NUL, errmsg is the last of an even number of iovecs', () => {
  // sys_jail_set (kern_jail.c) refuses an odd number; vfs_buildopts (vfs_mount.c) a name without NUL.
  const { options, flags, errmsg } = launch()
  assert.equal(hex(options), [
    '6e616d6500',
    '77656200',
    '7061746800',
    '2f6a2f77656200',
    '686f73742e686f73746e616d6500',
    '77656200',
    '686f73742e686f73747575696400',
    text(uuid),
    '7065727369737400',
    null,
    '6572726d736700',
    '00'.repeat(256),
  ])
  assert.is(options.at(-1), errmsg)
  // JAIL_CREATE (sys/jail.h)
  assert.is(flags, 1)
  assert.equal(jailFlag, { create: 1, update: 2, attach: 4, dying: 8 })
})

test('booleans are there or not, by name', () => {
  // vfs_flagopt (vfs_mount.c) looks at the name only; the names with "no" are those of pr_flag_allow (kern_jail.c).
  assert.equal(extra({ 'allow.raw_sockets': true }), ['616c6c6f772e7261775f736f636b65747300', null])
  assert.equal(extra({ 'allow.raw_sockets': false }), [text('allow.noraw_sockets'), null])
  assert.equal(extra({ 'allow.mount.devfs': false }), [text('allow.mount.nodevfs'), null])
  assert.equal(extra({ 'ip4.saddrsel': false, 'allow.chflags': undefined }), [text('ip4.nosaddrsel'), null])
  assert.equal(extra({ persist: true }), [])
})

test('numbers have the size that the kernel compares', () => {
  // vfs_copyopt (vfs_mount.c): another size than sizeof(int), or sizeof(unsigned long) for hostid, is EINVAL.
  assert.is(endianness(), 'LE', 'these vectors are of a little-endian machine')
  assert.equal(extra({ securelevel: 2 }), [text('securelevel'), '02000000'])
  assert.equal(extra({ securelevel: -1 }), [text('securelevel'), 'ffffffff'])
  assert.equal(extra({ devfs_ruleset: 65_535 }), [text('devfs_ruleset'), 'ffff0000'])
  assert.equal(extra({ 'children.max': 999_999 }), [text('children.max'), '3f420f00'])
  assert.equal(extra({ 'host.hostid': 0xdeadbeef }), [text('host.hostid'), 'efbeadde00000000'])
})

test('jailsys values are those of sys/jail.h: disable 0, new 1, inherit 2', () => {
  assert.equal(extra({ ip4: 'disable' }), [text('ip4'), '00000000'])
  assert.equal(extra({ ip4: 'new' }), [text('ip4'), '01000000'])
  assert.equal(extra({ ip6: 'inherit' }), [text('ip6'), '02000000'])
  assert.equal(extra({ sysvshm: 'new' }), [text('sysvshm'), '01000000'])
  assert.equal(extra({ vnet: true }), [text('vnet'), '01000000'])
  assert.equal(extra({ vnet: false }), [])
  assert.equal(extra({ vnet: 'inherit' }), [])
})

test('addresses are arrays of in_addr and in6_addr in network order', () => {
  assert.equal(extra({ 'ip4.addr': ['10.0.0.1', '192.0.2.255'] }), [text('ip4.addr'), '0a000001c00002ff'])
  assert.equal(extra({ 'ip6.addr': ['2001:db8::1'] }), [text('ip6.addr'), '20010db8000000000000000000000001'])
  const of6 = (address: string): string => in6Addresses([address]).toString('hex')
  assert.is(of6('::1'), '00000000000000000000000000000001')
  assert.is(of6('fe80::'), 'fe800000000000000000000000000000')
  assert.is(of6('1:2:3:4:5:6:7:8'), '00010002000300040005000600070008')
  assert.is(of6('::ffff:192.0.2.1'), '00000000000000000000ffffc0000201')
  assert.is(of6('64:ff9b::192.0.2.33'), '0064ff9b0000000000000000c0000221')
  assert.is(of6('1:2:3:4:5:6:192.0.2.1'), '000100020003000400050006c0000201')
  assert.is(of6('2001:DB8:0:0:8:800:200C:417A'), '20010db80000000000080800200c417a')
  assert.is(inAddresses([]).length, 0)
})

test('addresses are left out where their presence alone would change the jail', () => {
  // kern_jail_set: ip4.addr sets PR_IP4_USER whatever ip4 says; with a new vnet any ip4 or ip6 is EINVAL.
  assert.equal(extra({ ip4: 'inherit', 'ip4.addr': ['10.0.0.1'] }), [text('ip4'), '02000000'])
  assert.equal(extra({ ip6: 'disable', 'ip6.addr': ['::1'] }), [text('ip6'), '00000000'])
  assert.equal(extra({ ip4: 'new', 'ip4.addr': [] }), [text('ip4'), '01000000'])
  const network = { ip4: 'new', 'ip4.addr': ['10.0.0.1'], ip6: 'inherit', 'ip6.addr': ['::1'], 'ip4.saddrsel': true }
  assert.equal(extra({ vnet: 'new', ...network }), [text('vnet'), '01000000'])
  assert.equal(extra({ vnet: true, ...network }), [text('vnet'), '01000000'])
})

test('a jail that inherits the names of the host is given none', () => {
  // kern_jail_set: any of host.* sets PR_HOST, which is what host=new does.
  const { options } = launch({ host: 'inherit', 'host.domainname': 'x' })
  assert.equal(hex(options).slice(4, 8), [text('host'), '02000000', text('persist'), null])
})

test('addresses that the kernel refuses without a word are refused with one', async () => {
  for (const bad of ['10.0.0.1/24', 'em0|10.0.0.1', '0.0.0.0', '255.255.255.255', '::1', '', '10.0.0']) {
    assert.match(await refusal({ 'ip4.addr': [bad] }), 'ip4.addr: ')
  }
  for (const bad of ['::', '0::0', 'fe80::1%em0', '10.0.0.1', '::1/128', '::0.0.0.0']) {
    assert.match(await refusal({ 'ip6.addr': [bad] }), 'ip6.addr: ')
  }
  assert.match(await refusal({ 'ip4.addr': ['10.0.0.1', '10.0.0.2', '10.0.0.1'] }), 'given twice')
  assert.match(await refusal({ 'ip6.addr': ['::1', '0:0::1'] }), 'given twice')
})

test('names and paths are limited as in the kernel, with their NUL', async () => {
  // MAXHOSTNAMELEN 256 (sys/param.h), MAXPATHLEN 1024 (sys/syslimits.h), HOSTUUIDLEN 64 (sys/jail.h),
  // OSRELEASELEN 32, which kern_jail_set wants to be more than the length.
  const limits: [string, number][] = [
    ['name', 255],
    ['path', 1023],
    ['hostname', 255],
    ['hostuuid', 63],
  ]
  for (const [field, length] of limits) {
    launch({}, { [field]: 'x'.repeat(length) })
    assert.match(await refusal({}, { [field]: 'x'.repeat(length + 1) }), `at most ${length} are allowed`)
  }
  assert.match(await refusal({}, { name: 'ü'.repeat(128) }), '256 bytes')
  assert.match(await refusal({}, { path: '/a\0b' }), 'path: it has a NUL')
  assert.match(await refusal({}, { name: '' }), 'name: it is empty')
  assert.equal(extra({ osrelease: 'x'.repeat(30) }), [text('osrelease'), text('x'.repeat(30))])
  assert.match(await refusal({ osrelease: 'x'.repeat(31) }), 'at most 30')
  // VFS_MOUNTARG_SIZE_MAX (vfs_mount.c), with sizeof(struct vfsopt) for each option.
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`module.p${index}`, 'x'.repeat(1000)]))
  assert.match(await refusal(many), 'exceed')
})

test('what is no parameter of the kernel, or not of that type, is refused by name', async () => {
  const cases: [Record<string, JailParameter>, string][] = [
    [{ 'exec.start': '/bin/sh' }, 'the program jail'],
    [{ 'mount.devfs': true }, 'the program jail'],
    [{ 'vnet.interface': 'epair0b' }, 'the program jail'],
    [{ dying: true }, 'only be read'],
    [{ 'children.cur': 1 }, 'only be read'],
    [{ path: '/x' }, 'a field of its own'],
    [{ errmsg: 'x' }, 'a field of its own'],
    [{ 'Allow.X': true }, 'not the name of a parameter'],
    [{ 'allow.raw_sockets': 0 }, 'true or false, not 0'],
    [{ 'allow.noraw_sockets': true }, 'say allow.raw_sockets'],
    [{ persist: false }, 'must persist'],
    [{ ip4: 1 }, 'new, inherit or disable, not 1'],
    [{ ip4: 'New' }, 'not "New"'],
    [{ vnet: 'disable' }, 'cannot be disabled'],
    [{ host: 'disable' }, 'cannot be disabled'],
    [{ securelevel: '2' }, 'a whole number'],
    [{ securelevel: 2 ** 31 }, 'a whole number'],
    [{ 'host.domainname': 5 }, 'expected text'],
    [{ 'ip4.addr': '10.0.0.1' }, 'a list of addresses'],
    [{ 'linux.osname': ['x'] }, 'expected text'],
  ]
  for (const [parameters, reason] of cases) assert.match(await refusal(parameters), reason)
})

test('a parameter of a module is encoded by its value', () => {
  assert.equal(extra({ 'module.flag': false, 'module.level': 3, 'module.text': 'x' }), [
    text('module.noflag'),
    null,
    text('module.level'),
    '03000000',
    text('module.text'),
    '7800',
  ])
})

test('a query goes by name, with room for the number and for whether the jail is dying', () => {
  // kern_jail_get: a jid of 0 asks for none; JAIL_DYING lets a dying jail be found (JAIL_GET_MASK allows no other flag).
  const query = encodeQuery('web', { dying: true })
  const zero = '00000000'
  assert.equal(hex(query.options), [
    '6e616d6500',
    '77656200',
    '6a696400',
    zero,
    '6479696e6700',
    zero,
    '6572726d736700',
    '00'.repeat(256),
  ])
  assert.equal([query.flags, encodeQuery('web').flags], [8, 0])
  assert.equal([query.options[3], query.options[5], query.options[7]], [query.jid, query.dying, query.errmsg])
  assert.throws(() => encodeQuery('x'.repeat(256)), /at most 255/)
})

test('mounts name their type, their place and what they show', () => {
  const options = (mount: Parameters<typeof encodeMount>[0]) => hex(encodeMount(mount).options).slice(0, -2)
  // nullfs_mount takes "target" (null_vfsops.c); devfs_mount scans "ruleset" with %d (devfs_vfsops.c).
  assert.equal(options({ type: 'nullfs', target: '/j/usr', source: '/usr', readOnly: true }), [
    '66737479706500',
    '6e756c6c667300',
    '66737061746800',
    '2f6a2f75737200',
    '74617267657400',
    '2f75737200',
    '726f00',
    null,
  ])
  const place = [text('fspath'), text('/j/dev'), text('from')]
  const devfs = [text('fstype'), text('devfs'), ...place, text('devfs')]
  assert.equal(options({ type: 'devfs', target: '/j/dev', ruleset: 4 }), [...devfs, text('ruleset'), '3400'])
  assert.equal(options({ type: 'devfs', target: '/j/dev' }), devfs)
  assert.equal(options({ type: 'tmpfs', target: '/j/dev', ruleset: 4 }), [
    text('fstype'),
    text('tmpfs'),
    ...place,
    text('tmpfs'),
  ])
  assert.equal(hex(encodeMount({ type: 'procfs', target: '/j/proc' }).options).slice(-2), [
    text('errmsg'),
    '00'.repeat(256),
  ])
  // MNT_FORCE (sys/mount.h)
  assert.is(forceUnmount, 0x80000)
})

test('mounts that the kernel would refuse are refused', async () => {
  // vfs_donmount: a path with its NUL must be shorter than MNAMELEN (1024) - 1.
  encodeMount({ type: 'tmpfs', target: 'x'.repeat(1021) })
  const cases: [Parameters<typeof encodeMount>[0], string][] = [
    [{ type: 'tmpfs', target: 'x'.repeat(1022) }, 'at most 1021'],
    [{ type: 'tmpfs', target: '/a\0b' }, 'NUL'],
    [{ type: 'nullfs', target: '/a' }, 'what to show'],
    [{ type: 'devfs', target: '/a', ruleset: 65_536 }, 'number of a ruleset'],
    [{ type: 'devfs', target: '/a', ruleset: 1.5 }, 'number of a ruleset'],
  ]
  for (const [mount, reason] of cases) {
    const error = await thrown(() => encodeMount(mount))
    assert.instance(error, MountFailed)
    assert.match(error.message, reason)
  }
})

test('what the kernel writes through a list arrives in its buffers', () => {
  if (process.platform === 'win32') return
  const directory = mkdtempSync(join(tmpdir(), 'gaoler-iovec-'))
  const file = join(directory, 'answer')
  writeFileSync(file, Buffer.concat([Buffer.from('no jail after 7\0'), Buffer.from([7, 0, 0, 0])]))
  defineIovec()
  // readv(2) takes the same structure and fills the buffers one after the other; (NULL, 0) takes nothing.
  const readv = koffi.load(null).func('long readv(int fd, const gaoler_iovec *iov, int iovcnt)')
  const message = Buffer.alloc(16)
  const jid = Buffer.alloc(4)
  const fd = openSync(file, 'r')
  try {
    assert.is(Number(readv(fd, iovecs([message, null, jid]), 3)), 20)
  } finally {
    closeSync(fd)
    rmSync(directory, { recursive: true })
  }
  assert.is(readCString(message), 'no jail after 7')
  assert.is(jid.readInt32LE(), 7)
})

test.run()
