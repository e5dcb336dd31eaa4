import { NotSupportedOnEmbedded } from '../errors.ts'
import { requireForms } from '../forms.ts'
import type { PoolCommands, Pools } from '../pool/pools.ts'
import { poolTable } from '../pool/table.ts'
import { createPool, destroyPool } from './calls/pool.ts'
import { getPool, listPools, poolStatus, setPool } from './calls/pool-query.ts'
import { runAsync, runSync, type Steps } from './steps.ts'
import type { Store } from './store.ts'

type Implementation = {
  readonly [K in keyof PoolCommands]?: (
    store: Store,
    ...args: Parameters<PoolCommands[K]>
  ) => Steps<ReturnType<PoolCommands[K]>>
}

/** What it can do with pools; there are no devices to do the rest with. */
const commands: Implementation = {
  list: listPools,
  get: getPool,
  set: setPool,
  status: poolStatus,
  create: createPool,
  destroy: destroyPool,
}

/** Gives an error of the file system the name of what was asked. */
type Named = <T>(call: string, subject: unknown, steps: Steps<T>) => Steps<T>

export function embeddedPools(store: Store, named: Named): Pools {
  const pools: Record<string, unknown> = { isSupported: (command: string) => Object.hasOwn(commands, command) }
  const refuse = (command: string) => (): never => {
    throw new NotSupportedOnEmbedded({ name: `pools.${command}` })
  }
  for (const command of Object.keys(poolTable)) {
    const implementation = commands[command as keyof PoolCommands] as
      | ((store: Store, ...args: unknown[]) => Steps<unknown>)
      | undefined
    const start = (args: unknown[]): Steps<unknown> => {
      if (!implementation) return refuse(command)()
      requireForms(`pools.${command}`, args)
      return named(`pools.${command}`, args[0], implementation(store, ...args))
    }
    pools[command] = async (...args: unknown[]) => runAsync(start(args))
    pools[`${command}Sync`] = (...args: unknown[]) => runSync(start(args))
  }
  for (const stream of ['iostat', 'events']) {
    const refused = refuse(stream)
    // At the first sample, as the real ones fail.
    pools[stream] = async function* () {
      yield refused()
    }
    pools[`${stream}Sync`] = function* () {
      yield refused()
    }
  }
  return Object.freeze(pools) as unknown as Pools
}
