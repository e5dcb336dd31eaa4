import { InvalidRcConf } from '@gaoler/jail'
import fc from 'fast-check'
import { parseRcConf } from '../../packages/jail/src/host/rc-conf.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/rc-conf')

const parse = (text: string) => Object.fromEntries(parseRcConf(text, 'rc.conf'))

test('assignments are read as the shell reads them', () => {
  assert.equal(
    parse(`
# a comment
hostname="host.example"   # another
ioc_dataset_fast="fast/iocage"
ioc_dataset_slow='slow/ioc''age'
a=plain#word b=two; c=
quoted="a \\"b\\" \\$5 \\n \\\\"
joined='it'"'"'s'
long="one \\
two"
lines="a
b"
a=last
`),
    {
      hostname: 'host.example',
      ioc_dataset_fast: 'fast/iocage',
      ioc_dataset_slow: 'slow/iocage',
      a: 'last',
      b: 'two',
      c: '',
      quoted: 'a "b" $5 \\n \\',
      joined: "it's",
      long: 'one two',
      lines: 'a\nb',
    },
  )
  assert.equal(
    [...parseRcConf('b=1\na=2\nb=3', 'x')],
    [
      ['b', '3'],
      ['a', '2'],
    ],
  )
  assert.equal(parse('a=1\r\nb=2\r\n'), { a: '1', b: '2' })
})

test('what only a shell could know is not known, and is never run', () => {
  assert.equal(parse('a="$HOME" b=$x c=`id`d e="\\\\$x" f=\'$x\''), { a: null, b: null, c: null, e: null, f: '$x' })
})

test('a line that is no assignment is refused with its number', async () => {
  for (const text of [
    'a=1\nif true; then\nb=2\nfi',
    'a=1\n. /etc/x',
    'a=1\nb="open',
    "a=1\nb='open",
    'a=1\nb=(x)',
    'a=1\nb=x&',
    'a=1\n1b=x',
  ]) {
    const error = (await thrown(() => parse(text))) as InvalidRcConf
    assert.instance(error, InvalidRcConf, text)
    assert.is(error.details.line, 2, text)
    assert.is(error.details.file, 'rc.conf')
  }
})

test('any value that is quoted comes back', () => {
  const single = fc.string({ unit: 'binary' }).filter((text) => !text.includes("'"))
  fc.assert(fc.property(single, (value) => assert.is(parse(`a='${value}'\nb=x`).a, value)))
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      assert.is(parse(`a="${value.replace(/["\\$`]/g, '\\$&')}"`).a, value)
    }),
  )
})

test('any text is read or refused, and soon', async () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '"', "'", '\\', '#', ' ', '\n', '$', ';') }), (text) => {
      try {
        parse(text)
      } catch (error) {
        assert.instance(error, InvalidRcConf)
      }
    }),
  )
  // Quadratic time would be beyond the test's time limit.
  for (const text of [
    `a="${'\\'.repeat(1_000_000)}`,
    `a=${'x'.repeat(1_000_000)}`,
    `${'a'.repeat(1_000_000)}`,
    'a=1 '.repeat(250_000),
  ]) {
    try {
      parse(text)
    } catch (error) {
      assert.instance(error, InvalidRcConf)
    }
  }
})

test.run()
