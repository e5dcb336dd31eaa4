import { drain, type Operation } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { middle, report } from '../figures.ts'
import { embeddedWorld } from '../jail/embedded-world.ts'
import { linuxWorld } from '../jail/linux-world.ts'

// Fifty jails started eight at a time, beside the same jails one by one: when each does nothing, and when each waits a little
// in its exec_start, as what starts in a jail does. By turns in one run.

const COUNT = 50
const ROUNDS = 3

const world = await (process.env.GAOLER_LAB_SCRATCH ? linuxWorld() : embeddedWorld())
const { host, release } = world
const jails = Array.from({ length: COUNT }, (_, index) => new JailGenerator(`many${index}`, { host }))

const all = (verb: (jail: JailGenerator) => Operation<unknown>, concurrency: number): Promise<unknown> =>
  drain(host.operation('JailDependantsStart', (s) => s.all(jails.map(verb), { concurrency })))

async function start(concurrency: number): Promise<number> {
  const from = performance.now()
  await all((jail) => jail.start(), concurrency)
  const took = performance.now() - from
  await all((jail) => jail.stop(), 8)
  return took
}

try {
  const properties = { exec_start: 'none', exec_stop: 'none' }
  await all((jail) => jail.create(release, { properties }), 8)
  for (const [what, exec_start] of Object.entries({ 'that do nothing': 'none', 'that wait 0.2 s': 'sleep 0.2' })) {
    await all((jail) => jail.set({ exec_start }), 8)
    const [one, eight]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      one.push(await start(1))
      eight.push(await start(8))
    }
    const [a, b] = [middle(eight), middle(one)]
    const name = `${COUNT} jails ${what}, eight at a time, to one by one (${host.platform.name})`
    report(name, a / b, 1, `${a.toFixed(0)} ms to ${b.toFixed(0)} ms`)
  }
  await all((jail) => jail.destroy(), 8)
} finally {
  await world.close()
}
