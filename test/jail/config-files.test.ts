import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidJailConfigAddress, JailConfig, JailConfigError, JailConfigUnreadable, properties } from '@gaoler/jail'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { encode } from '../../packages/jail/src/config/formats/encode.ts'
import { parseUcl, UclSyntaxError } from '../../packages/jail/src/config/formats/ucl-parse.ts'
import { changedProperties } from '../../packages/jail/src/config/formats/zfs.ts'
import { configSchema, propertiesPage } from '../../tools/docs/properties.ts'
import { growsTooFast } from '../figures.ts'
import { assert, suite, thrown } from '../harness.ts'
import { corpus, formats, parse, write } from './config-support.ts'

const test = suite('jail/config files')
const docs = resolve(import.meta.dirname, '../../docs')
const json = ['libioc.json', 'iocage-thin.json', 'iocage-thick.json', 'iocage-odd.json', 'iocage-defaults.json']
const validate = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(configSchema()))

test('docs/properties.md and docs/config.schema.json are up to date: else run node tools/docs.ts', () => {
  assert.ok(readFileSync(`${docs}/properties.md`, 'utf8') === propertiesPage())
  assert.ok(readFileSync(`${docs}/config.schema.json`, 'utf8') === configSchema())
})

for (const file of json) {
  test(`${file} is read, fits the schema, and is written as it was`, () => {
    const text = corpus(file)
    assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors))
    assert.is(write(parse(text)), text)
  })

  test(`${file} loses nothing on its way through UCL`, () => {
    const config = parse(corpus(file))
    const back = parse(write(config, 'ucl'), 'ucl')
    assert.equal(
      back.entries().filter(([name]) => !name.startsWith('user.')),
      config.entries().filter(([name]) => !name.startsWith('user.')),
    )
    assert.equal(back.unknown, config.unknown)
    assert.is(write(parse(write(back, 'ucl'), 'ucl'), 'ucl'), write(config, 'ucl'))
  })
}

test('the schema refuses what cannot be a value', () => {
  for (const wrong of [
    { vnet: 'maybe' },
    { ip4: 'shared' },
    { securelevel: 7 },
    { tags: [1] },
    { user: 'x' },
    { vnet0_mac: 1 },
  ]) {
    assert.not.ok(validate(wrong), JSON.stringify(wrong))
  }
})

test('every default of the table is of its type', () => {
  for (const [name, { type, default: byDefault }] of Object.entries(properties)) {
    const value = byDefault as never
    assert.ok(type.equal(type.parse(type.format(value)) as never, value), name)
  }
})

test('libioc: special values are values, and what users keep stays as it was', () => {
  const config = parse(corpus('libioc.json'))
  assert.equal(config.get('ip4_addr'), [
    { interface: 'vnet0', address: '192.0.2.7', prefix: 24 },
    { interface: 'vnet1', address: 'dhcp', prefix: null },
  ])
  assert.equal(config.get('interfaces')[1], { interface: 'vnet1', bridge: 'bridge1', secure: true })
  assert.equal(config.get('defaultrouter'), { address: '192.0.2.1', interface: 'vnet0' })
  assert.equal(config.get('memoryuse'), { amount: '512M', action: 'deny', per: 'jail' })
  assert.equal(config.get('cputime'), { amount: '3600', action: 'log', per: 'user' })
  assert.equal(config.get('depends'), ['db', 'cache'])
  assert.equal(config.get('tags'), ['web', 'customer,a'])
  assert.equal(config.get('tag'), 'web')
  assert.equal(config.get('vnet0_mac'), { host: '02:ff:60:aa:bb:cc', jail: '02:ff:60:aa:bb:cd' })
  assert.equal([config.get('type'), config.get('provision.method')], ['basejail', 'puppet'])
  // Weakness 20 of libioc: "1", "on" and "none" of users became yes and none.
  assert.equal(
    ['user.answer', 'user.comment', 'user.deep.switch'].map((name) => config.get(name)),
    ['1', 'none', 'on'],
  )
})

test('iocage: booleans are 0 and 1 and stay so, its own keys are kept, and what is set is written its way', () => {
  const config = parse(corpus('iocage-thin.json'))
  assert.equal([config.get('vnet'), config.get('boot'), config.get('memoryuse')], [true, true, null])
  assert.equal(config.unknown, ['x_of_a_later_version.list'])
  config.set('allow_mlock', 'yes').set('boot', false).set('exec_timeout', 5).set('nshm', '1K')
  config.set('vnet0_mac', '02ff60000001,02ff60000002')
  const written = JSON.parse(write(config))
  assert.equal(
    [
      written.allow_mlock,
      written.boot,
      written.exec_timeout,
      written.nshm,
      written.vnet0_mac,
      written.allow_raw_sockets,
    ],
    [1, 0, '5', '1K:deny', '02ff60000001 02ff60000002', 1],
  )
  assert.equal(written.x_of_a_later_version, { list: [1, 2] })
  assert.not.ok('id' in written)
})

test('iocage: what people really have, words for yes and no in each spelling, unknown keys, lines of a resolver', () => {
  const config = parse(corpus('iocage-odd.json'))
  const { get } = config
  const values = (...names: string[]) => names.map((name) => get.call(config, name))
  assert.equal(
    values('allow_mount_tmpfs', 'allow_quotas', 'allow_raw_sockets', 'basejail', 'boot', 'vnet', 'template'),
    [...Array(6).fill(true), false],
  )
  assert.equal(values('comment', 'depends', 'vnet1_mac', 'devfs_ruleset', 'type', 'host_hostname'), [
    ...[null, [], null, 0, 'pluginv2', 'my_jail'],
  ])
  assert.equal(
    config.get('ip4_addr').map(({ interface: nic, address, prefix }) => [nic, address, prefix]),
    [
      ['vnet0', '10.0.0.1', 24],
      ['em0', '192.168.0.2', null],
      ['em0.100', '10.1.0.1', 16],
      ['vnet1', 'dhcp', null],
    ],
  )
  assert.equal(config.get('resolver'), {
    method: 'lines',
    lines: ['search example.org lan', 'nameserver 192.0.2.53', 'options ndots:2'],
  })
  assert.equal([config.get('vnet_interfaces'), config.get('notes')], [['em1', 'em2'], 'two\nlines'])
  assert.equal(config.unknown, ['_secret_of_a_tool', 'hack88', 'hostname', 'ipfw_rules'])
  config.set('boot', false).set('vnet0_mac', undefined).set('depends', ['db'])
  const before = JSON.parse(corpus('iocage-odd.json'))
  const { vnet0_mac, ...kept } = before
  assert.equal(JSON.parse(write(config)), { ...kept, boot: 0, depends: 'db' })
})

test('iocage: properties of a dataset are read, and only what was set is set there', () => {
  const lines = corpus('iocage.zfs')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const stored = new Map(lines.map((line) => line.split('\t') as [string, string]))
  const config = new JailConfig('web', { format: 'zfs' }).load(stored, (error) => {
    throw error
  })
  assert.equal(
    [config.get('basejail'), config.get('boot'), config.get('vnet'), config.get('legacy')],
    [true, true, false, true],
  )
  assert.equal(changedProperties(encode(config, 'zfs'), stored, 'tank/iocage/jails/web'), [])
  config.set('vnet', true).set('memoryuse', null).set('boot', undefined)
  assert.equal(
    changedProperties(encode(config, 'zfs'), stored, 'tank/iocage/jails/web').map(({ property, value }) => [
      property.split(':')[1],
      value,
    ]),
    [
      ['boot', null],
      ['memoryuse', 'none'],
      ['vnet', 'on'],
    ],
  )
})

test('UCL as iocage wrote it: sections, arrays, comments, words without quotes', () => {
  const config = parse(corpus('legacy.ucl'), 'ucl')
  assert.is(config.get('legacy'), true)
  assert.equal([config.get('boot'), config.get('vnet'), config.get('securelevel')], [true, false, 2])
  assert.is(config.get('hostid'), '30d37b29-4a3c-4f5c-9a47-6a5e2c1f0b11')
  assert.is(config.get('user.note'), 'say "hi"; # no comment')
  assert.equal([config.get('user.deep.switch'), config.get('user.deep.number')], ['on', '1'])
  assert.equal(config.get('tags'), ['web', 'old'])
  config.set('vnet', true).set('exec_clean', false)
  const written = write(config, 'ucl')
  assert.match(written, 'vnet = "on";\n')
  assert.match(written, 'exec_clean = "0";\n')
  assert.equal(parse(written, 'ucl').entries(), config.entries())
})

test('older iocage says type=basejail and has no flag for it, and hostname', () => {
  assert.is(parse('{"hostname": "old"}').get('host_hostname'), 'old')
  const config = parse('{"type": "basejail"}')
  assert.equal([config.get('basejail'), config.get('type')], [true, 'basejail'])
})

test('any configuration is read back from JSON and from UCL', () => {
  const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,9}$/)
  const user = fc.dictionary(
    fc.array(key, { minLength: 1, maxLength: 3 }).map((path) => `user.${path.join('.')}`),
    fc.string({ unit: 'grapheme' }),
  )
  fc.assert(
    fc.property(user, fc.string({ unit: 'grapheme' }), (values, hook) => {
      const config = new JailConfig('web')
      config.set('exec_prestart', hook.replaceAll('\0', ''))
      for (const [name, value] of Object.entries(values)) {
        try {
          config.set(name, value)
        } catch (error) {
          // A name below a value, or a NUL.
          assert.instance(error, JailConfigError)
        }
      }
      for (const format of ['json', 'ucl'] as const) {
        assert.equal(parse(write(config, format), format).entries(), config.entries(), format)
      }
    }),
    { numRuns: 150 },
  )
})

test('UCL and JSON that are broken say where', async () => {
  const broken: [format: 'json' | 'ucl', text: string, place: [line: number, column: number], reason: RegExp][] = [
    ['json', '{\n  "a": 1,\n}', [3, 1], /./],
    ['json', '{"a": 1', [1, 8], /./],
    ['json', '{"a": tru}', [1, 7], /./],
    ['json', '{"a": "x\ny"}', [1, 7], /./],
    ['json', '{"a": 1} x', [1, 10], /./],
    ['json', '["a"]', [1, 1], /object/],
    ['ucl', 'a = 1;\nb = "x', [2, 5], /ended by "/],
    ['ucl', 'a = [1, 2', [1, 10], /ended by \]/],
    ['ucl', 'a {\n b = 1;\n', [3, 1], /ended by }/],
    ['ucl', 'a = 1;\n.include "/etc/passwd"', [2, 1], /macros/],
    ['ucl', 'a = <<EOD\nx\nEOD', [1, 5], /here-documents/],
    ['ucl', 'a = ;', [1, 5], /value is missing/],
    ['ucl', '/* never', [1, 1], /ended by \*\//],
    ['ucl', 'a = 1; }', [1, 8], /name of a property/],
    ['ucl', '= 1', [1, 1], /name of a property/],
    ['ucl', `a = ${'['.repeat(5000)}`, [1, 70], /levels deep/],
  ]
  for (const [format, text, [line, column], reason] of broken) {
    const error = await thrown<JailConfigUnreadable>(() => formats[format].parse(text, '/etc/web'))
    assert.instance(error, JailConfigUnreadable, text)
    assert.equal([error.details.line, error.details.column], [line, column], text.slice(0, 50))
    assert.match(error.message, reason)
    assert.match(error.message, '/etc/web')
  }
  assert.instance(
    await thrown(() => formats.json.parse(`{"a":${'{"a":'.repeat(100)}1${'}'.repeat(101)}`, '/x')),
    JailConfigUnreadable,
  )
})

test('a number that JSON cannot keep is refused and not changed; in quotes it is kept', async () => {
  const error = await thrown<JailConfigUnreadable>(() => parse('{"user": {"id": 12345678901234567890, "a": 1}}'))
  assert.instance(error, JailConfigUnreadable)
  assert.match(error.message, '12345678901234567890')
  const text = '{"user": {"id": "12345678901234567890", "small": 9007199254740991, "part": 0.12345678901234568}}'
  assert.equal(JSON.parse(write(parse(text))).user, JSON.parse(text).user)
})

test('whatever is thrown at the parser of UCL, it answers with data or with its own error', () => {
  const piece = fc.constantFrom(
    'a',
    'b = 1;',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    ';',
    ',',
    '=',
    ':',
    '#',
    '/*',
    '*/',
    '\n',
    ' ',
    '.',
    '<<',
    'é',
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
      (text) => {
        try {
          parseUcl(text)
        } catch (error) {
          assert.instance(error, UclSyntaxError)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('10,000 hostile characters of UCL are read in at most ten times the time of 1,000', () => {
  const hostile = ['a', '"', '\\', '/*', '*/', '{', '[', 'a{', '#', ' ', '\n', 'a=1;', 'b ', "'", '=', '"a" ']
  for (const unit of hostile) {
    const read = (length: number): void => {
      try {
        parseUcl(`x = 1;${unit.repeat(length / unit.length)}`)
      } catch (error) {
        assert.instance(error, UclSyntaxError)
      }
    }
    assert.is(growsTooFast(read, 11), null, JSON.stringify(unit))
  }
})

test('wrong types and 10 MB are errors that stay short; words for none mean nothing is set', async () => {
  const wrong = await thrown<InvalidJailConfigAddress>(() => parse('{"ip4_addr": "192.0.2.7"}'))
  assert.instance(wrong, InvalidJailConfigAddress)
  for (const text of [
    '{"vnet": []}',
    '{"priority": "high"}',
    '{"exec_start": 5}',
    '{"ip4_addr": 7}',
    '{"resolver": [1]}',
  ]) {
    assert.instance(await thrown(() => parse(text)), JailConfigError, text)
  }
  const large = await thrown(() => parse(JSON.stringify({ user: { note: 'x'.repeat(10_000_000) } })))
  assert.instance(large, JailConfigError)
  assert.ok(large.message.length < 400, large.message)
  const none = parse('{"vnet": "none", "boot": null, "priority": "-", "exec_start": "none"}')
  assert.equal([none.get('vnet'), none.isSet('vnet'), none.get('exec_start')], [false, false, null])
})

test.run()
