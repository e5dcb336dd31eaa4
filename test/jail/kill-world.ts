import { drain, type IocError } from '@gaoler/core'
import { HostGenerator, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, thrown } from '../harness.ts'
import { Killer } from './kills.ts'
import { assertRecovers, timeless } from './trial.ts'
import { type Verb, verbs } from './verbs.ts'
import { watchEffects } from './watched.ts'

/** Effects that leave nothing which the host's kernel or ZFS would have to take back; embedded hosts try these too. */
const fleeting = ['appendLog', 'execOnHost', 'setUpNetwork', 'tearDownNetwork']

/** A host that cannot be copied, on which verbs are broken off. */
export class KillWorld {
  readonly #world: JailWorld
  readonly #host: HostGenerator
  readonly #killer = new Killer()

  constructor(world: JailWorld) {
    this.#world = world
    this.#host = HostGenerator.open(world.host.options)
  }

  async close(): Promise<void> {
    this.#killer.close()
    await this.#world.close()
  }

  /** Breaks a verb off at each kind of its effects, the last of its kind: kills its process, lets it fail, cancels it. */
  async breakOff(name: string): Promise<void> {
    const verb = verbs[name] as Verb
    let { jail, before } = await this.#prepare(verb)
    const last = new Map<string, number>()
    let count = 0
    const end = watchEffects(this.#host, ({ name }, carryOut) => {
      last.set(name, ++count)
      return carryOut()
    })
    await drain(verb.run(jail, this.#world, {})).finally(end)
    const after = timeless(await this.#world.snapshot())
    const { release } = this.#world
    const job = { options: this.#host.options, release, verb: name, jail: jail.name, after: true }
    for (const effect of fleeting) last.delete(effect)
    let found = 'after'
    const prepare = async (): Promise<void> => {
      if (found === 'after') ({ jail, before } = await this.#prepare(verb))
    }
    for (const [effect, at] of last) {
      const where = `${name}, broken off at ${effect}, its effect ${at}`
      await prepare()
      assert.ok(await this.#killer.run({ ...job, kill: at }))
      found = await assertRecovers(this.#world, this.#host, { where, before, after: verb.final ? after : null })
      await prepare()
      await this.#fails(verb, jail, at, { where, before, after })
      if (verb.final) found = 'after'
    }
    await verb.clean(jail)
  }

  /** Lets a verb fail at an effect, and cancels it behind that: all is undone, or the verb completes when it is run again. */
  async #fails(
    verb: Verb,
    jail: JailGenerator,
    at: number,
    { where, before, after }: { where: string; before: string; after: string },
  ): Promise<void> {
    for (const how of verb.final ? ['failed'] : ['failed', 'cancelled']) {
      const controller = new AbortController()
      let count = 0
      const end = watchEffects(this.#host, async (_, carryOut) => {
        const here = ++count === at
        if (here && how === 'failed') throw new Error('made to fail')
        const result = await carryOut()
        if (here) controller.abort()
        return result
      })
      const run = (): Promise<unknown> => drain(verb.run(jail, this.#world, { signal: controller.signal }))
      const error = await thrown<IocError>(run).finally(end)
      if (verb.final) {
        await drain(verb.again ? verb.again(jail) : verb.run(jail, this.#world, {}))
        assert.is(timeless(await this.#world.snapshot()), after, `${where}: ${how}, and run again`)
      } else {
        assert.is(error.reverted, true, `${where}: ${how}`)
        assert.is(await this.#world.snapshot(), before, `${where}: ${how}`)
      }
    }
  }

  /** Makes what the verb needs, and says what the host looks like. */
  async #prepare(verb: Verb): Promise<{ jail: JailGenerator; before: string }> {
    const jail = new JailGenerator('killed', { host: this.#host })
    await verb.clean(jail)
    await verb.ready(jail, this.#world)
    return { jail, before: await this.#world.snapshot() }
  }
}
