import { drain } from '@gaoler/core'
import { HostGenerator, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert } from '../harness.ts'
import { Killer } from './kills.ts'
import { assertRecovers, timeless } from './trial.ts'
import { type Verb, verbs } from './verbs.ts'
import { watchEffects } from './watched.ts'

/** A host that cannot be copied, on which processes are killed. */
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

  /** Kills a verb after each kind of its effects, the last of its kind; the host must be as before it or as after it. */
  async killAfterEach(name: string): Promise<void> {
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
    let found = 'after'
    for (const [effect, kill] of last) {
      if (found === 'after') ({ jail, before } = await this.#prepare(verb))
      assert.ok(await this.#killer.run({ ...job, kill }))
      const where = `${name}, killed after ${effect}, its effect ${kill}`
      found = await assertRecovers(this.#world, this.#host, { where, before, after: verb.final ? after : null })
    }
    await verb.clean(jail)
  }

  /** Makes what the verb needs, and says what the host looks like. */
  async #prepare(verb: Verb): Promise<{ jail: JailGenerator; before: string }> {
    const jail = new JailGenerator('killed', { host: this.#host })
    await verb.clean(jail)
    await verb.ready(jail, this.#world)
    return { jail, before: await this.#world.snapshot() }
  }
}
