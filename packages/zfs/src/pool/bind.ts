import { type Program, run, runSync } from '../command/run.ts'
import type { Lzc } from '../zfs.ts'
import { create, destroy } from './create.ts'
import { add, attach, cancelRemove, online, onVdev, remove, replace, split } from './devices.ts'
import { events, eventsSync } from './events.ts'
import { history } from './history.ts'
import { exportPool, importPool } from './import.ts'
import { candidates, poolsOn } from './importable.ts'
import { checkIostat, sample } from './iostat.ts'
import type { Ability } from './json.ts'
import { readLabels, readLabelsSync } from './labels.ts'
import { leavable } from './leavable.ts'
import { get, list, set } from './list.ts'
import type { PoolCommands, PoolStreams, Pools } from './pools.ts'
import { status } from './status.ts'
import { poolTable } from './table.ts'
import { initialize, scrub, trim, upgrade } from './work.ts'

/** What is no command of `zpool`. */
type Own = 'importable' | 'history'
type Programs = {
  readonly [K in Exclude<keyof PoolCommands, Own>]: (
    ...args: Parameters<PoolCommands[K]>
  ) => Program<ReturnType<PoolCommands[K]>>
}
type Owns = Pick<Pools, Own | `${Own}Sync`>

/** What `zpool` does, each as a promise and blocking. */
export function bindPools(lzc: Lzc, ability: Ability): Pools {
  const exists = (pool: string): boolean => lzc.existsSync(pool)
  const programs: Programs = {
    list: ({ signal: _, ...options } = {}) => list(options, ability),
    get: (name, properties) => get(name, properties, exists, ability),
    set: (name, properties) => set(name, properties, exists),
    status: (name) => status(name, exists, ability),
    create: (name, options = {}) => create(name, options),
    destroy: (name, { force = false } = {}) => destroy(name, force, exists),
    import: (pool, options = {}) => importPool(pool, options),
    export: (name, { force = false } = {}) => exportPool(name, force, exists),
    add: (name, vdevs, { force = false } = {}) => add(name, vdevs, force, exists),
    attach: (name, vdev, device, options = {}) => attach(name, vdev, device, options, exists),
    detach: (name, vdev) => onVdev('detach', name, vdev, [], exists),
    replace: (name, vdev, device, options = {}) => replace(name, vdev, device, options, exists),
    remove: (name, vdevs) => remove(name, vdevs, exists),
    cancelRemove: (name) => cancelRemove(name, exists),
    split: (name, newName, options = {}) => split(name, newName, options, exists),
    online: (name, vdev, { expand = false } = {}) => online(name, vdev, expand, exists),
    offline: (name, vdev, { temporary } = {}) => onVdev('offline', name, vdev, temporary ? ['-t'] : [], exists),
    clear: (name, vdev) => onVdev('clear', name, vdev, [], exists),
    upgrade: (name) => upgrade(name, exists),
    scrub: (name, options = {}) => scrub(name, options, exists),
    trim: (name, options = {}) => trim(name, options, exists),
    initialize: (name, options = {}) => initialize(name, options, exists),
  }
  const bound: Record<string, unknown> = {}
  for (const [name, program] of Object.entries(programs) as [string, (...args: unknown[]) => Program<unknown>][]) {
    bound[name] = async (...args: unknown[]) => run(program(...args), signalOf(args[0]), 'zpool')
    bound[`${name}Sync`] = (...args: unknown[]) => runSync(program(...args), 'zpool')
  }
  const guids = (pools: ReturnType<PoolCommands['list']>) => new Set(pools.map(({ guid }) => guid))
  const owns: Owns = {
    importable: async (search = {}) => {
      const paths = candidates(search)
      return readLabels(poolsOn(paths, guids(await run(list({}, ability), undefined, 'zpool'))))
    },
    importableSync: (search = {}) => {
      const paths = candidates(search)
      return readLabelsSync(poolsOn(paths, guids(runSync(list({}, ability), 'zpool'))))
    },
    history: async (name, options) => {
      const reading = history(name, options)
      for (;;) {
        const step = reading.next()
        if (step.done) return step.value
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    historySync: (name, options) => {
      const reading = history(name, options)
      for (;;) {
        const step = reading.next()
        if (step.done) return step.value
      }
    },
  }
  const streams: PoolStreams = {
    iostat: (name, options = {}) =>
      leavable(options.signal, async function* (either) {
        checkIostat(name, options)
        const { interval = 1, count = Number.POSITIVE_INFINITY, signal } = options
        for (let n = 0; n < count && !either.aborted; n++) {
          try {
            yield await run(sample(name, interval, exists), either, 'zpool')
          } catch (error) {
            if (either.aborted && !signal?.aborted) return
            throw error
          }
        }
      }),
    *iostatSync(name, options = {}) {
      checkIostat(name, options)
      const { interval = 1, count = Number.POSITIVE_INFINITY } = options
      for (let n = 0; n < count; n++) yield runSync(sample(name, interval, exists), 'zpool')
    },
    events,
    eventsSync,
  }
  const isSupported: Pools['isSupported'] = (command) => Object.hasOwn(poolTable, command)
  return { ...(bound as unknown as Pools), ...owns, ...streams, isSupported }
}

function signalOf(options: unknown): AbortSignal | undefined {
  return typeof options === 'object' && options !== null ? (options as { signal?: AbortSignal }).signal : undefined
}
