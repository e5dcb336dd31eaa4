import type { ScrubOptions } from '../calls/pools.ts'
import {
  ArgumentInvalid,
  CallNotSupported,
  CheckpointDiscarding,
  CheckpointExists,
  CheckpointNotFound,
  DeviceRemovalRunning,
  DeviceTooBig,
  FeatureNotSupported,
  PoolBusy,
  PoolNotFound,
  PropertyInvalid,
  ScanNotRunning,
} from '../errors.ts'
import type { NvList } from '../nvlist/types.ts'
import type { ErrorContext, Verdict } from './call.ts'
import { checkPool, numberOf, unsigned } from './checks.ts'
import type { LzcTable } from './table.ts'

/** pool_scan_func_t and pool_scrub_cmd_t of sys/fs/zfs.h. */
const scanTypes: Readonly<Record<NonNullable<ScrubOptions['type']>, number>> = {
  none: 0,
  scrub: 1,
  resilver: 2,
  errorscrub: 3,
}
const scanCommands: Readonly<Record<NonNullable<ScrubOptions['command']>, number>> = {
  normal: 0,
  pause: 1,
  from_last_txg: 2,
}
/** ZFS_IOC_POOL_SCRUB, which lzc_scrub wants to be told. */
const SCRUB = 0x5a57
/** zpool_prefetch_type_t and zpool_ddt_prune_unit_t. */
const prefetchTypes = { ddt: 1, brt: 2 } as const
const pruneUnits = { age: 1, percentage: 2 } as const

const notFound = (_: ErrorContext, name: string): Verdict => [PoolNotFound, { name }]
const busy = (_: ErrorContext, name: string): Verdict => [PoolBusy, { name }]

/** What making and discarding a checkpoint share. */
const checkpoints = {
  ENOENT: notFound,
  CHECKPOINT_EXISTS: (_: ErrorContext, name: string): Verdict => [CheckpointExists, { name }],
  NO_CHECKPOINT: (_: ErrorContext, name: string): Verdict => [CheckpointNotFound, { name }],
  DISCARDING_CHECKPOINT: (_: ErrorContext, name: string): Verdict => [CheckpointDiscarding, { name }],
  DEVRM_IN_PROGRESS: (_: ErrorContext, name: string): Verdict => [DeviceRemovalRunning, { name }],
  VDEV_TOO_BIG: (_: ErrorContext, name: string): Verdict => [DeviceTooBig, { name }],
  ENOTSUP: (_: ErrorContext, name: string): Verdict => [FeatureNotSupported, { name }],
} as const

const checkedPool = (pool: string, asked: string): string => {
  checkPool(pool, asked)
  return pool
}

/** Calls on pools as wholes. */
export const poolCalls: Pick<
  LzcTable,
  | 'sync'
  | 'poolCheckpoint'
  | 'poolCheckpointDiscard'
  | 'reopen'
  | 'getProps'
  | 'scrub'
  | 'poolPrefetch'
  | 'ddtPrune'
  | 'setBootenv'
  | 'getBootenv'
> = {
  sync: {
    symbol: 'lzc_sync',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'list', 'outList'],
    asked: (pool) => `sync "${pool}"`,
    input: (pool, { force = false } = {}) => [checkedPool(pool, `sync "${pool}"`), { force: Boolean(force) }],
    output: () => undefined,
    errors: { ENOENT: notFound },
  },

  poolCheckpoint: {
    symbol: 'lzc_pool_checkpoint',
    since: '2.0',
    privilege: 'root',
    parameters: ['text'],
    asked: (pool) => `make a checkpoint of "${pool}"`,
    input: (pool) => [checkedPool(pool, `make a checkpoint of "${pool}"`)],
    output: () => undefined,
    errors: checkpoints,
  },

  poolCheckpointDiscard: {
    symbol: 'lzc_pool_checkpoint_discard',
    since: '2.0',
    privilege: 'root',
    parameters: ['text'],
    asked: (pool) => `discard the checkpoint of "${pool}"`,
    input: (pool) => [checkedPool(pool, `discard the checkpoint of "${pool}"`)],
    output: () => undefined,
    errors: checkpoints,
  },

  reopen: {
    symbol: 'lzc_reopen',
    since: '2.0',
    privilege: 'root',
    parameters: ['text', 'boolean'],
    asked: (pool) => `reopen the devices of "${pool}"`,
    input: (pool, { restart = true } = {}) => [checkedPool(pool, `reopen the devices of "${pool}"`), restart],
    output: () => undefined,
    errors: { ENOENT: notFound, EBUSY: busy },
  },

  getProps: {
    symbol: 'lzc_get_props',
    since: '2.3',
    privilege: 'any',
    parameters: ['text', 'outList'],
    asked: (pool) => `read the properties of "${pool}"`,
    input: (pool) => [checkedPool(pool, `read the properties of "${pool}"`)],
    output: ([list]) => (list as NvList | undefined) ?? new Map(),
    errors: { ENOENT: notFound },
  },

  scrub: {
    symbol: 'lzc_scrub',
    since: '2.2',
    privilege: 'root',
    needsWritable: true,
    parameters: ['int', 'text', 'list', 'outList'],
    asked: (pool) => `scrub "${pool}"`,
    input: (pool, { type = 'scrub', command = 'normal' } = {}) => {
      const asked = `scrub "${pool}"`
      checkPool(pool, asked)
      const scan_type = numberOf(scanTypes, type, 'the type', asked)
      const scan_command = numberOf(scanCommands, command, 'the command', asked)
      return [SCRUB, pool, { scan_type, scan_command }]
    },
    output: () => undefined,
    errors: {
      // Also of a pool that is there, when nothing runs that could be ended or paused.
      ENOENT: ({ exists }, name) => [exists(name) ? ScanNotRunning : PoolNotFound, { name }],
      EBUSY: busy,
    },
  },

  poolPrefetch: {
    symbol: 'lzc_pool_prefetch',
    since: '2.3',
    privilege: 'root',
    parameters: ['text', 'int'],
    asked: (pool) => `prefetch tables of "${pool}"`,
    input: (pool, type) => {
      const asked = `prefetch tables of "${pool}"`
      return [checkedPool(pool, asked), numberOf(prefetchTypes, type, 'the type', asked)]
    },
    output: () => undefined,
    errors: {
      ENOENT: notFound,
      ENOTSUP: (_, name) => [FeatureNotSupported, { name }],
      // Of the types only "ddt" is as old as the call.
      EINVAL: (_, name, type) =>
        type === 'ddt'
          ? [ArgumentInvalid, { name, argument: 'the type' }]
          : [CallNotSupported, { name: `lzc_pool_prefetch of "${type}"`, since: '2.4' }],
    },
  },

  ddtPrune: {
    symbol: 'lzc_ddt_prune',
    since: '2.3',
    privilege: 'root',
    parameters: ['text', 'int', 'u64'],
    asked: (pool) => `prune the deduplication table of "${pool}"`,
    input: (pool, unit, amount) => {
      const asked = `prune the deduplication table of "${pool}"`
      checkPool(pool, asked)
      return [pool, numberOf(pruneUnits, unit, 'the unit', asked), unsigned(amount, 'the amount', asked)]
    },
    output: () => undefined,
    errors: { ENOENT: notFound, EBUSY: busy, ENOTSUP: (_, name) => [FeatureNotSupported, { name }] },
  },

  setBootenv: {
    symbol: 'lzc_set_bootenv',
    since: '2.0',
    privilege: 'root',
    parameters: ['text', 'list'],
    asked: (pool) => `set the boot environment of "${pool}"`,
    input: (pool, environment) => {
      const asked = `set the boot environment of "${pool}"`
      checkPool(pool, asked)
      const version: unknown =
        environment instanceof Map ? environment.get('version') : (environment as Record<string, unknown>)?.version
      if (version === 0n || version === 1n) return [pool, environment]
      throw new PropertyInvalid({ name: pool, property: 'version', reason: 'it must be 0n or 1n', asked })
    },
    output: () => undefined,
    errors: { ENOENT: notFound, EINVAL: (_, name) => [PropertyInvalid, { name }] },
  },

  getBootenv: {
    symbol: 'lzc_get_bootenv',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'outList'],
    asked: (pool) => `read the boot environment of "${pool}"`,
    input: (pool) => [checkedPool(pool, `read the boot environment of "${pool}"`)],
    output: ([list]) => (list as NvList | undefined) ?? new Map(),
    errors: { ENOENT: notFound },
  },
}
