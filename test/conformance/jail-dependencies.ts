import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { collect, drain, type IocError } from '@gaoler/core'
import { JailDependencyCycle, JailGenerator, JailHookFailed, JailNotReady } from '@gaoler/jail'
import { faultsOf } from '../core/toys.ts'
import { assert, thrown } from '../harness.ts'
import type { JailBench } from './jail-bench.ts'

/** How jails that depend on each other start, on every platform. */
export function jailDependencies(bench: JailBench): void {
  const { test, scratch } = bench
  const timeout = 60_000

  /** Jails by name with their properties; nothing of them is left behind. */
  const withJails = async (
    jails: Record<string, Record<string, unknown>>,
    body: (jail: (name: string) => JailGenerator) => Promise<void>,
  ): Promise<void> => {
    const { host, release } = bench.world
    const jail = (name: string): JailGenerator => new JailGenerator(name, { host })
    try {
      for (const [name, properties] of Object.entries(jails)) await drain(jail(name).create(release, { properties }))
      await body(jail)
    } finally {
      for (const name of Object.keys(jails)) {
        if (jail(name).exists) await drain(jail(name).destroy({ forceStop: true }))
      }
    }
  }

  test(
    'what stands between two jails is respected, whatever the rest does at the same time, and each starts once',
    async () => {
      const log = join(scratch, 'order')
      const note = { exec_prestart: `echo "> $IOC_ID" >> ${log}`, exec_poststart: `echo "< $IOC_ID" >> ${log}` }
      const jails = {
        net: note,
        db: { ...note, depends: 'net' },
        cache: { ...note, depends: 'net' },
        app: { ...note, depends: 'db,cache' },
      }
      await withJails(jails, async (jail) => {
        const events = await collect(jail('app').start())
        assert.equal(faultsOf(events), [])
        const lines = readFileSync(log, 'utf8').trim().split('\n')
        assert.equal(
          [...lines].sort(),
          ['app', 'cache', 'db', 'net'].flatMap((name) => [`< ${name}`, `> ${name}`]).sort(),
        )
        assert.equal(
          [lines.slice(0, 2), lines.slice(-2)],
          [
            ['> net', '< net'],
            ['> app', '< app'],
          ],
        )
        const done = events.filter((event) => event.is('JailDependantsStart') && event.state === 'done')
        const started = done.flatMap((event) => (event.is('JailDependantsStart') ? (event.payload.started ?? []) : []))
        assert.equal(started.sort(), ['cache', 'db', 'net'])
      })
    },
    { timeout },
  )

  test(
    'a filter means every other jail that it fits, and a name that no jail has is an error',
    async () => {
      const jails = {
        db: { tags: 'storage' },
        cache: { tags: 'storage,fast' },
        app: { tags: 'storage', depends: 'tag=storage' },
        lost: { depends: 'nowhere' },
        wide: { depends: 'd* ca+' },
      }
      await withJails(jails, async (jail) => {
        await drain(jail('app').start())
        assert.ok(jail('db').running && jail('cache').running && jail('lost').stopped)
        assert.match(
          (await thrown(() => drain(jail('lost').start()))).message,
          /nowhere does not exist .* jail lost depends on it/,
        )
        for (const name of ['app', 'db', 'cache']) await drain(jail(name).stop())
        await drain(jail('wide').start())
        assert.ok(jail('db').running && jail('cache').running && jail('app').stopped)
      })
    },
    { timeout },
  )

  test(
    'a dependency that fails ends those beside it, and all that were started are stopped again',
    async () => {
      const jails = {
        good: {},
        bad: { exec_poststart: 'exit 3' },
        app: { depends: 'good,bad' },
      }
      await withJails(jails, async (jail) => {
        const error = (await thrown(() => drain(jail('app').start()))) as IocError
        assert.instance(error, JailHookFailed)
        assert.is(error.reverted, true)
        assert.ok(['good', 'bad', 'app'].every((name) => jail(name).stopped))
      })
    },
    { timeout },
  )

  test(
    'a circle is an error that tells the way, before anything is started',
    async () => {
      const jails = { a: { depends: 'b' }, b: { depends: 'c' }, c: { depends: 'a' }, self: { depends: 'self' } }
      await withJails(jails, async (jail) => {
        const error = (await thrown(() => drain(jail('a').start()))) as JailDependencyCycle
        assert.instance(error, JailDependencyCycle)
        assert.equal(error.details.path, ['a', 'b', 'c', 'a'])
        assert.instance(await thrown(() => drain(jail('self').start())), JailDependencyCycle)
        assert.ok(['a', 'b', 'c', 'self'].every((name) => jail(name).stopped))
      })
    },
    { timeout },
  )

  test(
    'whoever depends on a jail with a check waits until that passes, also when the jail runs already',
    async () => {
      const flag = 'tmp/is-ready'
      // It becomes ready some time after its start has ended.
      const jails = {
        db: { exec_start: `(sleep 1; echo yes > ${flag}) > /dev/null 2>&1 &`, exec_ready: `test -s ${flag}` },
        app: { depends: 'db', exec_prestart: `test -s "$ROOT"/${flag}` },
      }
      await withJails(jails, async (jail) => {
        const env = { ROOT: jail('db').rootPath }
        const events = await collect(jail('app').start({ env }))
        assert.ok(events.some(({ type, state }) => type === 'JailReady' && state === 'done'))
        assert.ok(existsSync(join(env.ROOT, flag)))
        await drain(jail('app').stop())
        assert.ok((await collect(jail('app').start({ env }))).some(({ type }) => type === 'JailReady'))
      })
    },
    { timeout },
  )

  test(
    'a check that does not pass in time is named, and the start is undone',
    async () => {
      const jails = { db: { exec_ready: 'exit 7', ready_timeout: 1 }, app: { depends: 'db' } }
      await withJails(jails, async (jail) => {
        const error = (await thrown(() => drain(jail('app').start()))) as JailNotReady
        assert.instance(error, JailNotReady)
        assert.equal([error.details.jail, error.details.seconds], ['db', 1])
        // On a slow machine the last try is still running when the time is over.
        assert.ok([7, null].includes(error.details.code), String(error.details.code))
        assert.ok(jail('db').stopped && jail('app').stopped)
        await drain(jail('db').start())
        assert.ok(jail('db').running, 'its own start does not wait for the check')
      })
    },
    { timeout },
  )

  test(
    'what the hooks of a jail say is in its console log, in order and with how they ended',
    async () => {
      const jails = {
        chatty: { exec_prestart: 'echo before', exec_start: 'echo inside; echo oops >&2', exec_poststart: 'exit 4' },
      }
      await withJails(jails, async (jail) => {
        await thrown(() => drain(jail('chatty').start()))
        const text = readFileSync(jail('chatty').consoleLogFile, 'utf8').replace(/^\S+Z /gm, '')
        assert.is(
          text,
          [
            'exec_prestart: echo before',
            'before',
            'exec_prestart exited with 0',
            'exec_start: echo inside; echo oops >&2',
            'inside',
            'oops',
            'exec_start exited with 0',
            'exec_poststart: exit 4',
            'exec_poststart exited with 4',
            '',
          ].join('\n'),
        )
        rmSync(jail('chatty').consoleLogFile)
      })
    },
    { timeout },
  )
}
