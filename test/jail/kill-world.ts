import { existsSync, readdirSync } from 'node:fs'
import { collect, drain } from '@gaoler/core'
import { HostGenerator, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert } from '../harness.ts'
import { type Job, Killer } from './kills.ts'
import { type Verb, verbs } from './verbs.ts'

/** Whether a process is killed before an effect or after it. */
export type Moment = 'before' | 'after'

/** A host on which processes are killed: what killing and recovering comes to. */
export class KillWorld {
  readonly world: JailWorld
  readonly host: HostGenerator
  readonly #killer = new Killer()

  constructor(world: JailWorld) {
    this.world = world
    this.host = HostGenerator.open(world.host.options)
  }

  async close(): Promise<void> {
    this.#killer.close()
    await this.world.close()
  }

  /** Runs a verb, or `recover`, in a process that is killed in it; false when it came to its end. */
  kill(verb: string, at: Pick<Job, 'kill' | 'after' | 'fail'>): Promise<boolean> {
    return this.#killer.run({ options: this.host.options, release: this.world.release, verb, jail: 'killed', ...at })
  }

  /** Without what is another in every run: guids, marks, moments. */
  async snapshot(): Promise<string> {
    return timeless(await this.world.snapshot())
  }

  /** Recovers, and asserts that there is nothing left to do. */
  async recover(where: string): Promise<void> {
    await drain(this.host.recover())
    const again = await collect(this.host.recover())
    assert.is(again.length, 2, `${where}: recovering again has nothing to do`)
    const { journalDirectory } = this.host
    assert.equal(existsSync(journalDirectory) ? readdirSync(journalDirectory) : [], [], `${where}: no journal is left`)
  }

  /** Makes what the verb needs, and says what the host looks like. */
  async prepare(verb: Verb): Promise<{ jail: JailGenerator; before: string }> {
    const jail = new JailGenerator('killed', { host: this.host })
    await verb.clean(jail)
    await verb.ready(jail, this.world)
    return { jail, before: await this.world.snapshot() }
  }

  /** Kills a verb at each of its effects; the host must be as before it or as after it, and the verb work again. */
  async killAtEach(name: string, moments: readonly Moment[] = ['before', 'after']): Promise<void> {
    const verb = verbs[name] as Verb
    let { jail, before } = await this.prepare(verb)
    await drain(verb.run(jail, this.world, {}))
    const after = await this.snapshot()
    ;({ jail, before } = await this.prepare(verb))
    for (let kill = 1; ; kill++) {
      for (const moment of moments) {
        const where = `${name}, killed ${moment} effect ${kill}`
        if (!(await this.kill(name, { kill, after: moment === 'after' }))) {
          assert.ok(kill > 3, `there were ${kill - 1} effects to be killed at`)
          assert.is(await this.snapshot(), after, `${name} was carried out whole after all that`)
          return void (await verb.clean(jail))
        }
        await this.recover(where)
        const now = await this.world.snapshot()
        if (now === before) continue
        assert.ok(verb.final, `${where}: the host is as before`)
        assert.is(timeless(now), after, `${where}: the host is as after it`)
        ;({ jail, before } = await this.prepare(verb))
      }
    }
  }
}

function timeless(snapshot: string): string {
  return snapshot.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{6,}/g, 'N')
}
