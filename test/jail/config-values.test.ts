import fc from 'fast-check'
import { addresses } from '../../packages/jail/src/config/values/addresses.ts'
import { gateway } from '../../packages/jail/src/config/values/gateway.ts'
import { devfsRuleset, hostuuid } from '../../packages/jail/src/config/values/identity.ts'
import { interfaces } from '../../packages/jail/src/config/values/interfaces.ts'
import { amountOf, limit } from '../../packages/jail/src/config/values/limit.ts'
import { datasets, list, words } from '../../packages/jail/src/config/values/lists.ts'
import { macPair, macPrefix } from '../../packages/jail/src/config/values/mac.ts'
import { resolver } from '../../packages/jail/src/config/values/resolver.ts'
import { boolean, choice, integer, text } from '../../packages/jail/src/config/values/scalars.ts'
import { terms } from '../../packages/jail/src/config/values/terms.ts'
import type { ValueType } from '../../packages/jail/src/config/values/value-type.ts'
import { growsTooFast } from '../figures.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/config values')

const nic = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
const ipv4 = fc.ipV4()
const ipv6 = fc.ipV6().filter((address) => !/^fe[89ab]/i.test(address) && !address.includes('.'))
const mac = fc
  .tuple(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 2 ** 40 - 1 }))
  .map(([first, rest]) => (first * 2).toString(16).padStart(2, '0') + rest.toString(16).padStart(10, '0'))
  .map((digits) => (digits.match(/../g) as string[]).join(':'))
const address = <A>(family: 4 | 6, ip: fc.Arbitrary<string>): fc.Arbitrary<A> =>
  fc.record({
    interface: nic,
    address: ip,
    prefix: fc.option(fc.integer({ min: 0, max: family === 4 ? 32 : 128 })),
  }) as never

const item = fc.string({ minLength: 1, maxLength: 20 }).filter((each) => each.trim() === each && !each.includes('\0'))
const lists = fc.array(item).filter((items) => !(items.length === 1 && /^(none|-)$/i.test(items[0] as string)))

/** A value of each type that its own text reads back. */
const cases: readonly [name: string, type: ValueType<never>, values: fc.Arbitrary<unknown>][] = [
  [
    'IPv4 addresses',
    addresses(4),
    fc.array(
      fc.oneof(
        address(4, ipv4),
        nic.map((name) => ({ interface: name, address: 'dhcp', prefix: null })),
      ),
    ),
  ],
  ['IPv6 addresses', addresses(6), fc.array(address(6, ipv6))],
  [
    'interfaces',
    interfaces,
    fc.uniqueArray(
      fc.record({ interface: nic, bridge: fc.option(nic.filter((name) => name !== 'none')), secure: fc.boolean() }),
      {
        selector: (each) => each.interface,
      },
    ),
  ],
  ['IPv4 gateways', gateway(4), fc.option(fc.record({ address: ipv4, interface: fc.option(nic) }))],
  ['IPv6 gateways', gateway(6), fc.option(fc.record({ address: ipv6, interface: fc.option(nic) }))],
  [
    'resolvers',
    resolver,
    fc.oneof(
      fc.constant({ method: 'leave' }),
      fc.record({ method: fc.constant('nameservers'), addresses: fc.array(fc.oneof(ipv4, ipv6), { minLength: 1 }) }),
      fc.stringMatching(/^\/[a-z]{1,9}\/[a-z.]{1,9}[a-z]$/).map((file) => ({ method: 'copy', file })),
    ),
  ],
  [
    'limits',
    limit,
    fc.option(
      fc.record({
        amount: fc.tuple(fc.nat(), fc.constantFrom('', 'K', 'm', 'G', 't')).map((parts) => parts.join('')),
        action: fc.constantFrom('deny', 'log', 'devctl', 'throttle', 'sigterm', 'sigusr1'),
        per: fc.constantFrom('jail', 'process', 'user', 'loginclass'),
      }),
    ),
  ],
  ['MAC pairs', macPair, fc.uniqueArray(mac, { minLength: 2, maxLength: 2 }).map(([host, jail]) => ({ host, jail }))],
  ['lists', list, lists],
  ['words', words, lists.map((items) => items.map((each) => each.replace(/\s/g, '_')))],
  ['datasets', datasets, fc.array(fc.stringMatching(/^[a-z][a-z0-9_.:-]{0,8}(\/[a-z0-9_:-]{1,9}){0,3}$/))],
  ['terms', terms, fc.array(fc.stringMatching(/^([a-z]{1,5}=)?[a-z0-9*]{1,9}$/).filter((each) => each !== 'none'))],
  ['UUIDs', hostuuid, fc.option(fc.uuid())],
  [
    'rulesets',
    devfsRuleset,
    fc.option(fc.oneof(fc.integer({ min: 0, max: 65_535 }), fc.stringMatching(/^[a-z_]{1,9}$/))),
  ],
  ['booleans', boolean, fc.boolean()],
  ['integers', integer({ from: -9 }), fc.integer({ min: -9 })],
  ['choices', choice('new', 'inherit'), fc.constantFrom('new', 'inherit')],
  ['texts', text, fc.option(fc.string().filter((each) => !each.includes('\0') && !/^\s*(none|-|)\s*$/i.test(each)))],
] as never

for (const [name, type, values] of cases) {
  test(`${name} are read back from what is written, as text and as a value`, () => {
    fc.assert(
      fc.property(values, (value) => {
        const parsed = type.parse(value)
        const back = type.parse(type.format(parsed))
        assert.equal(back, parsed)
        assert.ok(type.equal(parsed, back))
        if (type.iocage) assert.ok(type.equal(type.parse(type.iocage(parsed)), parsed))
        assert.ok(typeof parsed !== 'object' || parsed === null || Object.isFrozen(parsed), 'nobody can change it')
      }),
      { numRuns: 60 },
    )
  })
}

test('what is not a value is refused with a reason', async () => {
  const refused: [type: ValueType<never>, written: unknown, reason: RegExp][] = [
    [addresses(4), '192.0.2.7/24', /interface/],
    [addresses(4), 'em0|192.0.2.300', /not an IPv4 address/],
    [addresses(4), 'em0|192.0.2.7/33', /prefix/],
    [addresses(4), 'em0|2001:db8::1', /not an IPv4 address/],
    [addresses(4), 'em0|accept_rtadv', /not an IPv4 address/],
    [addresses(6), 'em0|fe80::1%em0', /not an IPv6 address/],
    [addresses(4), '-x|192.0.2.7', /interface/],
    [addresses(4), 'em0|192.0.2.7|x', /interface/],
    [interfaces, 'vnet0', /bridge/],
    [interfaces, 'vnet0:a:b', /bridge/],
    [interfaces, 'vnet0:bridge0,vnet0:bridge1', /twice/],
    [gateway(4), '192.0.2.1@', /interface/],
    [gateway(6), 'fe80::1', /link-local/],
    [resolver, '192.0.2.1;nowhere', /neither/],
    [resolver, '/etc/../../x', /plain/],
    [limit, '12x', /limit/],
    [limit, 'deny=1M:log', /limit/],
    [limit, '1M/host', /limit/],
    [macPair, 'zz:ff:60:00:00:01,02:ff:60:00:00:02', /12 hexadecimal/],
    [macPair, '02ff60000001', /two/],
    [macPair, '01ff60000001,02ff60000001', /multicast/],
    [macPair, '02ff60000001,02:ff:60:00:00:01', /same/],
    [macPrefix, '01ff', /even/],
    [datasets, 'tank/../x', /name of a dataset/],
    [datasets, '-r', /name of a dataset/],
    [devfsRuleset, '70000', /65535/],
    [hostuuid, '../x', /UUID/],
    [integer(), '1e3', /whole number/],
    [boolean, 'maybe', /yes or no/],
    [text, 'a\0b', /NUL/],
    [list, ['a', ''], /empty/],
  ] as never
  for (const [type, written, reason] of refused) {
    const error = await thrown(() => type.parse(written))
    assert.instance(error, RangeError, String(written))
    assert.match(error.message, reason, String(written))
  }
})

test('the same in other words is equal', () => {
  assert.ok(limit.equal(limit.parse('1K'), limit.parse('deny=1024/jail')))
  assert.is(amountOf({ amount: '2G' }), 2n ** 31n)
  const v6 = addresses(6)
  assert.ok(v6.equal(v6.parse('em0|2001:DB8:0::1/64'), v6.parse('em0|2001:db8::1/64')))
  assert.not.ok(v6.equal(v6.parse('em0|2001:db8::1/64'), v6.parse('em1|2001:db8::1/64')))
  assert.equal(macPair.parse('02ff60aabbcc 02-ff-60-aa-bb-cd'), macPair.parse('02:FF:60:aa:bb:cc,02ff60aabbcd'))
  assert.equal(gateway(6).parse('fe80::1%vnet0'), gateway(6).parse('fe80::1@vnet0'))
  assert.equal(list.parse('a\\,b, c:\\temp'), ['a,b', 'c:\\temp'])
  assert.equal(terms.parse('db,cache tag=x,y'), ['db', 'cache', 'tag=x,y'])
})

test('10,000 hostile characters are read in at most ten times the time of 1,000', () => {
  const hostile = ['a', ',', ' ', '\\', '|', ':', '=', '/', 'a ', 'a,', '\\ ', 'a|', '1.', '-a', '/a', ';1']
  for (const [name, type] of cases) {
    for (const unit of hostile) {
      const read = (length: number): void => {
        try {
          type.parse(unit.repeat(length / unit.length))
        } catch (error) {
          assert.instance(error, RangeError)
        }
      }
      assert.is(growsTooFast(read, 5), null, `${name} of ${JSON.stringify(unit)}`)
    }
  }
})

test.run()
