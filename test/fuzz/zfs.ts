import fc from 'fast-check'
import { loadLibnvpair } from '../zfs/libnvpair.ts'
import { faultOf, lists } from '../zfs/nvlist-lists.ts'

/**
 * Random nvlists through the codec and libnvpair, each in both forms: `node test/fuzz/zfs.ts [how many] [seed] [path]`.
 * Without libnvpair it is the codec alone. What is found is printed with its seed and path, and runs again with them.
 */
const [trips = 1_000_000, seed = Date.now() | 0] = process.argv.slice(2, 4).map(Number)
const path = process.argv[4]
const loaded = loadLibnvpair()
const c = typeof loaded === 'string' ? undefined : loaded
if (typeof loaded === 'string') process.stdout.write(`${loaded}: the codec alone\n`)

let run = 0
const holds = fc.property(lists, (list) => {
  if (++run % 10_000 === 0) process.stdout.write(`${run * 2} round trips\n`)
  const fault = faultOf(list, c)
  if (fault !== undefined) throw new Error(fault)
})
fc.assert(holds, { numRuns: Math.ceil(trips / 2), seed, ...(path ? { path } : {}) })
process.stdout.write(`${run * 2} round trips of seed ${seed}${c ? ' through libnvpair' : ''}: nothing was lost\n`)
