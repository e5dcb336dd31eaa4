import type { IocError } from '@gaoler/core'
import { JailConfig, JailConfigError, properties } from '@gaoler/jail'
import { encode } from '../../packages/jail/src/config/formats/encode.ts'
import { rawText } from '../../packages/jail/src/config/raw.ts'
import { assert, suite, thrown } from '../harness.ts'
import { parse, write } from './config-support.ts'

const test = suite('jail/hostile values')

const circle: Record<string, unknown> = {}
circle.self = circle

/** What a caller, a file or a form on the web may bring, and what a value of TypeScript may be by mistake. */
const hostile: readonly unknown[] = [
  ...[
    'a\nb',
    'a\r\nb',
    'a\0b',
    '\x1b[31mred',
    '\x07',
    '\x9b1m',
    'a=b',
    'a;b',
    'a,b',
    'a\\,b',
    '$(id)',
    '`id`',
    '$HOME',
  ],
  ...[
    '-rf',
    '--',
    '../../etc',
    '/',
    '//',
    'a/../b',
    '__proto__',
    'constructor',
    'toString',
    'é日本',
    '\u202eabc',
    '\ud800',
  ],
  ...['', ' ', '-', 'none', 'None', 'off', 'ON', 'yes', '1', '0', '-1', '007', '0x10', '1e3', '1e400', '٣', 'NaN'],
  ...['999999999999999', '99999999999999999999', 'x'.repeat(300), 'x'.repeat(65_537), ','.repeat(40_000)],
  ...[1, 0, -0, -1, 1.5, 1e21, 1e308, Number.NaN, Number.POSITIVE_INFINITY, 5n, 10n ** 30n, true, false],
  ...[[], ['a'], ['a\nb'], ['a\0b'], ['\ud800'], [''], [1], [null], [['a']], [{}], [{ a: 1 }], Array(70_000).fill('x')],
  ...[
    ['x'.repeat(10_000_000)],
    Array(40_000).fill(','),
    {},
    { a: 1 },
    { method: 'copy' },
    { address: 1 },
    { amount: {} },
  ],
  ...[
    JSON.parse('{"__proto__": {"polluted": 1}}'),
    Object.create(null),
    circle,
    new Date(0),
    new Map(),
    () => 1,
    Symbol('x'),
  ],
]

const names = [...Object.keys(properties), 'vnet0_mac', 'user.x', 'user.__proto__']

/** Sets a value; null when it was refused as it must be. */
async function accepted(name: string, value: unknown): Promise<JailConfig | null> {
  const config = new JailConfig('web')
  try {
    return config.set(name, value)
  } catch (error) {
    assert.instance(error, JailConfigError, `${name}: ${error}`)
    const { message, details } = error as IocError
    assert.ok(message.length < 1000, `${name}: ${message.length} characters`)
    assert.not.match(message, /\p{Cc}/u)
    // It crosses threads and processes.
    assert.ok(structuredClone(details))
    return null
  }
}

test('every property refuses what it cannot be, with a short error, or keeps it through each format', async () => {
  for (const name of names) {
    for (const value of hostile) {
      const config = await accepted(name, value)
      if (config === null) continue
      const back = {
        json: parse(write(config)),
        ucl: parse(write(config, 'ucl'), 'ucl'),
        zfs: new JailConfig('web').load(
          new Map([...encode(config, 'zfs')].map(([key, raw]) => [key, rawText(raw)])),
          (error) => {
            throw error
          },
        ),
        iocage: parse(write(name === 'CONFIG_VERSION' ? config : config.clone().set('CONFIG_VERSION', '28'))),
      }
      for (const [format, { get }] of Object.entries(back)) {
        const shown = `${name} in ${format}: ${String(JSON.stringify(config.get(name))).slice(0, 200)}`
        const row = properties[name as 'vnet']
        const read = get.call(back[format as 'json'], name)
        if (row) assert.ok(row.type.equal(read as never, config.get(name) as never), shown)
        // Two of the formats know text only.
        else if (format === 'json' || typeof value === 'string') assert.equal(read, config.get(name), shown)
      }
    }
  }
  assert.is(Object.getPrototypeOf({}).polluted, undefined)
})

test('what would begin another line or move a cursor is in no property but scripts, remarks of iocage and your own', async () => {
  const free = /^(exec_(pre|post)?st(art|op)|exec_created|exec_ready|provision\..*|user\..*)$/
  for (const name of names) {
    if (free.test(name) || properties[name as 'vnet']?.foreign) continue
    for (const value of ['a\x1bb', 'a\x07b', '\x9b1m', ['a\x1bb']]) {
      assert.not(await accepted(name, value), `${name} ${JSON.stringify(value)}`)
    }
  }
})

test('a value that a jail could use for more than it says is refused', async () => {
  const cases: Record<string, readonly unknown[]> = {
    release: ['../../jails/x', 'a b', '-r', '/etc', 'a//b', '14.3-RELEASE/../x'],
    host_hostname: ['$(id)', 'a;b', '-h', 'a b', 'x'.repeat(256)],
    host_domainname: ['a/b', '`id`'],
    exec_jail_user: ['-u', 'a:b', 'a b', 'x'.repeat(40)],
    vnet_interfaces: ['em0,../x', '-a', 'em0:1', 'x'.repeat(16)],
    depends: ['web[1]', 'a/b/c', '-x', 'a$b=c', 'name=a/b/c', '=x', 'name=', '(web)'],
    interfaces: [[{ a: 1 }], [{ interface: 'vnet0' }], [{ interface: 'vnet0', bridge: 'b', secure: 'no' }]],
    resolver: [{ method: 'x' }, { method: 'copy', file: 'relative' }, { method: 'nameservers', addresses: ['x'] }],
    defaultrouter: [{}, [], { address: '192.0.2.1', interface: '-x' }],
    ip4_addr: [[{}], [{ interface: 'em0', address: '192.0.2.1', prefix: '24' }]],
    memoryuse: [{}, { amount: '1G', action: 'deny', per: 'host' }, { amount: -1 }],
    'user.x': [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', ['\0']],
  }
  for (const [name, values] of Object.entries(cases)) {
    for (const value of values) assert.not(await accepted(name, value), `${name} ${JSON.stringify(value)}`)
  }
  const good: Record<string, readonly unknown[]> = {
    release: ['14.3-RELEASE', '14.3-RELEASE-p2', 'fast/14.3-RELEASE', 'EMPTY', '12-stable-LAST'],
    host_hostname: ['www.example.org', '_x', '9'],
    exec_jail_user: ['www', '_ntp', 'host$', '1001'],
    depends: ['db', 'fast/db', 'web*', 'tag=db,cache', 'db,cache', '1a2b3c4d'],
    interfaces: [[{ interface: 'vnet0', bridge: null, secure: false }]],
    resolver: [{ method: 'copy', file: '/etc/resolv.conf' }, { method: 'leave' }],
    memoryuse: [{ amount: '1G', action: 'deny', per: 'user' }, { amount: '5' }],
  }
  for (const [name, values] of Object.entries(good)) {
    for (const value of values) assert.ok(await accepted(name, value), `${name} ${JSON.stringify(value)}`)
  }
})

test('an old name that holds what cannot be is told like any other, and passed over on request', async () => {
  const raw = new Map([['hostname', 'two words']])
  const told: string[] = []
  const config = new JailConfig('web').load(raw, ({ details }) => told.push((details as { property: string }).property))
  assert.equal([told, config.get('host_hostname')], [['host_hostname'], null])
  assert.instance(await thrown(() => parse('{"hostname": "two words"}')), JailConfigError)
})

test.run()
