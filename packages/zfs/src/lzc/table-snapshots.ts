import {
  BadHoldCleanupFD,
  DuplicateSnapshots,
  FeatureNotSupported,
  FilesystemNotFound,
  HoldExists,
  HoldFailure,
  HoldNotFound,
  HoldReleaseFailure,
  NameInvalid,
  NameTooLong,
  PoolNotFound,
  PropertyInvalid,
  SnapshotDestructionFailure,
  SnapshotExists,
  SnapshotFailure,
  SnapshotIsCloned,
  SnapshotIsHeld,
  SnapshotNotFound,
  type ZFSError,
} from '../errors.ts'
import { checkName, filesystemOf, poolOf } from '../names.ts'
import type { NvList } from '../nvlist/types.ts'
import type { ErrorContext, OutValue } from './call.ts'
import { flags, quoted, snapshotErrors, tagErrors } from './checks.ts'
import type { LzcTable } from './table.ts'

/** The names in C's list of errors: with the calls that have it as their result, those that were missing. */
const missingNames = (out: readonly OutValue[]): string[] => [...((out[0] as NvList | undefined)?.keys() ?? [])]

const noFeature = (
  _: ErrorContext,
  name: string | undefined,
): readonly [typeof FeatureNotSupported, { name?: string }] => [FeatureNotSupported, { name: name && poolOf(name) }]

/** Calls on snapshots and their holds. */
export const snapshotCalls: Pick<LzcTable, 'snapshot' | 'destroySnaps' | 'hold' | 'release' | 'getHolds'> = {
  snapshot: {
    symbol: 'lzc_snapshot',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['list', 'list', 'outList'],
    asked: (names) => `take the snapshot ${quoted(names)}`,
    shortcut: (names) => (names.length === 0 ? { answer: undefined } : undefined),
    input: (names, { props } = {}) => {
      const errors = snapshotErrors(names)
      if (errors.length === 0) errors.push(...duplicates(names))
      if (errors.length > 0) throw new SnapshotFailure({ asked: `take the snapshot ${quoted(names)}`, errors })
      return [flags(names), props ?? {}]
    },
    output: () => undefined,
    several: {
      Failure: SnapshotFailure,
      names: (names) => names,
      errors: {
        EEXIST: (_, name) => [SnapshotExists, { name }],
        ENOENT: (_, name) => [FilesystemNotFound, { name: name && filesystemOf(name) }],
        EINVAL: (_, name) => [PropertyInvalid, { name }],
        // Pools were compared before.
        EXDEV: (_, name) => [DuplicateSnapshots, { name }],
      },
    },
  },

  destroySnaps: {
    symbol: 'lzc_destroy_snaps',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['list', 'boolean', 'outList'],
    asked: (names) => `destroy the snapshot ${quoted(names)}`,
    shortcut: (names) => (names.length === 0 ? { answer: undefined } : undefined),
    input: (names, { defer = false } = {}) => {
      const errors = snapshotErrors(names)
      if (errors.length > 0) {
        throw new SnapshotDestructionFailure({ asked: `destroy the snapshot ${quoted(names)}`, errors })
      }
      return [flags(names), defer]
    },
    output: () => undefined,
    several: {
      Failure: SnapshotDestructionFailure,
      names: (names) => names,
      errors: {
        EEXIST: (_, name) => [SnapshotIsCloned, { name }],
        EBUSY: (_, name) => [SnapshotIsHeld, { name }],
        ENOENT: (_, name) => [PoolNotFound, { name: name && poolOf(name) }],
      },
    },
  },

  hold: {
    symbol: 'lzc_hold',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['list', 'int', 'outList'],
    asked: (holds) => `hold the snapshot ${quoted(Object.keys(holds))}`,
    shortcut: (holds) => (Object.keys(holds).length === 0 ? { answer: [] } : undefined),
    input: (holds, { cleanupFd } = {}) => {
      const asked = `hold the snapshot ${quoted(Object.keys(holds))}`
      if (cleanupFd !== undefined && !(Number.isInteger(cleanupFd) && cleanupFd >= 0)) {
        throw new HoldFailure({ asked, errors: [new BadHoldCleanupFD({ cleanupFd })] })
      }
      const errors = snapshotErrors(Object.keys(holds))
      errors.push(...tagErrors(Object.values(holds)))
      if (errors.length > 0) throw new HoldFailure({ asked, errors })
      return [holds, cleanupFd ?? -1]
    },
    output: missingNames,
    several: {
      Failure: HoldFailure,
      names: (holds) => Object.keys(holds),
      missing: true,
      errors: {
        EBADF: () => [BadHoldCleanupFD],
        EEXIST: (_, name) => [HoldExists, { name }],
        ENOENT: ({ exists }, name) =>
          name && exists(filesystemOf(name))
            ? [SnapshotNotFound, { name }]
            : [FilesystemNotFound, { name: name && filesystemOf(name) }],
        E2BIG: (_, name, holds) => [NameTooLong, { name: name && holds[name] }],
        EINVAL: (_, name) => [NameInvalid, { name }],
        ENOTSUP: noFeature,
      },
    },
  },

  release: {
    symbol: 'lzc_release',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['list', 'outList'],
    asked: (holds) => `release holds of the snapshot ${quoted(Object.keys(holds))}`,
    shortcut: (holds) => (Object.values(holds).every((tags) => tags.length === 0) ? { answer: [] } : undefined),
    input: (holds) => {
      const errors = snapshotErrors(Object.keys(holds))
      errors.push(...tagErrors(Object.values(holds).flat()))
      if (errors.length > 0) {
        throw new HoldReleaseFailure({ asked: `release holds of the snapshot ${quoted(Object.keys(holds))}`, errors })
      }
      const used = Object.entries(holds).filter(([, tags]) => tags.length > 0)
      return [new Map(used.map(([name, tags]) => [name, flags(tags)]))]
    },
    output: missingNames,
    several: {
      Failure: HoldReleaseFailure,
      names: (holds) => Object.keys(holds),
      missing: true,
      errors: {
        ENOENT: ({ exists }, name) =>
          name && !exists(poolOf(name)) ? [PoolNotFound, { name: poolOf(name) }] : [HoldNotFound, { name }],
        EINVAL: (_, name) => [NameInvalid, { name }],
        E2BIG: (_, name) => [NameTooLong, { name }],
        ENOTSUP: noFeature,
      },
    },
  },

  getHolds: {
    symbol: 'lzc_get_holds',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'outList'],
    asked: (snapshot) => `read the holds of "${snapshot}"`,
    input: (snapshot) => {
      checkName(snapshot, 'snapshot', `read the holds of "${snapshot}"`)
      return [snapshot]
    },
    output: ([list]) => {
      // Tags are any text, `__proto__` too.
      const holds: Record<string, bigint> = Object.create(null)
      for (const [tag, seconds] of (list as NvList | undefined) ?? []) holds[tag] = seconds as bigint
      return holds
    },
    errors: {
      ENOENT: (_, name) => [SnapshotNotFound, { name }],
      ENOTSUP: (_, name) => [FeatureNotSupported, { name: poolOf(name) }],
    },
  },
}

/** One call takes one snapshot of a filesystem; the same name twice is that one. */
function duplicates(names: readonly string[]): ZFSError[] {
  const taken = new Set<string>()
  for (const name of new Set(names)) {
    if (taken.has(filesystemOf(name))) return [new DuplicateSnapshots({ name })]
    taken.add(filesystemOf(name))
  }
  return []
}
