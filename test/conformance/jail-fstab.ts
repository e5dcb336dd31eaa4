import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, drain, type IocError } from '@gaoler/core'
import {
  FstabDestinationExists,
  InsecureJailPath,
  InvalidFstabLine,
  Jail,
  type JailGenerator,
  MountFailed,
  ReleaseGenerator,
  ResourceLocked,
} from '@gaoler/jail'
import { faultsOf } from '../core/toys.ts'
import { assert, type Suite, thrown } from '../harness.ts'

/** Runs the body with a new jail of that name and those properties, and asserts that nothing is left of it. */
type WithJail = (
  name: string,
  properties: Record<string, unknown>,
  body: (jail: JailGenerator) => Promise<unknown>,
) => () => Promise<void>

/** What a jail's fstab does on every platform. */
export function fstabBehaviour(test: Suite, withJail: WithJail): void {
  const timeout = 60_000
  let data: string

  test.before(() => {
    data = mkdtempSync(join(tmpdir(), 'gaoler-fstab-'))
    mkdirSync(join(data, 'www'))
    writeFileSync(join(data, 'www', 'page'), 'hello\n')
    writeFileSync(join(data, 'hosts'), 'one file\n')
  })
  test.after(() => rmSync(data, { recursive: true, force: true }))

  const inside = async (jail: JailGenerator, command: string): Promise<string | null> =>
    (await drain(jail.exec(['/bin/sh', '-c', command]))).stdout

  test(
    'what the fstab names is mounted when the jail starts, and gone when it has stopped',
    withJail('mounted', {}, async (jail) => {
      await drain(jail.fstab.addLine({ source: join(data, 'www'), destination: '/srv/www' }))
      await drain(jail.fstab.addLine({ source: join(data, 'hosts'), destination: '/etc/hosts.extra' }))
      await drain(jail.fstab.addLine({ source: '/dev', destination: '/never', options: 'ro,noauto' }))
      const events = await collect(jail.start())
      assert.equal(faultsOf(events), [])
      assert.is(await inside(jail, 'cat srv/www/page etc/hosts.extra'), 'hello\none file\n')
      assert.not.ok(existsSync(join(jail.rootPath, 'never')))
      await drain(jail.stop())
      assert.not.ok(existsSync(join(jail.rootPath, 'srv/www/page')))
      assert.ok(existsSync(join(data, 'www', 'page')))
    }),
    { timeout },
  )

  test(
    'a line that is added to a running jail is mounted at once, and one that is removed is unmounted',
    withJail('plugged', {}, async (jail) => {
      await drain(jail.start())
      const added = await collect(jail.fstab.addLine({ source: join(data, 'www'), destination: '/mnt/new' }))
      assert.equal(
        added.map(({ type, state }) => `${type}:${state}`),
        ['JailFstabUpdate:pending', 'JailFstabUpdate:done'],
      )
      assert.is(await inside(jail, 'cat mnt/new/page'), 'hello\n')
      await drain(jail.fstab.addLine({ source: 'tmpfs', destination: '/mnt/scratch', type: 'tmpfs', options: 'rw' }))
      assert.is(await inside(jail, 'echo kept > mnt/scratch/x && cat mnt/scratch/x'), 'kept\n')
      await drain(jail.fstab.removeLine(jail.fstab.read().indexOf(join(jail.rootPath, 'mnt/new'))))
      assert.is(await inside(jail, 'ls mnt/new 2>/dev/null'), '')
      assert.equal(
        jail.fstab.read().lines.map(({ type }) => type),
        ['tmpfs'],
      )
      await drain(jail.stop())
      await drain(jail.start())
      assert.is(await inside(jail, 'cat mnt/scratch/x 2>/dev/null'), '', 'it is mounted again, and new')
      await drain(jail.stop())
    }),
    { timeout },
  )

  test(
    'a line whose mount fails in a running jail is not added, and a start whose mount fails is undone',
    withJail('failing-mounts', {}, async (jail) => {
      await drain(jail.start())
      for (const line of [
        { source: join(data, 'not-there'), destination: '/mnt/a' },
        { source: join(data, 'www'), destination: '/mnt/b', type: 'ufs' },
        { source: join(data, 'www'), destination: '/mnt/c', options: 'ro,rw' },
      ]) {
        const error = (await thrown(() => drain(jail.fstab.addLine(line)))) as IocError
        assert.instance(error, MountFailed, line.destination)
        assert.is(error.reverted, true)
        assert.is(jail.fstab.read().length, 0)
      }
      await drain(jail.stop())
      writeFileSync(
        jail.fstab.file,
        `${join(data, 'www')}\t/ok\tnullfs\tro\t0\t0\n${data}/gone\t/x\tnullfs\tro\t0\t0\n`,
      )
      assert.instance(await thrown(() => drain(jail.start())), MountFailed)
      assert.ok(jail.stopped)
      writeFileSync(jail.fstab.file, 'three fields only\n')
      assert.instance(await thrown(() => drain(jail.start())), InvalidFstabLine)
      rmSync(jail.fstab.file)
    }),
    { timeout },
  )

  test(
    'a link that the jail has put where something is to be mounted is refused, at the start and while it runs',
    withJail('linking', {}, async (jail) => {
      const bait = mkdtempSync(join(data, 'bait-'))
      symlinkSync(bait, join(jail.rootPath, 'trap'))
      const line = { source: join(data, 'www'), destination: '/trap/www' }
      assert.instance(await thrown(() => drain(jail.fstab.addLine(line))), InsecureJailPath)
      await drain(jail.start())
      assert.instance(await thrown(() => drain(jail.fstab.addLine(line))), InsecureJailPath)
      await drain(jail.stop())
      writeFileSync(jail.fstab.file, `${join(data, 'www')}\t/trap/www\tnullfs\tro\t0\t0\n`)
      assert.instance(await thrown(() => drain(jail.start())), InsecureJailPath)
      assert.ok(jail.stopped && !existsSync(join(bait, 'www')))
      rmSync(jail.fstab.file)
      rmSync(join(jail.rootPath, 'trap'))
    }),
    { timeout },
  )

  test(
    'a destination is made on request, is there once, and can be replaced',
    withJail('replaced', {}, async (jail) => {
      const destination = '/var/db/made'
      await drain(jail.fstab.addLine({ source: '/a', destination }, { autoCreateDestination: true }))
      assert.ok(existsSync(join(jail.rootPath, destination)))
      const again = { source: join(data, 'www'), destination }
      assert.instance(await thrown(() => drain(jail.fstab.addLine(again))), FstabDestinationExists)
      await drain(jail.fstab.addLine(again, { skipExisting: true }))
      assert.is(jail.fstab.read().lines[0]?.source, '/a')
      await drain(jail.fstab.addLine(again, { replace: true }))
      assert.is(jail.fstab.read().lines[0]?.source, join(data, 'www'))
      assert.match(readFileSync(jail.fstab.file, 'utf8'), `${jail.rootPath}${destination}`)
      for (const name of ['moved', 'replaced']) {
        await drain(jail.rename(name))
        assert.is(jail.fstab.read().lines[0]?.destination, `${jail.rootPath}${destination}`)
        assert.is(statSync(jail.fstab.file).mode & 0o777, 0o600)
      }
    }),
    { timeout },
  )

  test(
    'what people have written into an fstab stays as it is, whoever changes it and however often',
    withJail('handwritten', {}, async (jail) => {
      const { file } = jail.fstab
      const handwritten = [
        '# keep me',
        '',
        `${data}/www   /by/hand  nullfs ro  # why`,
        '\t# and me\r',
        '/x /y constructor ro',
      ]
      writeFileSync(file, handwritten.join('\n'))
      await drain(jail.fstab.addLine({ source: data, destination: '/mnt/a b' }))
      const added = `${data}\t${jail.rootPath}/mnt/a\\040b\tnullfs\tro\t0\t0`
      assert.is(readFileSync(file, 'utf8'), `${[...handwritten, added].join('\n')}\n`)
      const both = await Promise.allSettled(
        ['/mnt/1', '/mnt/2'].map((destination) => drain(jail.fstab.addLine({ source: data, destination }))),
      )
      const made = ['/mnt/1', '/mnt/2'].filter((_, index) => both[index]?.status === 'fulfilled')
      assert.ok(made.length > 0)
      for (const each of both) if (each.status === 'rejected') assert.instance(each.reason, ResourceLocked)
      assert.equal(
        jail.fstab
          .read()
          .lines.slice(3)
          .map(({ destination }) => destination),
        made.map((path) => jail.rootPath + path),
      )
      while (jail.fstab.read().length > 2) await drain(jail.fstab.removeLine(2))
      assert.is(readFileSync(file, 'utf8'), `${handwritten.join('\n')}\n`)
      assert.instance(await thrown(() => drain(jail.start())), MountFailed)
      // Bytes that are no text would not be written as they were.
      const bytes = Buffer.from('# caf\xe9\n', 'latin1')
      writeFileSync(file, bytes)
      assert.instance(
        await thrown(() => drain(jail.fstab.addLine({ source: data, destination: '/mnt' }))),
        InvalidFstabLine,
      )
      assert.equal(readFileSync(file), bytes)
      rmSync(file)
    }),
    { timeout },
  )

  test(
    'a running jail loses a line that is not mounted as well, and stops when its fstab has vanished',
    withJail('unmounted', {}, async (jail) => {
      await drain(jail.start())
      await drain(jail.fstab.addLine({ source: join(data, 'www'), destination: '/later' }, { autoMountJail: false }))
      await drain(jail.fstab.addLine({ source: join(data, 'www'), destination: '/never', options: 'ro,noauto' }))
      await drain(jail.fstab.removeLine(0))
      await drain(jail.fstab.removeLine(0))
      assert.is(jail.fstab.read().length, 0)
      await drain(jail.fstab.addLine({ source: join(data, 'www'), destination: '/srv/www' }))
      rmSync(jail.fstab.file)
      await drain(jail.stop())
      assert.not.ok(existsSync(join(jail.rootPath, 'srv/www/page')))
    }),
    { timeout },
  )

  test(
    'the directories that iocage has written into the fstab of a basejail are mounted once, by the basejail',
    withJail('iocage-base', { basejail: true }, async (jail) => {
      const base = new ReleaseGenerator(jail.release as string, { host: jail.host }).rootPath
      // Where it is a link, what it leads to is mounted.
      const bin = lstatSync(join(base, 'bin')).isDirectory() ? 'bin' : 'usr/bin'
      writeFileSync(
        jail.fstab.file,
        `${base}/${bin}\t${jail.rootPath}/${bin}\tnullfs\tro\t0\t0\n${data}/www /www nullfs ro 0 0\n`,
      )
      assert.equal(faultsOf(await collect(jail.start())), [])
      assert.is(await inside(jail, 'cat www/page'), 'hello\n')
      await drain(jail.stop())
      rmSync(jail.fstab.file)
    }),
    { timeout },
  )

  test(
    'scripts change the fstab too, and get the events',
    withJail('scripted', {}, async ({ name, host }) => {
      const { fstab } = new Jail(name, { host })
      const events = fstab.addLine({ source: join(data, 'www'), destination: '/mnt' })
      assert.equal(
        events.map(({ state }) => state),
        ['pending', 'done'],
      )
      assert.is(fstab.read().length, 1)
      fstab.removeLine(0)
      assert.is(fstab.read().length, 0)
      assert.instance(await thrown(() => fstab.addLine({ source: '/', destination: '..' })), InvalidFstabLine)
    }),
    { timeout },
  )
}
