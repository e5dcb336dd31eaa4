/** The median. */
export const middle = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN

/** One line of a benchmark: a ratio, and whether it is within its bar. */
export function report(what: string, ratio: number, bar: number, more: string): void {
  const met = ratio <= bar ? 'met' : 'NOT MET'
  console.log(`${what.padEnd(90)} ${ratio.toFixed(2)}×   ${met}: at most ${bar}× (${more})`)
}
