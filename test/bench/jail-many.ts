import { drain, type Operation } from '@gaoler/core'
import { JailGenerator } from '@gaoler/jail'
import { middle, report } from '../figures.ts'
import { embeddedWorld } from '../jail/embedded-world.ts'
import { linuxWorld } from '../jail/linux-world.ts'

// Fifty jails started eight at a time, beside the same jails one by one: when each does nothing, and when each waits a little
// in its exec_start, as what starts in a jail does. By turns in one run, each round beginning with the other, and the median of
// the rounds' ratios: what else the machine does falls on both. One by one, the last five are compared with the first five.

const COUNT = 50
const LAST = 5

const world = await (process.env.GAOLER_LAB_SCRATCH ? linuxWorld() : embeddedWorld())
const { host, release } = world
const jails = Array.from({ length: COUNT }, (_, index) => new JailGenerator(`many${index}`, { host }))

/** How long all took, and when each was begun. */
async function all(verb: (jail: JailGenerator) => Operation<unknown>, concurrency: number): Promise<number[]> {
  const times: number[] = []
  // One is taken only when there is room for it.
  function* begin(): Generator<Operation<unknown>> {
    for (const jail of jails) {
      times.push(performance.now())
      yield verb(jail)
    }
  }
  await drain(host.operation('JailDependantsStart', (s) => s.all(begin(), { concurrency })))
  return [...times, performance.now()]
}

async function start(concurrency: number): Promise<number[]> {
  const times = await all((jail) => jail.start(), concurrency)
  await all((jail) => jail.stop(), 8)
  return times
}

const lasted = (times: readonly number[], from = 0, to = -1): number => (times.at(to) ?? 0) - (times.at(from) ?? 0)

async function compare(what: string, rounds: number): Promise<void> {
  const [one, eight]: [number[], number[]] = [[], []]
  const growth: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const concurrency of round % 2 ? [8, 1] : [1, 8]) {
      const times = await start(concurrency)
      const took = concurrency === 1 ? one : eight
      took.push(lasted(times))
      if (concurrency === 1) growth.push(lasted(times, -1 - LAST) / lasted(times, 0, LAST))
    }
  }
  const ratios = eight.map((took, round) => took / (one[round] as number))
  const name = `${COUNT} jails ${what}, eight at a time, to one by one (${host.platform.name})`
  const seen = ratios.map((ratio) => ratio.toFixed(2)).join(', ')
  report(name, middle(ratios), 1, `${middle(eight).toFixed(0)} ms to ${middle(one).toFixed(0)} ms; rounds: ${seen}`)
  report(
    `the last ${LAST} of them, to the first ${LAST}, one by one (${host.platform.name})`,
    middle(growth),
    1.1,
    `rounds: ${growth.map((ratio) => ratio.toFixed(2)).join(', ')}`,
  )
}

try {
  const properties = { exec_start: 'none', exec_stop: 'none' }
  await all((jail) => jail.create(release, { properties }), 8)
  // Unmeasured: code is compiled, files are read for the first time.
  await start(8)
  await compare('that do nothing', 5)
  await all((jail) => jail.set({ exec_start: 'sleep 0.2' }), 8)
  await compare('that wait 0.2 s', 1)
  await all((jail) => jail.destroy(), 8)
} finally {
  await world.close()
}
