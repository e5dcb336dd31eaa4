import { setTimeout as sleep } from 'node:timers/promises'
import { defineEffects, type Operation, type OperationOptions, operation, type Scope } from '@gaoler/core'
import { ScanNotRunning, VdevIdle } from '../errors.ts'
import type { Zfs } from '../zfs.ts'
import type { PoolScan, PoolStatus, Pools, TrimPoolOptions, Vdev, VdevWork } from './pools.ts'

type Named = { readonly pool: string }
type Trim = Named & Omit<TrimPoolOptions, 'command'>

const effectsOf = (pools: Pools) =>
  defineEffects({
    startScrub: {
      run: ({ pool }: Named) => pools.scrub(pool),
      undo: ({ pool }: Named) => ['stopScrub', { pool }],
    },
    stopScrub: {
      run: ({ pool }: Named) => unlessOver(ScanNotRunning, pools.scrub(pool, { command: 'stop' })),
      undo: null,
    },
    startTrim: {
      run: ({ pool, ...options }: Trim) => pools.trim(pool, options),
      undo: ({ pool, devices }: Trim) => ['cancelTrim', { pool, ...(devices && { devices }) }],
    },
    cancelTrim: {
      run: ({ pool, devices }: Trim) =>
        unlessOver(VdevIdle, pools.trim(pool, { command: 'cancel', ...(devices && { devices }) })),
      undo: null,
    },
  })

/** What has ended meanwhile need not be stopped. */
async function unlessOver(idle: typeof ScanNotRunning | typeof VdevIdle, stopping: Promise<void>): Promise<void> {
  try {
    await stopping
  } catch (error) {
    if (!(error instanceof idle)) throw error
  }
}

/**
 * Scrubs a pool and waits for the end, with progress in bytes; leaving it stops the scrub. The result is the scrub as it
 * ended: `canceled` when somebody else stopped it. Needs `status` (OpenZFS 2.3), else CallNotSupported before anything is
 * done. Throws as `pools.scrub` does.
 */
export function scrubPool(zfs: Zfs, pool: string, options: OperationOptions = {}): Operation<PoolScan | null> {
  return operation(
    'ZFSPoolScrub',
    async (s) => {
      await zfs.pools.status(pool)
      await s.host.startScrub({ pool })
      return (await watch(zfs, pool, s, scanning)).scan
    },
    { ...options, identifier: pool, effects: effectsOf(zfs.pools) },
  )
}

/** Waits until the pool is resilvered, with progress in bytes; leaving it leaves the resilver alone. As `scrubPool`. */
export function watchResilver(zfs: Zfs, pool: string, options: OperationOptions = {}): Operation<PoolScan | null> {
  const resilvering = (status: PoolStatus) => (status.scan?.kind === 'resilver' ? scanning(status) : undefined)
  return operation('ZFSPoolResilver', async (s) => (await watch(zfs, pool, s, resilvering)).scan, {
    ...options,
    identifier: pool,
  })
}

/**
 * Trims a pool, or some of its devices, and waits for the end, with progress in bytes; leaving it cancels the trim.
 * Throws as `pools.trim` does, and CallNotSupported as `scrubPool`.
 */
export function trimPool(
  zfs: Zfs,
  pool: string,
  options: OperationOptions & Omit<TrimPoolOptions, 'command'> = {},
): Operation<PoolStatus> {
  const { devices, rate, secure, ...rest } = options
  return operation(
    'ZFSPoolTrim',
    async (s) => {
      await zfs.pools.status(pool)
      await s.host.startTrim({
        pool,
        ...(devices && { devices }),
        ...(rate !== undefined && { rate }),
        ...(secure !== undefined && { secure }),
      })
      return watch(zfs, pool, s, trimming)
    },
    { ...rest, identifier: pool, effects: effectsOf(zfs.pools) },
  )
}

interface Progress {
  readonly done: bigint
  readonly total: bigint
}

/** Milliseconds between two looks: short at first, since most pools are small. */
const FIRST = 20
const LONGEST = 1000

/** Looks until there is nothing under way; gives what was seen last. */
async function watch(
  zfs: Zfs,
  pool: string,
  s: Pick<Scope, 'signal' | 'progress'>,
  progressOf: (status: PoolStatus) => Progress | undefined,
): Promise<PoolStatus> {
  for (let pause = FIRST; ; pause = Math.min(pause * 2, LONGEST)) {
    const status = await zfs.pools.status(pool)
    const now = progressOf(status)
    if (!now) return status
    s.progress(Number(now.done), Number(now.total), 'bytes')
    await sleep(pause, undefined, { signal: s.signal })
  }
}

function scanning({ scan }: PoolStatus): Progress | undefined {
  if (scan?.state !== 'running' && scan?.state !== 'paused') return undefined
  return { done: scan.issued, total: scan.total }
}

function trimming({ vdevs }: PoolStatus): Progress | undefined {
  const works = Object.values(vdevs).flat().flatMap(worksOf)
  if (!works.some(({ state }) => state === 'active')) return undefined
  const sum = (key: 'done' | 'total'): bigint => works.reduce((all, work) => all + work[key], 0n)
  return { done: sum('done'), total: sum('total') }
}

function worksOf({ trim, vdevs }: Vdev): VdevWork[] {
  return [...(trim ? [trim] : []), ...vdevs.flatMap(worksOf)]
}
