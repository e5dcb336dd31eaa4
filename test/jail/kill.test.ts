import { readdirSync } from 'node:fs'
import { collect, drain } from '@gaoler/core'
import { HostGenerator, JailGenerator } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { type Job, Killer } from './kills.ts'
import { type Verb, verbs } from './verbs.ts'

const test = suite('jail/kill')
let world: JailWorld
let host: HostGenerator
let killer: Killer

test.before(async () => {
  world = await embeddedWorld()
  host = HostGenerator.open(world.host.options)
  killer = new Killer()
})
test.after(async () => {
  killer.close()
  await world.close()
})

/** Without what is another in every run: guids, marks, moments. */
const timeless = (snapshot: string): string =>
  snapshot.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{6,}/g, 'N')

const job = (verb: string, at: Pick<Job, 'kill' | 'after' | 'fail'>): Job => ({
  options: host.options,
  release: world.release,
  verb,
  jail: 'killed',
  ...at,
})

async function recoverTwice(where: string): Promise<void> {
  await drain(host.recover())
  const again = await collect(host.recover())
  assert.is(again.length, 2, `${where}: recovering again has nothing to do`)
  assert.equal(readdirSync(host.journalDirectory), [], `${where}: no journal is left`)
}

/** What the host looks like before the verb, and after it where that can be said. */
async function prepare(verb: Verb): Promise<{ jail: JailGenerator; before: string }> {
  const jail = new JailGenerator('killed', { host })
  await verb.clean(jail)
  await verb.ready(jail, world)
  return { jail, before: await world.snapshot() }
}

/** Each kill is a process: of verbs that are put together from others, one stands for them. */
const killed = [
  'create',
  'start',
  'start with a dependency',
  'stop',
  'clone to a dataset',
  'destroy',
  'destroy while it runs',
]

for (const name of killed) {
  const verb = verbs[name] as Verb
  test(
    `${name}: killed before and after each of its effects, it is undone or completed by who recovers`,
    async () => {
      let { jail, before } = await prepare(verb)
      await drain(verb.run(jail, world, {}))
      const after = timeless(await world.snapshot())
      ;({ jail, before } = await prepare(verb))
      let effects = 0
      for (let kill = 1; ; kill++) {
        let killed = true
        for (const late of [false, true]) {
          const where = `${name}, killed ${late ? 'after' : 'before'} effect ${kill}`
          killed = await killer.run(job(name, { kill, after: late }))
          if (!killed) break
          await recoverTwice(where)
          const now = await world.snapshot()
          if (now === before) continue
          assert.ok(verb.final, `${where}: the host is as before`)
          assert.is(timeless(now), after, `${where}: the host is as after it`)
          ;({ jail, before } = await prepare(verb))
        }
        if (!killed) break
        effects = kill
      }
      assert.ok(effects >= 3, `there were ${effects} effects to be killed at`)
      // It was carried out whole after all that.
      assert.is(timeless(await world.snapshot()), after)
      await verb.clean(jail)
    },
    { timeout: 180_000 },
  )
}

for (const [name, fail] of [
  ['create', 5],
  ['start', 9],
  ['clone to a dataset', 4],
] as const) {
  test(
    `${name}: killed while it is undone, the rest is undone by who recovers`,
    async () => {
      const verb = verbs[name] as Verb
      const { jail, before } = await prepare(verb)
      let kills = 0
      for (let kill = fail + 1; ; kill++) {
        for (const late of [false, true]) {
          if (!(await killer.run(job(name, { kill, after: late, fail })))) {
            assert.is(await world.snapshot(), before)
            assert.ok(kills >= 2, `there were ${kills} inverses to be killed at`)
            await verb.clean(jail)
            return
          }
          kills++
          await recoverTwice(name)
          assert.is(
            await world.snapshot(),
            before,
            `${name}, killed ${late ? 'after' : 'before'} inverse ${kill - fail}`,
          )
        }
      }
    },
    { timeout: 180_000 },
  )
}

for (const [name, kill] of [
  ['create', 5],
  ['start', 9],
  ['clone to a dataset', 3],
  ['destroy while it runs', 4],
] as const) {
  test(
    `${name}: who recovers is killed too, at each effect, and the next one goes on`,
    async () => {
      const verb = verbs[name] as Verb
      let { jail, before } = await prepare(verb)
      await drain(verb.run(jail, world, {}))
      const after = timeless(await world.snapshot())
      for (let at = 1; ; at++) {
        ;({ jail, before } = await prepare(verb))
        assert.ok(await killer.run(job(name, { kill, after: true })))
        let killed = await killer.run(job('recover', { kill: at, after: false }))
        if (killed) killed = await killer.run(job('recover', { kill: 1, after: true }))
        await recoverTwice(name)
        const now = await world.snapshot()
        if (verb.final) assert.is(timeless(now), after, `killed at effect ${at} of recovering`)
        else assert.is(now, before, `killed at effect ${at} of recovering`)
        await verb.clean(jail)
        if (!killed) {
          assert.ok(at > 2)
          return
        }
      }
    },
    { timeout: 180_000 },
  )
}

test.run()
