import type { InitializeCommand, TrimCommand } from '../calls/pools.ts'
import {
  CallNotSupported,
  InitializeFailure,
  PoolNotFound,
  PropertyInvalid,
  TrimFailure,
  VdevBusy,
  VdevIdle,
  VdevNotFound,
  VdevNotLeaf,
  VdevNotSupported,
  VdevReadOnly,
} from '../errors.ts'
import type { NvList } from '../nvlist/types.ts'
import type { ErrorContext, InValue, Verdict } from './call.ts'
import { arrayOf, checkPool, flags, numberOf, unsigned } from './checks.ts'
import type { LzcTable } from './table.ts'

/** pool_initialize_func_t and pool_trim_func_t of sys/fs/zfs.h. */
const initializeCommands: Readonly<Record<InitializeCommand, number>> = { start: 0, cancel: 1, suspend: 2, uninit: 3 }
const trimCommands: Readonly<Record<TrimCommand, number>> = { start: 0, cancel: 1, suspend: 2 }

const about =
  (Kind: Verdict[0]) =>
  (_: ErrorContext, name: string | undefined): Verdict => [Kind, { name }]

/** What a number means for one vdev. */
const vdevErrors = {
  ENODEV: about(VdevNotFound),
  EINVAL: about(VdevNotLeaf),
  EROFS: about(VdevReadOnly),
  EBUSY: about(VdevBusy),
  ESRCH: about(VdevIdle),
  ENOTSUP: about(VdevNotSupported),
  // Only the pool is looked for by its name.
  ENOENT: (_: ErrorContext, __: string | undefined, pool: string): Verdict => [PoolNotFound, { name: pool }],
}

/** The guids as the list that the kernel takes: their names are free. */
function guids(vdevs: readonly bigint[], asked: string): Map<string, bigint> {
  return new Map(
    arrayOf(vdevs, 'vdevs', asked).map((vdev) => [String(vdev), unsigned(vdev, 'the guid of a vdev', asked)]),
  )
}

type Initialize = Parameters<LzcTable['initialize']['input']>

function initializeInput(...[pool, command, vdevs, { value } = {}]: Initialize) {
  const asked = `initialize devices of "${pool}"`
  checkPool(pool, asked)
  const number = numberOf(initializeCommands, command, 'the command', asked)
  const pattern = value === undefined ? undefined : unsigned(value, 'the value', asked)
  return { asked, number, list: guids(vdevs, asked), pattern }
}

/** Calls on the devices of pools. */
export const vdevCalls: Pick<LzcTable, 'initialize' | 'trim' | 'getVdevProp' | 'setVdevProp'> = {
  initialize: {
    symbol: 'lzc_initialize',
    since: '2.0',
    privilege: 'root',
    parameters: ['text', 'int', 'list', 'outList'],
    asked: (pool) => `initialize devices of "${pool}"`,
    shortcut: (_, __, vdevs) => (vdevs.length === 0 ? { answer: undefined } : undefined),
    input: (...args): readonly InValue[] => {
      const { asked, number, list, pattern } = initializeInput(...args)
      if (pattern !== undefined)
        throw new CallNotSupported({ name: 'lzc_initialize with a value', since: '2.5', asked })
      return [args[0], number, list]
    },
    // The next release puts two parameters into the middle, under the same soname; lzc_condense comes with it.
    later: {
      marker: 'lzc_condense',
      parameters: ['text', 'int', 'u64', 'boolean', 'list', 'outList'],
      input: (...args): readonly InValue[] => {
        const { number, list, pattern } = initializeInput(...args)
        return [args[0], number, pattern ?? 0n, pattern !== undefined, list]
      },
    },
    output: () => undefined,
    several: {
      Failure: InitializeFailure,
      inside: 'initialize_vdevs',
      names: (_, __, vdevs) => vdevs.map(String),
      errors: vdevErrors,
    },
  },

  trim: {
    symbol: 'lzc_trim',
    since: '2.0',
    privilege: 'root',
    parameters: ['text', 'int', 'u64', 'boolean', 'list', 'outList'],
    asked: (pool) => `trim devices of "${pool}"`,
    shortcut: (_, __, vdevs) => (vdevs.length === 0 ? { answer: undefined } : undefined),
    input: (pool, command, vdevs, { rate = 0, secure = false } = {}) => {
      const asked = `trim devices of "${pool}"`
      checkPool(pool, asked)
      const number = numberOf(trimCommands, command, 'the command', asked)
      return [pool, number, unsigned(rate, 'the rate', asked), secure, guids(vdevs, asked)]
    },
    output: () => undefined,
    several: {
      Failure: TrimFailure,
      inside: 'trim_vdevs',
      names: (_, __, vdevs) => vdevs.map(String),
      errors: vdevErrors,
    },
  },

  getVdevProp: {
    symbol: 'lzc_get_vdev_prop',
    since: '2.2',
    privilege: 'any',
    parameters: ['text', 'list', 'outList'],
    asked: (pool, vdev) => `read properties of the vdev "${vdev}" of "${pool}"`,
    input: (pool, vdev, properties) => {
      const asked = `read properties of the vdev "${vdev}" of "${pool}"`
      checkPool(pool, asked)
      const guid = unsigned(vdev, 'the guid of a vdev', asked)
      const named = properties === undefined ? {} : { vdevprops_get_props: flags(properties) }
      return [pool, { vdevprops_get_vdev: guid, ...named }]
    },
    output: ([list]) => (list as NvList | undefined) ?? new Map(),
    errors: {
      ENOENT: ({ exists }, pool, vdev) =>
        exists(pool) ? [VdevNotFound, { name: String(vdev) }] : [PoolNotFound, { name: pool }],
      EINVAL: (_, __, vdev) => [VdevNotFound, { name: String(vdev) }],
    },
  },

  setVdevProp: {
    symbol: 'lzc_set_vdev_prop',
    since: '2.2',
    privilege: 'root',
    parameters: ['text', 'list', 'outList'],
    asked: (pool, vdev) => `set properties of the vdev "${vdev}" of "${pool}"`,
    input: (pool, vdev, props) => {
      const asked = `set properties of the vdev "${vdev}" of "${pool}"`
      checkPool(pool, asked)
      const guid = unsigned(vdev, 'the guid of a vdev', asked)
      return [pool, { vdevprops_set_vdev: guid, vdevprops_set_props: props }]
    },
    output: () => undefined,
    errors: {
      ENOENT: ({ exists }, pool, vdev) =>
        exists(pool) ? [VdevNotFound, { name: String(vdev) }] : [PoolNotFound, { name: pool }],
      EINVAL: (_, __, vdev) => [PropertyInvalid, { name: String(vdev) }],
      EROFS: (_, __, vdev) => [PropertyInvalid, { name: String(vdev), reason: 'it, or the pool, is read-only' }],
    },
  },
}
