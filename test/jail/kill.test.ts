import { drain } from '@gaoler/core'
import { assert, suite } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'
import { KillWorld } from './kill-world.ts'
import { type Verb, verbs } from './verbs.ts'

const test = suite('jail/kill')
let kills: KillWorld

test.before(async () => {
  kills = new KillWorld(await embeddedWorld())
})
test.after(() => kills.close())

for (const name of ['create', 'start', 'stop', 'clone to a dataset', 'destroy']) {
  test(
    `${name}: killed before and after each of its effects, it is undone or completed by who recovers`,
    () => kills.killAtEach(name),
    { timeout: 180_000 },
  )
}

// Each kill is a process, and these are put together from others.
for (const name of [
  'start with a dependency',
  'destroy while it runs',
  'rename',
  'roll back',
  'restart with a shutdown',
  'clone to a dataset that is replaced',
]) {
  test(
    `${name}: killed after each of its effects, it is undone or completed by who recovers`,
    () => kills.killAtEach(name, ['after']),
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
      const { jail, before } = await kills.prepare(verb)
      let count = 0
      for (let kill = fail + 1; ; kill++) {
        for (const late of [false, true]) {
          if (!(await kills.kill(name, { kill, after: late, fail }))) {
            assert.is(await kills.world.snapshot(), before)
            assert.ok(count >= 2, `there were ${count} inverses to be killed at`)
            await verb.clean(jail)
            return
          }
          count++
          await kills.recover(name)
          assert.is(
            await kills.world.snapshot(),
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
  ['destroy while it runs', 4],
] as const) {
  test(
    `${name}: who recovers is killed too, at each effect, and the next one goes on`,
    async () => {
      const verb = verbs[name] as Verb
      let { jail, before } = await kills.prepare(verb)
      await drain(verb.run(jail, kills.world, {}))
      const after = await kills.snapshot()
      for (let at = 1; ; at++) {
        ;({ jail, before } = await kills.prepare(verb))
        assert.ok(await kills.kill(name, { kill, after: true }))
        let killed = await kills.kill('recover', { kill: at, after: false })
        if (killed) killed = await kills.kill('recover', { kill: 1, after: true })
        await kills.recover(name)
        const now = await kills.world.snapshot()
        if (verb.final) assert.is(await kills.snapshot(), after, `killed at effect ${at} of recovering`)
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
