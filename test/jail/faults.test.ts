import { collect, drain, type Effect, IocError, type IocEvent, OperationCancelled } from '@gaoler/core'
import { type HostBase, JailGenerator, ReleaseGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { faultsOf, lines } from '../core/toys.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { verbs } from './verbs.ts'

const test = suite('jail/faults')
let world: JailWorld

test.before(async () => {
  world = await embeddedWorld()
})
test.after(() => world.close())

class Injected extends IocError {
  static override readonly code: string = 'INJECTED'
}

/** Lets the effect number `at` of what follows fail instead of run; counts those that change something. */
function withFault(host: HostBase, at: number): { carriedOut: () => string[]; restore: () => void } {
  const { effects } = host
  const seen: string[] = []
  const faulty = Object.entries(effects).map(([name, effect]: [string, Effect<never, unknown>]) => [
    name,
    {
      ...effect,
      run: (args: never, context: never) => {
        if (effect.query) return effect.run(args, context)
        seen.push(name)
        if (seen.length === at) throw new Injected(`${name} was made to fail`)
        return effect.run(args, context)
      },
    },
  ])
  Object.defineProperty(host, 'effects', { value: Object.fromEntries(faulty), configurable: true })
  return {
    carriedOut: () => seen,
    restore: () => void Object.defineProperty(host, 'effects', { value: effects, configurable: true }),
  }
}

for (const [name, { ready, run, clean, final }] of Object.entries(verbs)) {
  if (final) continue
  test(
    `${name}: whichever effect fails, its error comes out, everything is undone and told in order`,
    async () => {
      for (let at = 1; ; at++) {
        const jail = new JailGenerator('faulty', { host: world.host })
        await ready(jail, world)
        const before = await world.snapshot()
        const fault = withFault(world.host, at)
        const events: IocEvent[] = []
        const error = await drain(run(jail, world, { onEvent: (event: IocEvent) => events.push(event) })).then(
          () => undefined,
          (e) => e,
        )
        const count = fault.carriedOut().length
        fault.restore()
        if (error === undefined) {
          assert.ok(at > 1 && count < at, 'every effect had its turn')
          await clean(jail)
          return
        }
        const where = `${name}, effect ${at} (${fault.carriedOut()[at - 1]})`
        assert.instance(error, Injected, where)
        assert.is(error.reverted, true, where)
        assert.equal(faultsOf(events), [], where)
        assert.ok(lines(events).at(-1)?.endsWith(':failed'), where)
        assert.is(await world.snapshot(), before, where)
        await clean(jail)
      }
    },
    { timeout: 60_000 },
  )

  test(
    `${name}: cancelled at any event, everything is undone`,
    async () => {
      for (let at = 1, total = 2; at < total; at++) {
        const jail = new JailGenerator('faulty', { host: world.host })
        await ready(jail, world)
        const before = await world.snapshot()
        const events: IocEvent[] = []
        const controller = new AbortController()
        const operation = run(jail, world, {
          signal: controller.signal,
          onEvent: (event: IocEvent) => events.push(event),
        })
        const error = await thrown<OperationCancelled>(async () => {
          for await (const event of operation) if (event.seq === at) controller.abort(new Error('enough'))
        })
        assert.instance(error, OperationCancelled, `${name} at ${at}`)
        assert.is(error.reverted, true, `${name} at ${at}`)
        assert.equal(faultsOf(events), [], `${name} at ${at}`)
        assert.is(await world.snapshot(), before, `${name} at ${at}`)
        if (at === 1) total = (await collect(run(jail, world, {}))).filter(({ state }) => state !== 'progress').length
        await clean(jail)
      }
    },
    { timeout: 60_000 },
  )
}

test(
  'fetch: whichever effect fails, nothing of the release is left',
  async () => {
    const { makeSmallRelease } = await import('../../examples/support/small-release.ts')
    const { mkdtemp, rm } = await import('node:fs/promises')
    const directory = await mkdtemp('/tmp/gaoler-faults-')
    const { mirror, name } = await makeSmallRelease(directory, { name: '15.0-RELEASE' })
    for (let at = 1; ; at++) {
      const release = new ReleaseGenerator(name, { host: world.host })
      const before = await world.snapshot()
      const fault = withFault(world.host, at)
      const error = await drain(release.fetch({ mirror })).then(
        () => undefined,
        (e) => e,
      )
      fault.restore()
      if (error === undefined) break
      assert.instance(error, Injected)
      assert.is(error.reverted, true)
      assert.is(await world.snapshot(), before, `effect ${at}`)
    }
    await rm(directory, { recursive: true })
  },
  { timeout: 60_000 },
)

test.run()
