import { assignment } from '../command/check.ts'
import { commandFailed } from '../command/failure.ts'
import type { Program } from '../command/run.ts'
import { checkPool } from '../lzc/checks.ts'
import type { PropertyInput } from '../properties/types.ts'
import { assignments, checkNewPool, checkPath } from './check.ts'
import { type PoolRequest, poolFailure, succeed } from './failure.ts'
import { layoutWords, type VdevLayout } from './vdevs.ts'

export interface CreatePoolOptions {
  /** What the pool is made of; needed, but for the embedded ZFS, which has its directory. */
  readonly vdevs?: VdevLayout
  readonly properties?: Readonly<Record<string, PropertyInput>>
  /** Properties of the pool's root filesystem, as words: `{ compression: 'zstd' }`. */
  readonly fsProperties?: Readonly<Record<string, PropertyInput>>
  /** Where the root filesystem is mounted: an absolute path, `legacy` or `none`. Default: `/<pool>`. */
  readonly mountpoint?: string
  /** All mountpoints are below this path, for as long as the pool is imported. */
  readonly altroot?: string
  /** Take devices that look used (of an exported pool, with another filesystem), and uneven redundancy. */
  readonly force?: boolean
}

/**
 * `zpool create`. Throws PoolExists, DeviceNotFound, DeviceInUse, DeviceTooSmall, VdevLayoutInvalid, PropertyInvalid,
 * NameInvalid, DeviceNameInvalid.
 */
export function* create(name: string, options: CreatePoolOptions): Program<void> {
  const asked = `create the pool "${name}"`
  checkNewPool(name, asked)
  const { vdevs = {}, properties = {}, fsProperties = {}, mountpoint, altroot, force = false } = options
  const flagged = (flag: string, words: readonly string[]): string[] => words.flatMap((word) => [flag, word])
  const where = mountpoint === 'none' || mountpoint === 'legacy' ? mountpoint : undefined
  const args = [
    'create',
    ...(force ? ['-f'] : []),
    ...flagged('-o', assignments(properties, name, asked)),
    ...flagged(
      '-O',
      Object.entries(fsProperties).map(([property, value]) => assignment(property, value, name, asked)),
    ),
    ...(mountpoint === undefined ? [] : ['-m', where ?? checkPath(mountpoint, 'mountpoint', asked)]),
    ...(altroot === undefined ? [] : ['-R', checkPath(altroot, 'altroot', asked)]),
    name,
    ...layoutWords(vdevs, name, asked),
  ]
  const given = [...Object.keys(properties), ...Object.keys(fsProperties), ...(mountpoint ? ['mountpoint'] : [])]
  const request: PoolRequest = { name, asked, properties: given }
  const result = yield args
  if (result.exitCode === 0) return
  // By then the pool is there: what could not be made as asked is not left behind.
  if (/^cannot (?:mount|share) '/m.test(result.stderr)) {
    yield ['destroy', name]
    throw commandFailed({ name, asked, exists: () => true }, args, result, 'zpool')
  }
  throw poolFailure(args, result, request)
}

/** `zpool destroy`. Throws PoolNotFound, and DatasetBusy when something in it is in use. */
export function* destroy(name: string, force: boolean, exists: (pool: string) => boolean): Program<void> {
  const asked = `destroy the pool "${name}"`
  checkPool(name, asked)
  yield* succeed(['destroy', ...(force ? ['-f'] : []), name], { name, asked, exists })
}
