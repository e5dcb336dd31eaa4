import {
  Fstab,
  FstabDestinationExists,
  fstabLine,
  InvalidFstabLine,
  VirtualFstabLineHasNoRealIndex,
} from '@gaoler/jail'
import fc from 'fast-check'
import { growsTooFast } from '../figures.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('jail/fstab')
const parse = (text: string): Fstab => Fstab.parse(text, '/jail/fstab')

test('comments, empty lines and the order of a file stay as they are', () => {
  const text = '# what the web server needs\n\n/srv/www\t/jail/root/www\tnullfs\tro\t0\t0\n  # the end\n'
  assert.is(parse(text).toString(), text)
  assert.is(parse('').toString(), '')
})

test('a line that nobody changes is written as it was, spaces, comments, ends of lines and all', () => {
  const lines = [
    '/a   /d  nullfs\tro #why',
    '\t/b\\ c /e nullfs ro 0 0  ',
    '/c /f nullfs ro\r',
    '# é\r',
    '',
    '\t',
    'broken line',
  ]
  const text = lines.join('\n')
  const fstab = parse(text).below('/jail/root')
  assert.is(fstab.toString(), `${text}\n`)
  assert.equal(
    fstab.lines.map(({ destination, comment }) => [destination, comment]),
    [
      ['/jail/root/d', 'why'],
      ['/jail/root/e', null],
      ['/jail/root/f', null],
    ],
  )
  const changed = fstab.add(fstabLine({ source: '/x', destination: '/jail/root/x' })).remove(1)
  assert.is(
    changed.toString(),
    `${[...lines.slice(0, 1), ...lines.slice(2)].join('\n')}\n/x\t/jail/root/x\tnullfs\tro\t0\t0\n`,
  )
})

test('octal escapes are bytes of UTF-8, whoever has written them', () => {
  const [line] = parse('/d\\303\\251 /\\346\\227\\245\\040x nullfs ro').lines
  assert.equal([line?.source, line?.destination], ['/dé', '/日 x'])
})

test('a place that is written in two ways is one place', async () => {
  const fstab = parse('/a /mnt nullfs ro\n/b /jail/root/mnt nullfs ro\n').below('/jail/root')
  assert.is(fstab.length, 1)
  assert.match(
    (await thrown(() => fstab.requireReadable())).message,
    'a line above it mounts at /jail/root/mnt already',
  )
  assert.is(fstab.toString(), '/a /mnt nullfs ro\n/b /jail/root/mnt nullfs ro\n')
})

test('a line is read as fstab(5) and libioc write it, and a changed one is written with tabs and octal escapes', () => {
  const read = parse('/data/a\\ b /root/c\\040d\\134e nullfs rw,noatime 1 2 # of the web server\n')
  assert.equal(read.lines, [
    {
      kind: 'mount',
      source: '/data/a b',
      destination: '/root/c d\\e',
      type: 'nullfs',
      options: ['rw', 'noatime'],
      freq: 1,
      passno: 2,
      comment: 'of the web server',
    },
  ])
  assert.is(
    read.replacePath('/data', '/srv').toString(),
    '/srv/a\\040b\t/root/c\\040d\\134e\tnullfs\trw,noatime\t1\t2\t# of the web server\n',
  )
})

test('the last two fields may be missing, and a source may be a bare word', () => {
  const [line] = parse('tmpfs /jail/root/tmp tmpfs rw,size=1m').lines
  assert.equal([line?.source, line?.freq, line?.passno], ['tmpfs', 0, 0])
})

test('what is no line of an fstab is kept when the file is written, and refused when it would be mounted', async () => {
  const wrong = [
    '/a /b nullfs',
    '/a /b nullfs ro 0 0 0',
    '/a b nullfs ro 0 0',
    'a/b /b nullfs ro 0 0',
    'data /b nullfs ro 0 0',
    '/a /b/../c nullfs ro 0 0',
    '/a //b nullfs ro 0 0',
    '/a /b/... nullfs ro 0 0',
    '/a /b\\012c nullfs ro 0 0',
    '/a /b -o ro 0 0',
    '/a /b nullfs -o,x 0 0',
    '/a /b nullfs ro zero 0',
    '/a /b nullfs ro -1 0',
  ]
  for (const line of wrong) {
    const fstab = parse(`/s /d nullfs ro 0 0\n${line}\n`)
    assert.is(fstab.length, 1, line)
    assert.ok(fstab.toString().endsWith(`\n${line}\n`), line)
    const error = await thrown<InvalidFstabLine>(() => fstab.requireReadable())
    assert.instance(error, InvalidFstabLine)
    assert.ok(error.message.includes(JSON.stringify(line).slice(1, -1)) && error.message.includes('/jail/fstab'))
  }
})

test('of two lines with one destination the second is not lost and not mounted', async () => {
  const fstab = parse('/a /d nullfs ro 0 0\n/b /d nullfs ro 0 0\n')
  assert.equal(
    fstab.lines.map(({ source }) => source),
    ['/a'],
  )
  assert.ok(fstab.toString().endsWith('/b /d nullfs ro 0 0\n'))
  assert.match((await thrown(() => fstab.requireReadable())).message, /a line above it mounts at \/d already/)
})

test('lines that libioc has made by itself are dropped, and the first leaves its place', () => {
  const fstab = parse(
    '# first\n/r/bin /j/bin nullfs ro 0 0 # iocage-auto\n/r/lib /j/lib nullfs ro 0 0 # iocage-auto\n/a /d nullfs ro 0 0\n',
  )
  assert.equal(
    fstab.entries.map(({ kind }) => kind),
    ['comment', 'automatic', 'mount'],
  )
  assert.is(fstab.toString(), '# first\n/a /d nullfs ro 0 0\n')
})

test('lines are added, replaced, found and removed; a destination is there once', async () => {
  const a = fstabLine({ source: '/a', destination: '/d' })
  const b = fstabLine({ source: '/b', destination: '/d', options: 'rw' })
  const fstab = new Fstab('/jail/fstab').add(a)
  assert.instance(await thrown(() => fstab.add(b)), FstabDestinationExists)
  assert.is(fstab.add(b, { skipExisting: true }), fstab)
  assert.equal(fstab.add(b, { replace: true }).lines, [b])
  assert.equal([fstab.indexOf('/d'), fstab.indexOf('/e'), fstab.length, [...fstab].length], [0, -1, 1, 1])
  assert.is(fstab.remove(0).toString(), '')
  for (const index of [1, -1, 0.5]) {
    const error = await thrown(() => fstab.remove(index))
    assert.instance(error, VirtualFstabLineHasNoRealIndex)
    assert.match(error.message, `has no line "${index}"`)
  }
})

test('paths are replaced by whole names, in sources and destinations', () => {
  const fstab = parse('/jails/web/x /jails/web/root/m nullfs ro\n/jails/web2/x /jails/web nullfs ro\n')
  assert.equal(
    fstab.replacePath('/jails/web', '/jails/shop').lines.map(({ source, destination }) => [source, destination]),
    [
      ['/jails/shop/x', '/jails/shop/root/m'],
      ['/jails/web2/x', '/jails/shop'],
    ],
  )
})

test('a destination that is not below the root of the jail is taken as a path in it', () => {
  const fstab = parse('/a /mnt nullfs ro\n/a /jail/root/srv nullfs ro\n/a /jail/rootless nullfs ro\n').below(
    '/jail/root',
  )
  assert.equal(
    fstab.lines.map(({ destination }) => destination),
    ['/jail/root/mnt', '/jail/root/srv', '/jail/root/jail/rootless'],
  )
})

test('a line that is made by hand is checked like one that is read', async () => {
  for (const init of [
    { source: '../x', destination: '/d' },
    { source: '/x', destination: '/d/..' },
    { source: '/x\0', destination: '/d' },
    { source: '/x', destination: 'd' },
    { source: '/x', destination: '/d', type: '--bind' },
    { source: '/x', destination: '/d', options: 'ro,,x' },
    { source: '/x', destination: '/d', options: ['a b'] },
    { source: '/x', destination: '/d', freq: -1 },
    { source: '/x', destination: '/d', passno: Number.NaN },
    { source: '/x', destination: '/d', comment: 'a\nb' },
  ]) {
    assert.instance(await thrown(() => fstabLine(init)), InvalidFstabLine, JSON.stringify(init))
  }
})

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !/[/\p{Cc}]|^\.+$/u.test(text))
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`)

test('any line that can be made is read again as it was written', () => {
  fc.assert(
    fc.property(
      path,
      path,
      fc.constantFrom('nullfs', 'tmpfs', 'procfs'),
      fc.array(fc.constantFrom('ro', 'rw', 'noatime', 'size=1m'), { minLength: 1, maxLength: 3 }),
      fc.option(fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n\0]/g, '').trim())),
      (source, destination, type, options, comment) => {
        const line = fstabLine({ source, destination, type, options, comment })
        fc.pre(comment !== 'iocage-auto')
        assert.equal(parse(new Fstab('/f').add(line).toString()).lines, [line])
      },
    ),
  )
})

test('whatever a file holds, reading never fails, and what was read and written is read again alike', () => {
  const text = fc.string({ unit: fc.constantFrom(...'/ab \t\\#\n012.,=-ro'), maxLength: 200 })
  fc.assert(
    fc.property(text, (content) => {
      const once = parse(content)
      assert.equal(
        parse(once.toString()).lines.map(({ comment, ...line }) => line),
        once.lines.map(({ comment, ...line }) => line),
      )
    }),
    { numRuns: 2000 },
  )
})

test('10,000 hostile characters of an fstab are read in at most ten times the time of 1,000', () => {
  for (const unit of ['\\', ' ', '#', '\\040', '\\303', '/', 'a ']) {
    const read = (length: number): Fstab => parse(unit.repeat(length / unit.length))
    assert.is(growsTooFast(read, 11), null, JSON.stringify(unit))
  }
})

test.run()
