import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { inImage } from './image.ts'
import { Killer } from './kills.ts'
import { assertRecovers, directoryOf, tryVerb } from './trial.ts'
import { type Verb, verbs } from './verbs.ts'

const test = suite('jail/kill')
let world: JailWorld
let killer: Killer

test.before(async () => {
  world = await embeddedWorld()
  killer = new Killer()
})
test.after(async () => {
  killer.close()
  await world.close()
})

// Each kill is a process: every other verb and moment is in interrupt.test.ts.
for (const name of [
  'create',
  'start',
  'stop',
  'clone to a dataset',
  'rename',
  'restart with a shutdown',
  'destroy while it runs',
]) {
  test(
    `${name}: killed after each of its effects, it is undone or completed by who recovers`,
    async () => {
      const verb = verbs[name] as Verb
      const outcomes = new Set<string>()
      await tryVerb(world, verb, async ({ jail, before, after, count }) => {
        const job = { options: world.host.options, release: world.release, verb: name, jail: jail.name, after: true }
        for (let kill = 1; kill <= count; kill++) {
          await inImage(directoryOf(world), async (image) => {
            assert.ok(await killer.run({ ...job, kill }))
            const where = `${name}, killed after effect ${kill}`
            outcomes.add(await assertRecovers(world, image, { where, before, after: verb.final ? after : null }))
          })
        }
        assert.ok(count > 2)
      })
      assert.ok(outcomes.has(verb.final ? 'after' : 'before'))
    },
    { timeout: 180_000 },
  )
}

test.run()
