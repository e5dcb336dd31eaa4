import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { InsecureJailPath, JailNotRunning, MountFailed, UnmountFailed } from '../../packages/jail/src/errors.ts'
import type { Mount } from '../../packages/jail/src/platform/platform.ts'
import { assert, suite, thrown } from '../harness.ts'
import { tree, withJail } from './embedded-support.ts'

const test = suite('embedded mounts')
const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].filter((name) => existsSync(`/dev/${name}`))

test(
  'devfs gives /dev links to the devices of the host, and takes exactly these away',
  withJail(async (fixture) => {
    const before = fixture.tree()
    await fixture.mount('devfs', '/dev')
    assert.equal(readdirSync(join(fixture.root, 'dev')).sort(), [...devices].sort())
    assert.is(readlinkSync(join(fixture.root, 'dev/null')), '/dev/null')
    await fixture.exec(['sh', '-c', 'echo x >dev/null'])
    await fixture.unmount('/dev')
    assert.equal(fixture.tree(), before)
  }),
)

test(
  'what /dev has already is kept, before and after',
  withJail(async (fixture) => {
    mkdirSync(join(fixture.root, 'dev'))
    fixture.file('dev/null', 'a file')
    fixture.file('dev/own', '')
    const before = fixture.tree()
    await fixture.mount('devfs', '/dev')
    assert.is(fixture.read('dev/null'), 'a file')
    assert.is(readlinkSync(join(fixture.root, 'dev/zero')), '/dev/zero')
    await fixture.unmount('/dev')
    assert.equal(fixture.tree(), before)
  }),
)

test(
  'what a jail has put in the place of a mount, or into a directory of it, is left alone',
  withJail(async (fixture) => {
    await fixture.mount('devfs', '/dev')
    rmSync(join(fixture.root, 'dev/null'))
    fixture.file('dev/null', 'mine now')
    await fixture.unmount('/dev')
    assert.equal(readdirSync(join(fixture.root, 'dev')), ['null'])
    assert.is(fixture.read('dev/null'), 'mine now')
  }),
)

test(
  'fdescfs gives the descriptors of the process that asks',
  withJail(async (fixture) => {
    const before = fixture.tree()
    await fixture.mount('devfs', '/dev')
    await fixture.mount('fdescfs', '/dev/fd')
    const links = ['fd', 'stderr', 'stdin', 'stdout']
    assert.equal(
      links.map((name) => readlinkSync(join(fixture.root, 'dev', name))),
      links.map((name) => `/dev/${name}`),
    )
    assert.is((await fixture.exec(['sh', '-c', 'echo x | cat dev/stdin; echo y | cat dev/fd/0'])).stdout, 'x\ny\n')
    await fixture.unmount('/dev/fd')
    await fixture.unmount('/dev')
    assert.equal(fixture.tree(), before)
  }),
)

test(
  'an empty directory at dev/fd gives way and comes back with its mode; the link of a Linux release stays',
  withJail(async (fixture) => {
    mkdirSync(join(fixture.root, 'dev/fd'), { recursive: true })
    chmodSync(join(fixture.root, 'dev/fd'), 0o750)
    const before = fixture.tree()
    await fixture.mount('fdescfs', '/dev/fd')
    assert.ok(lstatSync(join(fixture.root, 'dev/fd')).isSymbolicLink())
    await fixture.unmount('/dev/fd')
    assert.equal(fixture.tree(), before)
    rmdirSync(join(fixture.root, 'dev/fd'))
    symlinkSync('/proc/self/fd', join(fixture.root, 'dev/fd'))
    const linux = fixture.tree()
    await fixture.mount('fdescfs', '/dev/fd')
    await fixture.unmount('/dev/fd')
    assert.equal(fixture.tree(), linux)
  }),
)

test(
  'nullfs shows a directory in place of another one, which comes back, or where nothing is',
  withJail(async (fixture) => {
    const source = join(fixture.directory, 'source')
    mkdirSync(source)
    writeFileSync(join(source, 'file'), 'shared')
    fixture.file('etc/motd', 'kept')
    const [before, shared] = [fixture.tree(), tree(source)]
    await fixture.mount('nullfs', '/etc', { source })
    assert.is(fixture.read('etc/file'), 'shared')
    await fixture.unmount('/etc')
    assert.equal(fixture.tree(), before, 'what was hidden is back')
    await fixture.mount('nullfs', '/tmp', { source, readOnly: true })
    await fixture.mount('nullfs', '/mnt/deep/share', { source })
    await fixture.mount('nullfs', '/etc/one', { source: join(source, 'file') })
    for (const path of ['tmp/file', 'mnt/deep/share/file', 'etc/one']) assert.is(fixture.read(path), 'shared')
    // No right is taken away by readOnly: the documentation says so.
    fixture.file('tmp/new', '')
    rmSync(join(source, 'new'))
    for (const target of ['/etc/one', '/mnt/deep/share', '/tmp']) await fixture.unmount(target)
    assert.equal(fixture.tree(), before)
    assert.equal(tree(source), shared)
  }),
)

test(
  'nullfs refuses a target or source that does not fit, and the error says what to do',
  withJail(async (fixture) => {
    const source = join(fixture.directory, 'source')
    mkdirSync(source)
    writeFileSync(join(source, 'file'), '')
    fixture.file('etc/motd', 'kept')
    const before = fixture.tree()
    for (const [target, from, reason] of [
      ['/etc/motd', source, /remove what is at the target$/],
      ['/etc/motd', join(source, 'file'), /remove what is at the target$/],
      ['/tmp', join(source, 'file'), /remove what is at the target$/],
      ['/tmp', join(source, 'none'), /its source ".*" is not the absolute path of something that exists$/],
      ['/tmp', 'source', /its source "source" is not/],
      ['/tmp', undefined, /its source "" is not/],
    ] as const) {
      const error = await thrown<MountFailed>(() => fixture.mount('nullfs', target, { source: from }))
      assert.instance(error, MountFailed, target)
      assert.match(error.message, reason)
      assert.is(error.details.mountpoint, fixture.root + target)
    }
    assert.equal(fixture.tree(), before)
  }),
)

test(
  'tmpfs is an empty directory that is emptied when it is unmounted',
  withJail(async (fixture) => {
    mkdirSync(join(fixture.directory, 'elsewhere'))
    writeFileSync(join(fixture.directory, 'elsewhere/file'), 'kept')
    chmodSync(join(fixture.root, 'tmp'), 0o1777)
    const before = fixture.tree()
    await fixture.mount('tmpfs', '/tmp')
    await fixture.mount('tmpfs', '/var/run')
    mkdirSync(join(fixture.root, 'tmp/deep'))
    fixture.file('tmp/deep/file', '')
    fixture.file('var/run/pid', '')
    symlinkSync(join(fixture.directory, 'elsewhere'), join(fixture.root, 'tmp/link'))
    await fixture.unmount('/tmp')
    await fixture.unmount('/var/run')
    assert.equal(fixture.tree(), before)
    assert.ok(existsSync(join(fixture.directory, 'elsewhere/file')))
    const error = await thrown<MountFailed>(() => fixture.mount('tmpfs', '/bin'))
    assert.instance(error, MountFailed)
    assert.ok(existsSync(join(fixture.root, 'bin/sh')))
  }),
)

test(
  "procfs is refused: the host's would show what is not the jail's",
  withJail(async (fixture) => {
    const before = fixture.tree()
    const error = await thrown<MountFailed>(() => fixture.mount('procfs', '/proc'))
    assert.instance(error, MountFailed)
    assert.match(error.message, /set mount_procfs=0$/)
    assert.equal(fixture.tree(), before)
  }),
)

test(
  'no mount goes through a symbolic link, or leaves the root',
  withJail(async (fixture) => {
    const outside = join(fixture.directory, 'outside')
    mkdirSync(join(outside, 'dev'), { recursive: true })
    const link = (path: string, to: string): void => symlinkSync(to, join(fixture.root, path))
    link('dev', join(outside, 'dev'))
    link('all', '/')
    link('up', '../outside')
    link('self', 'self')
    link('inside', 'etc')
    fixture.file('file', '')
    const before = [fixture.tree(), tree(outside)]
    const source = outside
    for (const [type, target] of [
      ['devfs', '/dev'],
      ['fdescfs', '/dev/fd'],
      ['tmpfs', '/dev'],
      ['nullfs', '/dev'],
      ['nullfs', '/all/tmp/x'],
      ['tmpfs', '/up'],
      ['tmpfs', '/up/dev'],
      ['tmpfs', '/self'],
      ['tmpfs', '/self/x'],
      ['tmpfs', '/inside/x'],
      ['tmpfs', '/file/x'],
      ['devfs', '/file'],
      ['fdescfs', '/file'],
      ['fdescfs', '/up'],
      ['tmpfs', ''],
      ['tmpfs', '/'],
      ['tmpfs', '/../outside/new'],
      ['tmpfs', '/tmp/..'],
      ['tmpfs', '-neighbour'],
    ] as const satisfies (readonly [Mount['type'], string])[]) {
      const error = await thrown<InsecureJailPath>(() => fixture.mount(type, target, { source }))
      assert.instance(error, InsecureJailPath, `${type} ${target}: ${error}`)
    }
    assert.equal([fixture.tree(), tree(outside)], before)
  }),
)

test(
  'taking mounts away never goes through a link that was put in the way',
  withJail(async (fixture) => {
    const outside = join(fixture.directory, 'outside')
    mkdirSync(outside)
    await fixture.mount('devfs', '/dev')
    await fixture.mount('tmpfs', '/var/run')
    rmSync(join(fixture.root, 'dev'), { recursive: true })
    rmSync(join(fixture.root, 'var'), { recursive: true })
    // The very same links and a full directory outside, where the jail's own were.
    symlinkSync(outside, join(fixture.root, 'dev'))
    symlinkSync(outside, join(fixture.root, 'var'))
    for (const name of devices) symlinkSync(`/dev/${name}`, join(outside, name))
    mkdirSync(join(outside, 'run'))
    writeFileSync(join(outside, 'run/file'), '')
    const before = tree(outside)
    await fixture.unmount('/dev')
    await fixture.remove()
    assert.equal(tree(outside), before)
    assert.equal(fixture.leftovers(), [])
  }),
)

test(
  'a target is mounted once; the second time is refused and changes nothing',
  withJail(async (fixture) => {
    await fixture.mount('devfs', '/dev')
    const before = fixture.tree()
    for (const type of ['devfs', 'tmpfs'] as const) {
      const target = '//dev/.'
      assert.instance(await thrown(() => fixture.mount(type, target)), MountFailed)
    }
    assert.equal(fixture.tree(), before)
    await fixture.unmount('/dev')
    await fixture.mount('devfs', '/dev')
  }),
)

test(
  'a mount below which another one is mounted cannot go first',
  withJail(async (fixture) => {
    await fixture.mount('devfs', '/dev')
    await fixture.mount('fdescfs', '/dev/fd')
    const error = await thrown<UnmountFailed>(() => fixture.unmount('/dev'))
    assert.instance(error, UnmountFailed)
    assert.match(error.message, /\/dev\/fd is mounted below it$/)
    await fixture.unmount('/dev/fd')
    await fixture.unmount('/dev')
  }),
)

test(
  'unmounting what is not mounted, or of a jail that is gone, does nothing',
  withJail(async (fixture) => {
    await fixture.unmount('/dev')
    await fixture.mount('devfs', '/dev')
    await fixture.remove()
    const before = fixture.tree()
    await fixture.unmount('/dev')
    assert.equal(fixture.tree(), before)
    assert.instance(await thrown(() => fixture.mount('devfs', '/dev')), JailNotRunning)
  }),
)

test(
  'a root that is given through a link takes targets by either path',
  withJail(async (fixture) => {
    await fixture.remove()
    const path = join(fixture.directory, 'link')
    symlinkSync(fixture.root, path)
    await fixture.create('web', path)
    const { effects } = fixture.platform
    await effects.mount.run({ name: 'web', type: 'devfs', target: `${path}/dev` }, fixture.context)
    await effects.mount.run({ name: 'web', type: 'tmpfs', target: `${fixture.root}/run` }, fixture.context)
    await effects.unmount.run({ name: 'web', target: `${fixture.root}/dev` }, fixture.context)
    await effects.unmount.run({ name: 'web', target: `${path}/run` }, fixture.context)
    assert.equal(readdirSync(fixture.root).sort(), ['bin', 'etc', 'tmp', 'usr'])
  }),
)

test.run()
