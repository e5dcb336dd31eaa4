import fc from 'fast-check'
import { anyConsumer, anyTree } from '../core/any-tree.ts'
import { faultsOfTree } from '../core/trees.ts'

/**
 * Random trees of operations, consumed in random ways: `node test/fuzz/core.ts [how many] [seed] [path]`.
 * What is found is printed with its seed and path, and runs again with them.
 */
const [numRuns = 100_000, seed = Date.now() | 0] = process.argv.slice(2, 4).map(Number)
const path = process.argv[4]
const unhandled: unknown[] = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

let run = 0
const holds = fc.asyncProperty(anyTree, anyConsumer, async (tree, consumer) => {
  const faults = await faultsOfTree(tree, consumer)
  if (++run % 10_000 === 0) process.stdout.write(`${run} trees\n`)
  if (unhandled.length > 0) faults.push(`an unhandled rejection: ${unhandled.splice(0)}`)
  if (faults.length > 0) throw new Error(faults.join('\n'))
})
await fc.assert(holds, { numRuns, seed, ...(path ? { path } : {}) })

const left = process
  .getActiveResourcesInfo()
  .filter((resource) => /Timeout|Immediate|Worker|MessagePort/.test(resource))
if (left.length > 0) throw new Error(`left behind: ${left}`)
process.stdout.write(`${numRuns} trees of seed ${seed}: the contract holds\n`)
