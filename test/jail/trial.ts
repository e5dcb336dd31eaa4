import { existsSync, readdirSync } from 'node:fs'
import { collect, drain } from '@gaoler/core'
import { type HostGenerator, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert } from '../harness.ts'
import { inImage } from './image.ts'
import type { Verb } from './verbs.ts'
import { watchEffects } from './watched.ts'

/** A verb about to be run on an embedded host that has what it needs. */
export interface Trial {
  readonly host: HostGenerator
  readonly jail: JailGenerator
  readonly before: string
  /** What the host looks like when the verb has run, without what is another in every run. */
  readonly after: string
  /** How many effects of it change something. */
  readonly count: number
}

/** Makes what a verb needs in a copy of the world, runs it once in a copy of that, and gives the first to `body`. */
export async function tryVerb(world: JailWorld, verb: Verb, body: (trial: Trial) => Promise<unknown>): Promise<void> {
  const directory = directoryOf(world)
  await inImage(directory, async (host) => {
    const jail = trialJail(host)
    await verb.ready(jail, world)
    const before = await world.snapshot()
    let count = 0
    const after = await inImage(directory, async (image) => {
      watchEffects(image, (_, carryOut) => {
        count++
        return carryOut()
      })
      await drain(verb.run(trialJail(image), world, {}))
      return timeless(await world.snapshot())
    })
    await body({ host, jail, before, after, count })
  })
}

export function trialJail(host: HostGenerator): JailGenerator {
  return new JailGenerator('tried', { host })
}

export function directoryOf(world: JailWorld): string {
  return world.host.options.directory as string
}

/** Without what is another in every run: guids, marks, moments. */
export function timeless(snapshot: string): string {
  return snapshot.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|covered-[0-9a-f]{16}|\d{6,}/g, 'N')
}

/** What a host may look like when somebody has recovered it. */
export interface Recovered {
  /** For messages. */
  readonly where: string
  readonly before: string
  /** Null where only the state before is right. */
  readonly after: string | null
}

/** Recovers, and asserts that the host is as before or as after, never between, and that there is nothing left to do. */
export async function assertRecovers(
  world: Pick<JailWorld, 'snapshot'>,
  host: HostGenerator,
  { where, before, after }: Recovered,
): Promise<'before' | 'after'> {
  await drain(host.recover())
  const now = await world.snapshot()
  if (now !== before) {
    assert.ok(after !== null, `${where}: the host is not as before:\n${differences(before, now)}`)
    assert.is(timeless(now), after, `${where}: the host is neither as before nor as after`)
  }
  assert.is((await collect(host.recover())).length, 2, `${where}: recovering again has nothing to do`)
  const { journalDirectory } = host
  assert.equal(existsSync(journalDirectory) ? readdirSync(journalDirectory) : [], [], `${where}: no journal is left`)
  return now === before ? 'before' : 'after'
}

function differences(before: string, now: string): string {
  const [old, found] = [before.split('\n'), now.split('\n')]
  const gone = old.filter((line) => !found.includes(line)).map((line) => `- ${line}`)
  return [...gone, ...found.filter((line) => !old.includes(line)).map((line) => `+ ${line}`)].join('\n')
}
