import { existsSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { JailCommandNotFound } from '../../packages/jail/src/errors.ts'
import { hostCommand } from '../../packages/jail/src/platform/embedded/argv.ts'
import { JailPathNotFound } from '../../packages/jail/src/platform/embedded/index.ts'
import { hostWord, lookUp } from '../../packages/jail/src/platform/embedded/paths.ts'
import { assert, suite, thrown } from '../harness.ts'
import { type Fixture, withFixture, withJail } from './embedded-support.ts'

const test = suite('embedded paths')

/** What becomes of the words behind the program `words`, which prints them. */
async function words(fixture: Fixture, ...args: string[]): Promise<string[]> {
  fixture.file('bin/words', '#!/bin/sh\nfor word; do echo "$word"; done\n', 0o755)
  return ((await fixture.exec(['words', ...args])).stdout ?? '').split('\n').slice(0, -1)
}

function link(fixture: Fixture, path: string, to: string): void {
  symlinkSync(to, join(fixture.root, path))
}

test(
  'words that begin with a slash are paths inside the jail, others are left alone',
  withJail(async (fixture) => {
    const { root } = fixture
    fixture.file('etc/motd', '')
    assert.equal(await words(fixture, '/etc/motd', '/etc/', '/', '//etc//motd'), [
      `${root}/etc/motd`,
      `${root}/etc/`,
      `${root}/`,
      `${root}//etc//motd`,
    ])
    const others = ['etc/motd', '--file=/etc/passwd', '-I/usr', 'a b', '', '-', '--', '*']
    assert.equal(await words(fixture, ...others), others)
  }),
)

test(
  'absolute links begin at the root of the jail, and .. ends there',
  withJail(async (fixture) => {
    const { root } = fixture
    fixture.file('etc/passwd', 'of the jail')
    mkdirSync(join(root, 'var/deep'), { recursive: true })
    link(fixture, 'etc/absolute', '/etc/passwd')
    link(fixture, 'etc/up', '../../../../etc/passwd')
    link(fixture, 'slash', '/')
    link(fixture, 'bin2', '/bin')
    link(fixture, 'etc/chain', '/slash/etc/absolute')
    fixture.file('bin/cat', '#!/bin/sh\nexec /bin/cat "$@"\n', 0o755)
    for (const path of [
      '/etc/absolute',
      '/etc/up',
      '/slash/etc/passwd',
      '/etc/chain',
      '/../../etc/passwd',
      '/var/deep/../../../etc/passwd',
      '/slash/../slash/etc/up',
    ]) {
      assert.is((await fixture.exec(['/bin/cat', path])).stdout, 'of the jail', path)
    }
    assert.is((await fixture.exec(['/bin2/cat', '/etc/passwd'])).stdout, 'of the jail')
  }),
)

test(
  'a link of the jail to a file that only the host has leads nowhere',
  withJail(async (fixture) => {
    const { root } = fixture
    link(fixture, 'etc/absolute', '/etc/passwd')
    link(fixture, 'etc/up', '../../../../../../../../etc/passwd')
    link(fixture, 'host', '/usr/lib')
    assert.equal(await words(fixture, '/etc/absolute', '/etc/up'), [`${root}/etc/passwd`, `${root}/etc/passwd`])
    assert.instance(await thrown(() => words(fixture, '/host/x')), JailPathNotFound)
  }),
)

test(
  'a link that leads to the same on the host stays a link',
  withJail(async (fixture) => {
    fixture.file('etc/motd', 'welcome')
    link(fixture, 'etc/relative', 'motd')
    link(fixture, 'etc/absolute', '/etc/motd')
    fixture.file('bin/rm', '#!/bin/sh\nexec /bin/rm "$@"\n', 0o755)
    await fixture.exec(['rm', '/etc/relative'])
    assert.ok(existsSync(join(fixture.root, 'etc/motd')))
    assert.throws(() => lstatSync(join(fixture.root, 'etc/relative')))
    assert.equal(await words(fixture, '/etc/absolute'), [`${fixture.root}/etc/motd`])
  }),
)

test(
  'a file may be missing where its directory is there',
  withJail(async (fixture) => {
    const { root } = fixture
    fixture.file('etc/motd', '')
    link(fixture, 'tmp/dangling', 'none')
    link(fixture, 'new', '/tmp')
    assert.equal(await words(fixture, '/new-file', '/tmp/new/', '/new/x', '/tmp/dangling'), [
      `${root}/new-file`,
      `${root}/tmp/new/`,
      `${root}/tmp/x`,
      `${root}/tmp/none`,
    ])
    for (const path of ['/none/new', '/etc/motd/new', '/tmp/dangling/new']) {
      const error = await thrown<JailPathNotFound>(() => words(fixture, path))
      assert.instance(error, JailPathNotFound, path)
      assert.equal(error.details, { jail: 'web', path, command: 'words' })
      assert.is(error.code, 'JAIL_PATH_NOT_FOUND')
    }
  }),
)

test(
  'links that go in a circle lead nowhere',
  withJail(async (fixture) => {
    link(fixture, 'a', 'b')
    link(fixture, 'b', '/a')
    link(fixture, 'self', 'self/x')
    for (const path of ['/a', '/b/c', '/self', '/self/self']) {
      assert.instance(await thrown(() => words(fixture, path)), JailPathNotFound, path)
    }
    assert.instance(await thrown(() => fixture.exec(['/a'])), JailCommandNotFound)
  }),
)

test(
  'names that are too long for a file are left to the program',
  withJail(async (fixture) => {
    const name = 'x'.repeat(300)
    assert.equal(await words(fixture, `/${name}`), [`${fixture.root}/${name}`])
  }),
)

test(
  'the text behind -c of a shell is left alone, its arguments are paths',
  withJail((fixture) => {
    const { root } = fixture
    fixture.file('etc/rc', '')
    const view = { root, passages: new Map() }
    const text = '/bin/ls /etc'
    for (const [given, expected] of [
      [
        ['-c', text],
        ['-c', text],
      ],
      [
        ['-ec', text, '/etc/rc'],
        ['-ec', text, `${root}/etc/rc`],
      ],
      [
        ['-c', '-e', text],
        ['-c', '-e', text],
      ],
      [
        ['-e', '-o', 'errexit', '-c', '--', text],
        ['-e', '-o', 'errexit', '-c', '--', text],
      ],
      [
        ['-o', '/bin', '-c', text],
        ['-o', `${root}/bin`, '-c', text],
      ],
      [
        ['+e', '-ceo', 'errexit', text],
        ['+e', '-ceo', 'errexit', text],
      ],
      [
        ['/etc/rc', '-c', '/bin'],
        [`${root}/etc/rc`, '-c', `${root}/bin`],
      ],
      [
        ['-s', '/etc/none'],
        ['-s', `${root}/etc/none`],
      ],
      [
        ['-', '/etc/rc'],
        ['-', `${root}/etc/rc`],
      ],
      [['-c'], ['-c']],
    ] as const) {
      assert.equal(hostCommand(view, 'web', ['sh', ...given]).args, expected, given.join(' '))
    }
    // For a program that is no shell, -c means something else.
    fixture.file('bin/tool', '', 0o755)
    assert.equal(hostCommand(view, 'web', ['tool', '-c', '/etc/rc']).args, ['-c', `${root}/etc/rc`])
  }),
)

test(
  'what such a text reaches is the host, and the root of the jail by relative paths',
  withJail(async (fixture) => {
    fixture.file('etc/motd', 'of the jail\n')
    assert.is((await fixture.exec(['sh', '-c', 'cat etc/motd'])).stdout, 'of the jail\n')
    assert.is((await fixture.exec(['sh', '-c', 'test -e /etc/passwd && echo reached'])).stdout, 'reached\n')
  }),
)

test(
  'devices that are mounted are found, and nothing of the host behind them',
  withJail(async (fixture) => {
    await fixture.mount('devfs', '/dev')
    await fixture.mount('fdescfs', '/dev/fd')
    const { root } = fixture
    fixture.file('bin/cat', '#!/bin/sh\nexec /bin/cat "$@"\n', 0o755)
    assert.is((await fixture.exec(['cat', '/dev/null'])).stdout, '')
    assert.equal(await words(fixture, '/dev/null', '/dev/../dev/zero'), [`${root}/dev/null`, '/dev/zero'])
    for (const path of ['/dev/fd/../../etc/passwd', '/dev/null/x/y']) {
      assert.instance(await thrown(() => words(fixture, path)), JailPathNotFound, path)
    }
  }),
)

test(
  'a directory that is mounted by a link is looked up like the jail itself',
  withJail(async (fixture) => {
    const shared = join(fixture.directory, 'shared')
    mkdirSync(join(shared, 'sub'), { recursive: true })
    symlinkSync('/etc/motd', join(shared, 'motd'))
    symlinkSync('../etc/motd', join(shared, 'up'))
    fixture.file('etc/motd', 'of the jail')
    await fixture.mount('nullfs', '/tmp', { source: shared })
    const { root } = fixture
    assert.equal(
      await words(fixture, '/tmp', '/tmp/sub', '/tmp/motd', '/tmp/up', '/tmp/../etc/motd', '/tmp/sub/../..'),
      [`${root}/tmp`, `${root}/tmp/sub`, `${root}/etc/motd`, `${root}/etc/motd`, `${root}/etc/motd`, root],
    )
    const view = { root, passages: new Map([['/tmp', { to: shared, directory: true }]]) }
    assert.equal(lookUp(view, '/tmp/new'), { path: join(shared, 'new'), is: null, parent: true })
  }),
)

test(
  'a link whose target climbs out through another link stays in the root',
  withJail(async (fixture) => {
    const { root } = fixture
    link(fixture, 'here', '.')
    link(fixture, 'up', 'here/..')
    mkdirSync(join(root, 'a'))
    assert.equal(await words(fixture, '/up/a', '/up/a/new', '/up/new'), [`${root}/a`, `${root}/a/new`, `${root}/new`])
  }),
)

const part = fc.constantFrom('a', 'b', 'c', '..', '.', '', '/')
const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
const entry = fc.record({
  at: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
  to: fc.option(path),
})

test(
  'whatever links a root has, no word leads out of it',
  withFixture((fixture) => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), fc.array(path, { maxLength: 12 }), (entries, paths) => {
        const root = join(mkdtempSync(join(fixture.directory, 'x')), 'root')
        mkdirSync(root)
        for (const { at, to } of entries)
          tryTo(() => (to === null ? mkdirSync(join(root, ...at)) : symlinkSync(to || '/', join(root, ...at))))
        const view = { root, passages: new Map() }
        for (const inside of paths.map((one) => `/${one}`)) {
          const found = lookUp(view, inside)
          if (!found.parent) continue
          const word = hostWord(view, inside, found)
          // Made, so that what the host finds there can be seen.
          if (found.is === null) tryTo(() => writeFileSync(word.replace(/\/+$/, ''), '', { flag: 'wx' }))
          assert.ok(
            `${realpathSync.native(word.replace(/\/+$/, ''))}/`.startsWith(`${root}/`),
            `${inside} led to ${word}`,
          )
        }
      }),
      { numRuns: 300 },
    )
  }),
)

function tryTo(body: () => unknown): void {
  try {
    body()
  } catch {
    // A random tree: its parent is missing, or it is there already.
  }
}

test.run()
