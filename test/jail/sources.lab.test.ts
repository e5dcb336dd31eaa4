import { labPool } from '../../examples/support/lab-pool.ts'
import { sourcesConformance } from '../conformance/jail-sources.ts'

sourcesConformance('jail/sources-linux', async () => {
  const pools = [await labPool('one'), await labPool('two')] as const
  return {
    options: { platform: 'linux' },
    pools: [pools[0].name, pools[1].name],
    close: async () => {
      for (const pool of pools) await pool[Symbol.asyncDispose]()
    },
  }
})
