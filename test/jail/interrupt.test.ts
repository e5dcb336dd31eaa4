import { drain } from '@gaoler/core'
import type { HostGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { inImage } from './image.ts'
import { assertRecovers, directoryOf, type Recovered, timeless, trialJail, tryVerb } from './trial.ts'
import { verbs } from './verbs.ts'
import { watchEffects } from './watched.ts'

/*
 * What a process leaves that dies at some moment is the files of its host at that moment. So each moment is looked at in a
 * copy of them, while the operation waits: that takes milliseconds, and no process. Real processes are killed in kill.test.ts.
 */
const test = suite('jail/interrupt')
let world: JailWorld

test.before(async () => {
  world = await embeddedWorld()
})
test.after(() => world.close())

interface Deaths {
  /** Also before each effect, not only after it. */
  readonly both?: boolean
  /** The effect that fails: only what comes after it, its inverses, is died at. */
  readonly fail?: number
  /** The effect behind which who recovers dies too, at each effect of that. */
  readonly dieAgainAt?: number
}

/** Looks, at each effect that `run` carries out on `host`, at what whoever recovers makes of a death there; returns their number. */
async function dieAtEach(
  host: HostGenerator,
  run: () => Promise<unknown>,
  expected: Recovered,
  { both = false, fail = 0, dieAgainAt }: Deaths,
): Promise<number> {
  let at = 0
  const look = (moment: string, again: boolean): Promise<unknown> =>
    inImage(directoryOf(world), async (image) => {
      const where = `${expected.where}, dead ${moment} effect ${at}`
      if (again) await dieInRecovery({ ...expected, where: `${where}, and in recovering` })
      return assertRecovers(world, image, { ...expected, where })
    })
  const end = watchEffects(host, async ({ name }, carryOut) => {
    at++
    if (both) await look('before', false)
    if (at === fail) throw new Error(`${name} was made to fail`)
    const result = await carryOut()
    if (at > fail) await look('after', at === dieAgainAt)
    return result
  })
  await run().finally(end)
  return at
}

function dieInRecovery(expected: Recovered): Promise<unknown> {
  return inImage(directoryOf(world), (image) => dieAtEach(image, () => drain(image.recover()), expected, {}))
}

for (const [name, verb] of Object.entries(verbs)) {
  test(
    `${name}: dead before or after any effect, it is undone or completed by who recovers`,
    () =>
      tryVerb(world, verb, async ({ host, jail, before, after, count }) => {
        const expected = { where: name, before, after: verb.final ? after : null }
        const run = (): Promise<unknown> => drain(verb.run(jail, world, {}))
        assert.is(await dieAtEach(host, run, expected, { both: true, dieAgainAt: count }), count)
        assert.is(timeless(await world.snapshot()), after, 'and it was carried out whole after all that')
      }),
    { timeout: 60_000 },
  )

  test(
    `${name}: dead after any inverse, the rest is undone by who recovers`,
    () =>
      tryVerb(world, verb, async ({ host, before, after, count }) => {
        const expected = { where: `${name}, being undone`, before, after: verb.final ? after : null }
        const run = (): Promise<unknown> => drain(verb.run(trialJail(host), world, {})).catch(() => {})
        await dieAtEach(host, run, expected, { fail: count })
      }),
    { timeout: 60_000 },
  )
}

test.run()
