/** The median. */
export const middle = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN

/**
 * How many times as long `run` takes with ten times as many characters: 10,000 and 1,000. Both lengths are given as many
 * characters in all, so that both pay for the collector, and in turns, so that what else the machine does falls on both.
 */
export function growthOf(run: (length: number) => unknown, rounds = 21): number {
  const time = (length: number): number => {
    const started = performance.now()
    for (let done = 0; done < 10_000; done += length) run(length)
    return performance.now() - started
  }
  const ratio = (): number => {
    const short = time(1000)
    return time(10_000) / short
  }
  return 10 * middle(Array.from({ length: rounds }, ratio))
}

/** Null when ten times as many characters take at most ten times as long, else what was measured. */
export function growsTooFast(run: (length: number) => unknown, rounds?: number): string | null {
  const seen: number[] = []
  // What is quadratic is so every time; what is linear has its share of what does not grow, and soon shows it.
  for (let attempt = 0; attempt < 6; attempt++) {
    seen.push(growthOf(run, rounds))
    if ((seen.at(-1) as number) <= 10) return null
  }
  return `ten times the length took ${seen.map((ratio) => ratio.toFixed(1)).join(', ')} times as long`
}

/** One line of a benchmark: a ratio, and whether it is within its bar. */
export function report(what: string, ratio: number, bar: number, more: string): void {
  const met = ratio <= bar ? 'met' : 'NOT MET'
  console.log(`${what.padEnd(90)} ${ratio.toFixed(2)}×   ${met}: at most ${bar}× (${more})`)
}
