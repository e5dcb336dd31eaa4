/** What was measured in turns, so that both see the same load of the machine: the median of the ratios. */
export interface Compared {
  /** How many times as long the peer took. */
  readonly ratio: number
  /** Milliseconds, of the round with that ratio. */
  readonly ours: number
  readonly peer: number
}

/** Where both wait for the same work of the kernel, rounds scatter by as much; what is ours is shown apart. */
export const notSlower = 0.95

type Timed = () => number | Promise<number>

export async function compare(rounds: number, ours: Timed, peer: Timed): Promise<Compared> {
  const all: Compared[] = []
  // The first round warms both.
  for (let round = 0; round <= rounds; round++) {
    const first = round % 2 === 0 ? await peer() : 0
    const own = await ours()
    const other = first || (await peer())
    if (round > 0) all.push({ ratio: other / own, ours: own, peer: other })
  }
  return all.sort((a, b) => a.ratio - b.ratio)[rounds >> 1] as Compared
}

/** Milliseconds of some work. */
export async function timed(work: () => unknown): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** A line for a ratio that is to be `bar` at least, or that has none. */
export function report(what: string, { ratio, ours, peer }: Compared, bar?: number): void {
  const verdict = bar === undefined ? '' : `   ${ratio >= bar ? 'met' : 'NOT MET'}: at least ${bar}×`
  const times = `(${digits(ours)} ms to ${digits(peer)} ms)`
  console.log(`${what.padEnd(76)} ${`${digits(ratio)}×`.padStart(8)}${verdict} ${times}`)
}

/** Three digits that tell. */
const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
