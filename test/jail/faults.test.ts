import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect, drain, type Inverse, IocError, type IocEvent, type Operation, OperationCancelled } from '@gaoler/core'
import { type HostBase, type JailGenerator, ReleaseGenerator } from '@gaoler/jail'
import { makeSmallRelease } from '../../examples/support/small-release.ts'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { faultsOf, lines } from '../core/toys.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { inImage } from './image.ts'
import { directoryOf, timeless, trialJail, tryVerb } from './trial.ts'
import { type Verb, verbs } from './verbs.ts'
import { watchEffects } from './watched.ts'

const test = suite('jail/faults')
let world: JailWorld

test.before(async () => {
  world = await embeddedWorld()
})
test.after(() => world.close())

class Injected extends IocError {
  static override readonly code: string = 'INJECTED'
}

/** What a host has carried out: its changing effects, and what undoes them. */
interface Carried {
  readonly name: string
  readonly args: object
  readonly inverse: Inverse | null
}

/** Lets the effect number `at` fail instead of run; notes those that ran, in their order. */
function withFault(host: HostBase, at: number): { carried: Carried[]; restore: () => void } {
  const carried: Carried[] = []
  let count = 0
  const restore = watchEffects(host, async ({ name, args, mark, effect }, carryOut) => {
    if (++count === at) throw new Injected(`${name} was made to fail`)
    const result = await carryOut()
    carried.push({ name, args, inverse: effect.undo?.(args as never, mark) ?? null })
    return result
  })
  return { carried, restore }
}

/** Runs a verb whose effect number `at` fails; returns its error, events and effects. */
async function failing(verb: Verb, jail: JailGenerator, at: number) {
  const { carried, restore } = withFault(jail.host, at)
  const events: IocEvent[] = []
  const onEvent = (event: IocEvent): void => void events.push(event)
  const error = await thrown<IocError>(() => drain(verb.run(jail, world, { onEvent }))).finally(restore)
  return { carried, events, error }
}

for (const [name, verb] of Object.entries(verbs)) {
  if (verb.final) {
    test(
      `${name}: whichever effect fails, its error comes out, and running it again completes it`,
      () =>
        tryVerb(world, verb, async ({ after, count }) => {
          for (let at = 1; at <= count; at++) {
            await inImage(directoryOf(world), async (image) => {
              const where = `${name}, effect ${at} of ${count}`
              const { error, events } = await failing(verb, trialJail(image), at)
              assert.instance(error, Injected, where)
              assert.equal(faultsOf(events), [], where)
              assert.ok(lines(events).at(-1)?.endsWith(':failed'), where)
              const jail = trialJail(image)
              await drain(verb.again ? verb.again(jail) : verb.run(jail, world, {}))
              assert.is(timeless(await world.snapshot()), after, where)
            })
          }
        }),
      { timeout: 60_000 },
    )
    continue
  }

  test(
    `${name}: whichever effect fails, its error comes out, and everything is undone, last in, first out`,
    () =>
      tryVerb(world, verb, async ({ host, jail, before, count }) => {
        for (let at = 1; at <= count; at++) {
          const where = `${name}, effect ${at} of ${count}`
          const { error, events, carried } = await failing(verb, jail, at)
          assert.instance(error, Injected, where)
          assert.is(error.reverted, true, where)
          assert.equal(faultsOf(events), [], where)
          assert.ok(lines(events).at(-1)?.endsWith(':failed'), where)
          const done = carried.slice(0, at - 1).flatMap(({ inverse }) => (inverse ? [inverse] : []))
          // Before that: what a teardown goes on with after a failure, and what the console's log is told.
          const undone = carried.slice(carried.length - done.length).map(({ name, args }): Inverse => [name, args])
          assert.equal(undone, done.toReversed(), where)
          assert.is(await world.snapshot(), before, where)
          assert.equal(host.doctor(), [], where)
        }
      }),
    { timeout: 60_000 },
  )

  test(
    `${name}: cancelled at any event, everything is undone`,
    () =>
      tryVerb(world, verb, async ({ jail, before }) => {
        for (let at = 1, total = 2; at < total; at++) {
          const where = `${name}, cancelled at event ${at}`
          const events: IocEvent[] = []
          const controller = new AbortController()
          const onEvent = (event: IocEvent): void => void events.push(event)
          const operation = verb.run(jail, world, { signal: controller.signal, onEvent })
          const error = await thrown<OperationCancelled>(async () => {
            for await (const event of operation) if (event.seq === at) controller.abort(new Error('enough'))
          })
          assert.instance(error, OperationCancelled, where)
          assert.is(error.reverted, true, where)
          assert.equal(faultsOf(events), [], where)
          assert.is(await world.snapshot(), before, where)
          if (at > 1) continue
          await inImage(directoryOf(world), async (image) => {
            const all = await collect(verb.run(trialJail(image), world, {}))
            total = all.filter(({ state }) => state !== 'progress').length
          })
        }
      }),
    { timeout: 60_000 },
  )
}

test(
  'fetch with a base, and its renewal: whichever effect fails, nothing of it is left',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gaoler-faults-'))
    const { mirror, name } = await makeSmallRelease(directory, { name: '15.0-RELEASE' })
    const { zfs, datasets } = world.host
    const release = new ReleaseGenerator(name, { host: world.host })
    // It belongs to the source, and stays.
    await zfs.create(datasets.main.base)
    await zfs.mount(datasets.main.base)
    const withFaults = async (operation: () => Operation<void>): Promise<void> => {
      for (let at = 1; ; at++) {
        const before = await world.snapshot()
        const fault = withFault(world.host, at)
        const error = await drain(operation()).then(
          () => undefined,
          (e) => e,
        )
        fault.restore()
        if (error === undefined) return
        assert.instance(error, Injected)
        assert.is(error.reverted, true)
        assert.is(await world.snapshot(), before, `effect ${at}`)
      }
    }
    await withFaults(() => release.fetch({ mirror, updateBase: true }))
    await writeFile(join(release.rootPath, 'usr/bin/new'), 'new')
    await rm(join(release.rootPath, 'bin/hello'))
    await zfs.snapshot([`${release.rootDatasetName}@p1`])
    await withFaults(() => release.updateBase())
    const base = datasets.path(release.baseDatasetName)
    assert.is(await readFile(join(base, 'usr/bin/new'), 'utf8'), 'new')
    assert.not(existsSync(join(base, 'bin/hello')))
    await drain(release.destroy())
    await rm(directory, { recursive: true })
  },
  { timeout: 60_000 },
)

test.run()
