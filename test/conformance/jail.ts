import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, drain, type IocError, type IocEvent, type Operation, OperationCancelled } from '@gaoler/core'
import {
  type HostBase,
  InvalidJailConfigValue,
  InvalidJailName,
  JailAlreadyExists,
  JailAlreadyRunning,
  JailCommandNotFound,
  JailDoesNotExist,
  JailGenerator,
  JailHasDependents,
  JailHookFailed,
  JailNotRunning,
  Jails,
  JailsGenerator,
  ReleaseGenerator,
  ReleaseNotFetched,
  ResourceLocked,
  UnknownConfigProperty,
} from '@gaoler/jail'
import { FilesystemExists } from '@gaoler/zfs'
import { faultsOf } from '../core/toys.ts'
import { matchesGolden } from '../golden.ts'
import { assert, suite, thrown } from '../harness.ts'
import { JailBench, type JailWorld } from './jail-bench.ts'
import { jailConfig } from './jail-config.ts'
import { jailConsole } from './jail-console.ts'
import { jailDependencies } from './jail-dependencies.ts'
import { fstabBehaviour } from './jail-fstab.ts'
import { jailSnapshots } from './jail-snapshots.ts'
import { jailStorage } from './jail-storage.ts'
import { jailVerbs } from './jail-verbs.ts'

/** What a jail does on every platform. */
export function jailConformance(title: string, open: () => Promise<JailWorld>): void {
  const test = suite(title)
  let world: JailWorld
  let host: HostBase
  const scratch = mkdtempSync(join(tmpdir(), 'gaoler-jails-'))
  const timeout = 60_000

  test.before(async () => {
    world = await open()
    host = world.host
  })
  test.after(async () => {
    // What a failed test has left must not hide its failure.
    for await (const jail of new JailsGenerator(null, { host }))
      await drain(jail.destroy({ forceStop: true })).catch(() => {})
    await world?.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  const bench = new JailBench(test, scratch, () => world)
  const withJail = bench.with.bind(bench)

  fstabBehaviour(test, withJail)

  test(
    'the main job: create, start, exec, clone, destroy the clone, stop, destroy, each with its golden trace',
    async () => {
      const before = await world.snapshot()
      const golden = bench.golden.bind(bench)
      const jail = new JailGenerator('web', { host })
      const copy = new JailGenerator('web-copy', { host })
      await golden(jail.create(world.release, { properties: { resolver: '192.0.2.1' } }), 'create')
      assert.equal([...new Jails(null, { host }).rows(['name', 'running'])], [{ name: 'web', running: false }])
      await golden(jail.start(), 'start')
      assert.ok(jail.running && typeof jail.jid === 'number')
      await golden(jail.exec(['/bin/sh', '-c', 'echo one; echo two >&2; exit 3']), 'exec')
      await golden(jail.cloneToDataset(copy.datasetName), 'clone-to-dataset')
      assert.is(copy.release, world.release, 'the clone has the configuration of the jail')
      await golden(copy.destroy(), 'destroy')
      await golden(jail.stop(), 'stop')
      assert.ok(jail.stopped)
      await golden(jail.destroy(), 'destroy')
      assert.is(await world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'exec returns output and exit status, and delivers output live',
    withJail('exec', {}, async (jail) => {
      await drain(jail.start())
      const result = await drain(jail.exec(['/bin/sh', '-c', 'echo out; echo err >&2; exit 3']))
      assert.equal([result.stdout, result.stderr, result.code, result.signal], ['out\n', 'err\n', 3, null])
      const seen: string[] = []
      for await (const event of jail.exec(['/bin/sh', '-c', 'echo first; sleep 30'])) {
        if (!event.is('JailCommand') || event.state !== 'progress') continue
        seen.push(event.payload.chunk?.text ?? '')
        break
      }
      assert.equal(seen, ['first\n'], 'the first line came while the command was running, and leaving ended it')
      assert.equal(
        (await drain(jail.exec(['/bin/sh', '-c', 'echo "$GREETING"'], { env: { GREETING: 'hi' } }))).stdout,
        'hi\n',
      )
      assert.ok((await drain(jail.exec(['/bin/sh', '-c', 'sleep 30'], { timeout: 200 }))).timedOut)
      const missing = await thrown(() => drain(jail.exec(['/bin/there-is-none'])))
      assert.instance(missing, JailCommandNotFound)
      assert.match(missing.message, '/bin/there-is-none')
    }),
    { timeout },
  )

  test(
    'a jail that does not exist, runs, or is stopped is refused with an error that names it',
    async () => {
      const ghost = new JailGenerator('ghost', { host })
      const operations: Operation<unknown>[] = [
        ghost.start(),
        ghost.stop(),
        ghost.destroy(),
        ghost.exec(['/bin/sh']),
        ghost.cloneToDataset(`${host.datasets.main.jails}/x`),
      ]
      for (const operation of operations) {
        const error = await thrown(() => drain(operation))
        assert.instance(error, JailDoesNotExist)
        assert.match(error.message, 'ghost')
      }
      await withJail('once', {}, async (jail) => {
        assert.instance(await thrown(() => drain(jail.stop())), JailNotRunning)
        assert.instance(await thrown(() => drain(jail.exec(['/bin/sh']))), JailNotRunning)
        assert.instance(await thrown(() => drain(jail.create(world.release))), JailAlreadyExists)
        await drain(jail.start())
        assert.instance(await thrown(() => drain(jail.start())), JailAlreadyRunning)
        assert.instance(await thrown(() => drain(jail.destroy())), JailAlreadyRunning)
        assert.ok(jail.running, 'what was refused has changed nothing')
        await drain(jail.stop())
        assert.instance(await thrown(() => drain(jail.stop())), JailNotRunning)
      })()
    },
    { timeout },
  )

  test(
    'bad names of jails, releases, properties and datasets are refused before anything is done',
    async () => {
      const before = await world.snapshot()
      for (const name of [
        '',
        '..',
        'a..b',
        '/b',
        'a/',
        'a/b/c',
        'a@b',
        'a b',
        '-a',
        'a-',
        'x'.repeat(300),
        'a\0b',
        '$(id)',
        '__proto__',
        'ä',
      ]) {
        const error = await thrown(() => new JailGenerator(name, { host }))
        assert.instance(error, InvalidJailName, JSON.stringify(name))
      }
      const jail = new JailGenerator('bad', { host })
      assert.instance(await thrown(() => drain(jail.create('99.9-RELEASE'))), ReleaseNotFetched)
      for (const name of ['../x', 'a/b/c', '-r', 'x'.repeat(300)]) {
        assert.is(((await thrown(() => drain(jail.create(name)))) as IocError).code, 'INVALID_RELEASE_NAME', name)
      }
      const unknown = await thrown(() => drain(jail.create(world.release, { properties: { host_hostnam: 'x' } })))
      assert.instance(unknown, UnknownConfigProperty)
      assert.match(unknown.message, 'host_hostname')
      assert.instance(
        await thrown(() => drain(jail.create(world.release, { properties: { mount_devfs: 'perhaps' } }))),
        InvalidJailConfigValue,
      )
      assert.is(await world.snapshot(), before)
    },
    { timeout },
  )

  test(
    'what depends on a jail is named, and nothing is touched',
    withJail('needed', {}, async (jail) => {
      const clone = `${host.datasets.main.jails}/dependent`
      await drain(jail.cloneToDataset(clone))
      const held = `${jail.rootDatasetName}@held`
      await host.zfs.snapshot([held])
      await host.zfs.hold({ [held]: 'keep' })
      const error = (await thrown(() => drain(jail.destroy()))) as JailHasDependents
      assert.instance(error, JailHasDependents)
      assert.equal([...error.details.clones].sort(), [clone, `${clone}/root`])
      assert.equal(error.details.holds, [`${held} (keep)`])
      assert.ok(jail.exists)
      assert.instance(await thrown(() => drain(jail.cloneToDataset(clone))), FilesystemExists)
      await host.zfs.release({ [held]: ['keep'] })
      await drain(new JailGenerator('dependent', { host }).destroy())
    }),
    { timeout },
  )

  test(
    'hooks run on the host and in the jail, with their environment, in order',
    async () => {
      const log = join(scratch, 'hooks')
      const note = (word: string): string => `echo ${word} "$IOC_ID" "$IOC_HOST_HOSTNAME" >> ${log}`
      const hooks = {
        exec_prestart: note('prestart'),
        exec_created: note('created'),
        exec_poststart: note('poststart'),
        exec_prestop: note('prestop'),
        exec_poststop: note('poststop'),
      }
      const inside = { exec_start: 'echo "$IOC_ID" > /tmp/started || echo "$IOC_ID" > tmp/started', exec_stop: 'true' }
      await withJail('hooked', { ...hooks, ...inside, host_hostname: 'front.example' }, async (jail) => {
        await drain(jail.start())
        await drain(jail.stop())
      })()
      const lines = readFileSync(log, 'utf8').trim().split('\n')
      assert.equal(
        lines,
        ['prestart', 'created', 'poststart', 'prestop', 'poststop'].map((word) => `${word} hooked front.example`),
      )
    },
    { timeout },
  )

  test(
    'a start hook that fails, on the host or in the jail, by status, signal or time, undoes the start',
    async () => {
      const cases: [properties: Record<string, unknown>, hook: string, message: RegExp][] = [
        [{ exec_start: 'exit 3' }, 'exec_start', /exited with 3/],
        [{ exec_poststart: 'echo reason >&2; exit 4' }, 'exec_poststart', /exited with 4: reason/],
        [{ exec_created: 'kill -9 $$' }, 'exec_created', /killed by SIGKILL/],
        [{ exec_start: 'kill -9 $$' }, 'exec_start', /killed by SIGKILL/],
        [{ exec_prestart: 'sleep 30', exec_timeout: 1 }, 'exec_prestart', /time limit/],
      ]
      for (const [properties, name, message] of cases) {
        await withJail('failing', { resolver: '192.0.2.1', ...properties }, async (jail) => {
          const before = await world.snapshot()
          const events: IocEvent[] = []
          const error = (await thrown(() =>
            drain(jail.start({ onEvent: (event) => events.push(event) })),
          )) as JailHookFailed
          assert.instance(error, JailHookFailed, name)
          assert.is(error.details.hook, name)
          assert.match(error.message, message)
          assert.is(error.reverted, true)
          assert.equal(faultsOf(events), [])
          matchesGolden(events, world.host.platform.name, `start-fails-at-${name}`)
          assert.ok(jail.stopped)
          assert.is(await world.snapshot(), before, `${name}: the host is as before`)
        })()
      }
    },
    { timeout },
  )

  test(
    'a failing stop hook is reported, and the jail is stopped all the same',
    withJail('stubborn', { exec_stop: 'exit 7' }, async (jail) => {
      await drain(jail.start())
      const events: IocEvent[] = []
      const error = await thrown(() => drain(jail.stop({ onEvent: (event) => events.push(event) })))
      assert.instance(error, JailHookFailed)
      matchesGolden(events, world.host.platform.name, 'stop-fails-at-exec_stop')
      assert.ok(jail.stopped)
    }),
    { timeout },
  )

  test(
    'two starts at once: one wins, the other gets a typed error',
    withJail('race', {}, async (jail) => {
      const results = await Promise.allSettled([
        drain(jail.start()),
        drain(new JailGenerator('race', { host }).start()),
      ])
      const errors = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason)
      assert.is(errors.length, 1)
      assert.ok(errors[0] instanceof ResourceLocked || errors[0] instanceof JailAlreadyRunning, String(errors[0]))
      assert.ok(jail.running)
    }),
    { timeout },
  )

  test(
    'whoever leaves a start at any event finds the jail stopped and the host as before',
    withJail('left', {}, async (jail) => {
      const total = (await collect(jail.start())).length
      await drain(jail.stop())
      const before = await world.snapshot()
      const points =
        host.platform.name === 'embedded'
          ? Array.from({ length: total - 1 }, (_, index) => index + 1)
          : [7, 15, total - 1]
      for (const at of points) {
        const controller = new AbortController()
        const error = await thrown(async () => {
          for await (const event of jail.start({ signal: controller.signal }))
            if (event.seq === at) controller.abort(new Error('enough'))
        })
        assert.instance(error, OperationCancelled, `at ${at}`)
        assert.is((error as OperationCancelled).reverted, true)
        assert.ok(jail.stopped)
        assert.is(await world.snapshot(), before, `at ${at}`)
      }
    }),
    { timeout },
  )

  test(
    'the resolver is written into the jail and never through a link',
    withJail('dns', { resolver: '192.0.2.1;2001:db8::1' }, async (jail) => {
      await drain(jail.start())
      const file = join(jail.rootPath, 'etc/resolv.conf')
      assert.is(readFileSync(file, 'utf8'), 'nameserver 192.0.2.1\nnameserver 2001:db8::1\n')
      await drain(jail.stop())
      const bait = join(scratch, 'bait')
      writeFileSync(bait, 'untouched')
      rmSync(file)
      const { symlinkSync } = await import('node:fs')
      symlinkSync(bait, file)
      assert.is(((await thrown(() => drain(jail.start()))) as IocError).code, 'INSECURE_JAIL_PATH')
      assert.is(readFileSync(bait, 'utf8'), 'untouched')
      assert.ok(lstatSync(file).isSymbolicLink())
    }),
    { timeout },
  )

  test(
    "a start nests under the caller's own event, and is undone when the caller fails",
    withJail('nested', {}, async (jail) => {
      const before = await world.snapshot()
      const events: IocEvent[] = []
      const own = host.operation(
        'JailEvent',
        async function* (s) {
          const { jid } = yield* jail.start({ eventScope: s })
          assert.is(jail.jid, jid)
          throw new Error('mine')
        },
        { onEvent: (event) => events.push(event) },
      )
      assert.match((await thrown(() => drain(own))).message, 'mine')
      assert.equal(faultsOf(events), [])
      const started = events.find((event) => event.type === 'JailStart')
      assert.equal([started?.depth, started?.parent], [1, events[0]?.id])
      assert.ok(jail.stopped)
      assert.is(await world.snapshot(), before)
    }),
    { timeout },
  )

  test(
    'a jail that puts a link in the way while it starts does not lead the undo to a file of the host',
    async () => {
      const outside = mkdtempSync(join(scratch, 'outside-'))
      const bait = join(outside, 'resolv.conf')
      writeFileSync(bait, 'untouched')
      const exec_start = `rm -rf etc; ln -s ${outside} etc; exit 1`
      const jail = new JailGenerator('traitor', { host })
      await drain(jail.create(world.release, { properties: { resolver: '192.0.2.1', exec_start } }))
      rmSync(join(jail.rootPath, 'etc/resolv.conf'), { force: true })
      const error = (await thrown(() => drain(jail.start()))) as IocError
      assert.instance(error, JailHookFailed)
      assert.is(error.reverted, false)
      assert.is((error.suppressed[0] as IocError).code, 'INSECURE_JAIL_PATH')
      assert.is(readFileSync(bait, 'utf8'), 'untouched')
      assert.ok(jail.stopped)
      await drain(jail.destroy())
    },
    { timeout },
  )

  test('fetching a release that is there is skipped', async () => {
    const events = await collect(new ReleaseGenerator(world.release, { host }).fetch({ mirror: 'file:///nowhere' }))
    assert.equal(
      events.map(({ state }) => state),
      ['pending', 'skipped'],
    )
  })

  jailConfig(bench)
  jailVerbs(bench)
  jailDependencies(bench)
  jailSnapshots(bench)
  jailConsole(bench)
  jailStorage(bench)
  test.run()
}
