import type { IocEvent, Operation } from '@gaoler/core'
import { collect, drain } from '@gaoler/core'
import { type HostBase, JailGenerator } from '@gaoler/jail'
import { faultsOf } from '../core/toys.ts'
import { matchesGolden } from '../golden.ts'
import { assert, type Suite } from '../harness.ts'

export interface JailWorld {
  readonly host: HostBase
  /** A release that has been fetched. */
  readonly release: string
  /** Everything outside the process that a jail could leave behind, as text that can be compared. */
  snapshot(): Promise<string>
  close(): Promise<void>
}

/** What a behaviour of jails is written against; `world` and `host` are known once the suite runs. */
export class JailBench {
  readonly test: Suite
  readonly scratch: string
  readonly #world: () => JailWorld

  constructor(test: Suite, scratch: string, world: () => JailWorld) {
    this.test = test
    this.scratch = scratch
    this.#world = world
  }

  get world(): JailWorld {
    return this.#world()
  }

  get host(): HostBase {
    return this.world.host
  }

  jail(name: string): JailGenerator {
    return new JailGenerator(name, { host: this.host })
  }

  async create(name: string, properties: Record<string, unknown> = {}): Promise<JailGenerator> {
    const jail = this.jail(name)
    await drain(jail.create(this.world.release, { properties }))
    return jail
  }

  /** Runs `body` with a new jail and asserts that nothing of it is left. */
  with(
    name: string,
    properties: Record<string, unknown>,
    body: (jail: JailGenerator) => Promise<unknown>,
  ): () => Promise<void> {
    return async () => {
      const before = await this.world.snapshot()
      const jail = await this.create(name, properties)
      try {
        await body(jail)
      } finally {
        await drain(jail.destroy({ forceStop: true }))
      }
      assert.is(await this.world.snapshot(), before, 'the host is as before')
    }
  }

  /** Runs an operation, and compares its events with the platform's golden trace of that name. */
  async golden(operation: Operation<unknown>, name: string): Promise<IocEvent[]> {
    const events = await collect(operation)
    assert.equal(faultsOf(events), [], name)
    matchesGolden(events, this.host.platform.name, name)
    return events
  }
}
