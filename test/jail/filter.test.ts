import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Host,
  JailConfig,
  JailFilterException,
  JailFilterInvalidName,
  JailGenerator,
  Pattern,
  ResourceSelector,
  Term,
  Terms,
} from '@gaoler/jail'
import fc from 'fast-check'
import { growsTooFast } from '../figures.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/filter')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-filter-'))
const host = Host.open({ platform: 'embedded', directory })
test.after(() => rmSync(directory, { recursive: true, force: true }))

const resource = (name: string, values: Record<string, unknown> = {}, source = 'ioc') => ({
  source,
  name,
  get: (key: string) => values[key] ?? null,
})

test('a star is any run, a plus one that is not empty, and every other character is itself', () => {
  const cases: [pattern: string, fits: string[], not: string[]][] = [
    ['web*', ['web', 'web1', 'web-a.b'], ['we', 'aweb']],
    ['web+', ['web1', 'web12'], ['web']],
    ['*+*', ['a', 'ab'], ['']],
    ['++', ['ab', 'abc'], ['a', '']],
    ['a*b*c', ['abc', 'a1b2c', 'abbc'], ['ab', 'acb', 'abcd']],
    ['*a*a', ['aa', 'xaya'], ['a', 'aab']],
    ['ab*ba', ['abba', 'ab1ba'], ['aba']],
    ['a+a+a', ['axaxa', 'aaaaa'], ['aaa', 'aaaa']],
    ['a.c', ['a.c'], ['abc']],
    ['[ab]{1}|x^$?()', ['[ab]{1}|x^$?()'], ['a', 'x']],
    ['\\*', ['*'], ['a', '']],
    ['a\\\\b', ['a\\b'], ['ab']],
    ['a\\', ['a\\'], ['a']],
    ['', [''], ['a']],
  ]
  for (const [pattern, fits, not] of cases) {
    for (const value of fits) assert.ok(new Pattern(pattern).matches(value), `${pattern} fits ${value}`)
    for (const value of not) assert.not(new Pattern(pattern).matches(value), `${pattern} does not fit ${value}`)
  }
})

/** What wildcards mean, written down without a thought for time. */
function fits(pattern: string, value: string): boolean {
  const [first, ...rest] = [...pattern]
  if (first === undefined) return value === ''
  const tail = rest.join('')
  if (first === '*') return fits(tail, value) || (value !== '' && fits(pattern, value.slice(1)))
  if (first === '+') return value !== '' && (fits(tail, value.slice(1)) || fits(pattern, value.slice(1)))
  return value[0] === first && fits(tail, value.slice(1))
}

test('any pattern matches what its definition says', () => {
  const letters = (of: string[], maxLength: number) => fc.string({ unit: fc.constantFrom(...of), maxLength })
  fc.assert(
    fc.property(letters(['a', 'b', '*', '+', '.'], 8), letters(['a', 'b', '.'], 10), (pattern, value) => {
      assert.is(new Pattern(pattern).matches(value), fits(pattern, value))
    }),
    { numRuns: 3000 },
  )
})

test('an escaped text matches itself and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const { literal } = new Pattern(Pattern.escape(text))
      assert.is(literal, text)
      const terms = new Terms(`user.x=${Pattern.escape(text)}`)
      assert.is(terms.size, 1)
      if (text !== '') assert.ok(terms.matchKey('user.x', text))
      if (!/^(yes|true|on|1|no|false|off|0|none|-|)$/i.test(text))
        assert.is(terms.matchKey('user.x', other), other === text)
    }),
  )
})

test('terms are joined by and, values by or, and their text reads back as the same filter', () => {
  const terms = new Terms('web* release=14.3-*,15.0-RELEASE boot=yes')
  assert.equal(
    [...terms].map(({ key, values }) => [key, values]),
    [
      ['name', ['web*']],
      ['release', ['14.3-*', '15.0-RELEASE']],
      ['boot', ['yes']],
    ],
  )
  assert.is(String(new Terms(String(terms))), String(terms))
  assert.ok(terms.matchResource(resource('web1', { release: '14.3-RELEASE', boot: true })))
  assert.not(terms.matchResource(resource('web1', { release: '13.2-RELEASE', boot: true })))
  assert.not(terms.matchResource(resource('web1', { release: '15.0-RELEASE', boot: false })))
  assert.not(terms.matchResource(resource('db', { release: '15.0-RELEASE', boot: true })))
  assert.ok(new Terms(null).matchResource(resource('web1')))
  const arbitrary = fc.array(
    fc.tuple(
      fc.stringMatching(/^[a-z_]{1,8}$/).filter((key) => key !== 'name'),
      fc.array(fc.string().map(Pattern.escape), { minLength: 1, maxLength: 3 }),
    ),
  )
  fc.assert(
    fc.property(arbitrary, (given) => {
      const built = new Terms(given.map(([key, values]) => new Term(key, values)))
      const read = new Terms(String(built))
      assert.equal(
        [...read].map(({ key, values }) => [key, values]),
        given,
      )
    }),
  )
})

test('what a value can be written as is the same: booleans, nothing, items of a list', () => {
  const ok: [string, unknown][] = [
    ['boot=on', true],
    ['boot=1', true],
    ['boot=No', false],
    ['boot=yes', 'on'],
    ['tag=-', null],
    ['tag=none', ''],
    ['tag=a,', null],
    ['tag=a,', 'a'],
    ['tag=b', ['a', 'b']],
    ['tag=', []],
    ['template=no,-', null],
    ['priority=1', 1],
    ['user.x=a\\,b', 'a,b'],
    ['user.x=a\\ b', 'a b'],
    ['user.x=a=b', 'a=b'],
  ]
  const not: [string, unknown][] = [
    ['boot=yes', false],
    ['boot=yes', null],
    ['priority=yes', 1],
    ['tag=c', ['a', 'b']],
    ['tag=a,', 'b'],
    ['release=foo', 'FOO'],
    ['release=FOO', 'foo'],
  ]
  for (const [text, value] of ok) {
    assert.ok(new Terms(text).matchKey([...new Terms(text)][0]?.key ?? '', value), `${text} fits ${value}`)
  }
  for (const [text, value] of not) {
    assert.not(new Terms(text).matchKey([...new Terms(text)][0]?.key ?? '', value), `${text} does not fit ${value}`)
  }
})

test('names may be in a source, ALL is every one, and eight characters stand for a UUID', () => {
  const uuid = '1a2b3c4d-0000-4000-8000-000000000000'
  const fits = (text: string, name: string, source = 'ioc') => new Terms(text).matchResource(resource(name, {}, source))
  assert.ok(fits('ALL', 'web') && fits('*', 'web') && fits('+', 'web'))
  assert.ok(fits('1a2b3c4d', uuid) && fits('1A2B3C4D', uuid) && fits(uuid, uuid))
  assert.not(fits('1a2b3c4', uuid))
  assert.not(fits('1a2b3c4d', '1a2b3c4d-no-uuid'))
  assert.ok(fits('fast/web*', 'web1', 'fast'))
  assert.not(fits('fast/web*', 'web1', 'slow'))
  assert.ok(fits('fast/web,slow/db', 'db', 'slow'))
  assert.not(new Terms('fast/web').matchSource('slow'))
  assert.ok(new Terms('fast/web,db').matchSource('slow'))
  assert.ok(new Terms('web db').size === 2, 'and no jail has two names')
})

test('what no jail can be called, and what is no filter, is refused by name', async () => {
  for (const text of [
    'a b/c',
    'a/b/c',
    '-web',
    'web[12]',
    'web|db',
    '(web)',
    'wéb',
    'x'.repeat(300),
    '*'.repeat(300),
    ',',
  ]) {
    const error = await thrown(() => new Terms(text.includes(' ') ? [new Term('name', text)] : text))
    assert.ok(/JAIL_FILTER|INVALID_SOURCE_NAME/.test((error as JailFilterException).code), `${text}: ${error}`)
  }
  assert.instance(await thrown(() => new ResourceSelector('web$')), JailFilterInvalidName)
  assert.instance(await thrown(() => new Terms('=x')), JailFilterException)
  assert.instance(await thrown(() => new Terms('a$b=x')), JailFilterException)
  assert.instance(await thrown(() => new Terms(`user.x=${'x'.repeat(200_000)}`)), JailFilterException)
})

test('10,000 hostile characters take at most ten times the time of 1,000, in names, globs and lists', () => {
  const refused = (make: () => unknown) => {
    try {
      make()
    } catch {
      return
    }
    assert.unreachable()
  }
  const cases: ((n: number) => unknown)[] = [
    (n) => new Pattern('*a'.repeat(n / 2)).matches(`${'a'.repeat(n)}b`),
    (n) => new Pattern(`*${'a'.repeat(n / 2)}b*`).matches('a'.repeat(n)),
    (n) => new Pattern('+'.repeat(n)).matches('a'.repeat(n - 1)),
    (n) => new Pattern('*').matches('a'.repeat(n)),
    (n) => new Terms(`user.x=${'\\ '.repeat(n / 2)}`).matchKey('user.x', 'x'),
    (n) => new Terms(','.repeat(n).replace(/^/, 'user.x=')).matchKey('user.x', 'y'),
    (n) => new Terms(`user.x=${'*a,'.repeat(n / 3)}`).matchKey('user.x', 'ab'),
    (n) => new Terms('a=b '.repeat(n / 4)).matchKey('a', 'c'),
    (n) => new Terms(`${'a,'.repeat(n / 2)}b`).matchName('ioc', 'c'),
    (n) => new Terms('a* '.repeat(n / 3)).matchName('ioc', 'b'),
    (n) => refused(() => new ResourceSelector('a-'.repeat(n / 2))),
    (n) => refused(() => new ResourceSelector('a/'.repeat(n / 2))),
    (n) => refused(() => new ResourceSelector(`${'a_'.repeat(n / 2)}/web`)),
    (n) => refused(() => new JailGenerator('a.'.repeat(n / 2), { host })),
    (n) => refused(() => new JailConfig('web').get(`user.${'a.'.repeat(n / 2)}`)),
    (n) => refused(() => new JailConfig('web').get(`${'a-'.repeat(n / 2)}_mac`)),
  ]
  for (const [index, run] of cases.entries()) assert.is(growsTooFast(run), null, `case ${index}`)
})

test.run()
