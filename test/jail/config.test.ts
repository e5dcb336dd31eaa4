import {
  InvalidJailConfigValue,
  JailConfig,
  type PlatformName,
  requireHonoured,
  UnknownConfigProperty,
} from '@gaoler/jail'
import { requireSettable } from '../../packages/jail/src/config/honoured.ts'
import { launchParametersOf } from '../../packages/jail/src/config/parameters.ts'
import { parameterRefusal } from '../../packages/jail/src/platform/linux/parameters.ts'
import type { Platform } from '../../packages/jail/src/platform/platform.ts'
import { assert, suite, thrown } from '../harness.ts'
import { corpus, parse, write } from './config-support.ts'

const test = suite('jail/config')

/** What a configuration asks of a platform: its name, and which parameters it refuses. */
const platform = (name: PlatformName): Platform =>
  ({ name, parameterRefusal: name === 'linux' ? parameterRefusal : () => null }) as Partial<Platform> as Platform

const config = (values: Record<string, unknown> = {}, defaults?: JailConfig): JailConfig => {
  const made = new JailConfig('web', { defaults })
  made.setAll(values)
  return made
}

test('parameters are those that were set, and those whose defaults are not the kernel’s', () => {
  assert.equal(launchParametersOf(config(), platform('freebsd')), {
    devfs_ruleset: 4,
    securelevel: 2,
    enforce_statfs: 2,
    sysvmsg: 'new',
    sysvsem: 'new',
    sysvshm: 'new',
    ip4: 'new',
    ip6: 'new',
  })
  const set = config({
    allow_raw_sockets: 'yes',
    allow_set_hostname: 'no',
    allow_mount_tmpfs: 1,
    ip4_addr: 'em0|192.0.2.7/24,em1|192.0.2.8',
    devfs_ruleset: 'none',
  })
  const parameters = launchParametersOf(set, platform('freebsd'))
  assert.is(parameters['allow.raw_sockets'], true)
  assert.is(parameters['allow.set_hostname'], false)
  assert.equal([parameters['allow.mount'], parameters['allow.mount.tmpfs'], parameters.enforce_statfs], [true, true, 1])
  assert.equal(parameters['ip4.addr'], ['192.0.2.7', '192.0.2.8'])
  assert.not.ok('devfs_ruleset' in parameters)
})

test('with a network stack of its own, or the host’s addresses, no parameter of IP is given', () => {
  const vnet = launchParametersOf(config({ vnet: 'on', ip4_addr: 'vnet0|192.0.2.7' }), platform('freebsd'))
  assert.is(vnet.vnet, true)
  assert.equal(
    Object.keys(vnet).filter((name) => name.startsWith('ip')),
    [],
  )
  const inherit = launchParametersOf(config({ ip4: 'inherit', ip4_addr: 'em0|192.0.2.7' }), platform('freebsd'))
  assert.is(inherit.ip4, 'inherit')
  assert.not.ok('ip4.addr' in inherit)
  // Weakness 17 of libioc: an address that DHCP gives broke the list of addresses.
  const dhcp = launchParametersOf(config({ ip4_addr: 'em0|dhcp,em0|192.0.2.7' }), platform('freebsd'))
  assert.equal(dhcp['ip4.addr'], ['192.0.2.7'])
})

test('a platform refuses what it cannot give, and a default of the host that it cannot give is left out and told', async () => {
  for (const values of [
    { allow_mount: true },
    { ip4: 'inherit' },
    { devfs_ruleset: 5 },
    { allow_suser: false },
    { exec_fib: 1 },
  ]) {
    const error = await thrown(() => requireHonoured(config(values), platform('linux')))
    assert.equal(
      [error.name, (error as InvalidJailConfigValue).details.properties],
      ['JailPropertyNotHonoured', Object.keys(values)],
    )
    assert.instance(
      await thrown(() => requireSettable(config(values), Object.keys(values), platform('linux'))),
      error.constructor,
    )
  }
  for (const values of [
    { allow_mount: false },
    { ip4: 'new' },
    { devfs_ruleset: 4 },
    { allow_raw_sockets: true },
    { securelevel: -1, enforce_statfs: 1 },
    { exec_fib: 0 },
  ]) {
    assert.equal(requireHonoured(config(values), platform('linux')), [])
  }
  const defaults = config({ allow_mount: true, memoryuse: '1G', allow_raw_sockets: true })
  const jail = config({}, defaults)
  assert.equal(
    requireHonoured(jail, platform('linux')).map(({ property }) => property),
    ['allow_mount', 'memoryuse'],
  )
  const parameters = launchParametersOf(jail, platform('linux'))
  assert.equal([parameters['allow.mount'], parameters['allow.raw_sockets']], [undefined, true])
  assert.equal(requireHonoured(config({ memoryuse: 'none', allow_mount: false }, defaults), platform('linux')), [])
})

test('a complete file of iocage asks for nothing but what it says, on every platform', () => {
  for (const name of ['freebsd', 'linux', 'embedded'] as const) {
    const thick = parse(corpus('iocage-thick.json')).set('interfaces', undefined).set('jail_zfs_dataset', undefined)
    assert.equal(requireHonoured(thick, platform(name)), [], name)
    const defaults = parse(corpus('iocage-defaults.json'))
    const told = requireHonoured(config({}, defaults), platform(name)).map(({ property }) => property)
    assert.equal(told, name === 'embedded' ? ['allow_tun', 'mount_procfs'] : ['allow_tun'], name)
  }
})

test('aliases: the name, tags, types, and names with dots', async () => {
  const jail = config({ tags: 'a,b', 'allow.raw_sockets': true })
  assert.equal([jail.get('id'), jail.get('name'), jail.get('uuid')], ['web', 'web', 'web'])
  assert.instance(await thrown(() => jail.set('name', 'other')), InvalidJailConfigValue)
  assert.equal([jail.get('tag'), jail.get('allow_raw_sockets'), jail.isSet('allow.raw_sockets')], ['a', true, true])
  assert.is(jail.set('tag', 'c').get('tag'), 'c')
  assert.is(jail.set('tags', ['d', 'e,f']).getstring('tags'), 'd,e\\,f')
  assert.is(jail.get('tag'), 'd')
  assert.equal(
    [jail.get('type'), jail.set('type', 'basejail').get('basejail'), jail.get('type')],
    ['jail', true, 'basejail'],
  )
  assert.is(jail.set('basejail', false).get('type'), 'jail')
  assert.equal(
    [jail.get('cloned_release'), jail.set('release', '14.3-RELEASE').get('cloned_release')],
    [null, '14.3-RELEASE'],
  )
  for (const name of [
    'secure_level',
    'constructor',
    '__proto__',
    'user',
    'user.',
    'user..a',
    'allow.nothing',
    'x_mac_',
  ]) {
    assert.instance(await thrown(() => jail.get(name)), UnknownConfigProperty, name)
  }
  assert.instance(await thrown(() => jail.set('legacy', true)), InvalidJailConfigValue)
})

test('nothing that a value holds can be changed in another jail', async () => {
  // Weakness 21 of libioc: a nameserver that was added to one jail was in all of them.
  const resolver = config().get('resolver')
  assert.instance(await thrown(() => Object.assign(resolver, { file: '/x' })), TypeError)
  const interfaces = config().get('interfaces') as unknown[]
  assert.instance(await thrown(() => interfaces.push({})), TypeError)
  assert.is(config().get('interfaces').length, 0)
})

test('MAC addresses are set after the interfaces that they are of, and for no others', async () => {
  const mac = '02ff60000001,02ff60000002'
  const jail = new JailConfig('web')
  assert.equal(jail.setAll({ vnet0_mac: mac, interfaces: 'vnet0:bridge0' }), ['interfaces', 'vnet0_mac'])
  assert.equal(jail.setAll({ vnet0_mac: mac, interfaces: 'vnet0:bridge0' }), [], 'nothing has changed')
  assert.instance(await thrown(() => jail.setAll({ vnet1_mac: mac })), InvalidJailConfigValue)
})

test('names below a value are refused, and a name that is taken away leaves no empty ones above it', async () => {
  const jail = config({ 'user.a.b': '1', 'user.c': '2' })
  assert.instance(await thrown(() => jail.set('user.a', 'x')), InvalidJailConfigValue)
  assert.instance(await thrown(() => jail.set('user.c.d', 'x')), InvalidJailConfigValue)
  jail.set('user.a.b', undefined)
  assert.equal(JSON.parse(write(jail)), { id: 'web', user: { c: '2' } })
  assert.equal(jail.changes, { 'user.a.b': undefined, 'user.c': '2' })
})

test('as text: a dash for none, yes and no, and nothing for what a user has not set', () => {
  const jail = config({ vnet: 1, 'user.none': 'none', memoryuse: '1G' })
  assert.equal(
    ['vnet', 'boot', 'exec_prestart', 'user.nothing', 'memoryuse', 'resolver', 'ip4_addr', 'allow_mlock'].map((name) =>
      jail.getstring(name),
    ),
    ['yes', 'no', '-', '', '1G:deny', '/etc/resolv.conf', '-', 'no'],
  )
})

test('what a user keeps has the type that it was given', () => {
  const jail = config({
    'user.number': 1,
    'user.true': true,
    'user.text': '1',
    'user.null': null,
    'user.list': ['a', 'b'],
  })
  assert.equal(
    parse(write(jail))
      .entries()
      .map(([, value]) => value),
    [['a', 'b'], 1, '1', true],
  )
})

test.run()
