import { E } from '../errno.ts'
import {
  DatasetBusy,
  DatasetTypeInvalid,
  FilesystemExists,
  FilesystemNotFound,
  NameTooLong,
  NotClone,
  ParentNotFound,
  PoolsDiffer,
  PropertyInvalid,
  SnapshotExists,
  SnapshotMismatch,
  SnapshotNotFound,
  WrongParent,
} from '../errors.ts'
import { checkName, filesystemOf, isSnapshotName, nameKind, poolOf } from '../names.ts'
import { nativeProps } from '../properties/props.ts'
import type { NvInput } from '../zfs.ts'
import type { ErrorContext, Verdict } from './call.ts'
import type { LzcTable } from './table.ts'

/** dmu_objset_type_t of sys/fs/zfs.h. */
const objsetTypes = { zfs: 2, zvol: 3 } as const

const noProperties: NvInput = {}

/** What create and clone say of the new dataset. */
const newDataset = {
  EEXIST: (_: ErrorContext, name: string): Verdict => [FilesystemExists, { name }],
  EINVAL: (_: ErrorContext, name: string): Verdict => [PropertyInvalid, { name }],
  ERANGE: (_: ErrorContext, name: string): Verdict => [PropertyInvalid, { name }],
  EDOM: (_: ErrorContext, name: string): Verdict => [PropertyInvalid, { name }],
  BADPROP: (_: ErrorContext, name: string): Verdict => [PropertyInvalid, { name }],
  WRONG_PARENT: (_: ErrorContext, name: string): Verdict => [WrongParent, { name }],
} as const

/** Calls on filesystems and volumes. */
export const datasetCalls: Pick<LzcTable, 'create' | 'clone' | 'destroy' | 'exists' | 'rename' | 'promote'> = {
  create: {
    symbol: 'lzc_create',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'int', 'list', 'bytes', 'uint'],
    asked: (name, { type = 'zfs' } = {}) => `create the ${type === 'zvol' ? 'volume' : 'filesystem'} "${name}"`,
    input: (name, { type = 'zfs', props = noProperties, key } = {}) => {
      const asked = `create "${name}"`
      checkName(name, 'filesystem', asked)
      if (!Object.hasOwn(objsetTypes, type)) throw new DatasetTypeInvalid({ name: type, asked })
      const native = nativeProps(props, { name, asked, type: type === 'zvol' ? 'volume' : 'filesystem' })
      return [name, objsetTypes[type], native, key ?? null, key?.length ?? 0]
    },
    output: () => undefined,
    errors: {
      ...newDataset,
      // Of a pool that is there the kernel says that it has no parent.
      ENOENT: ({ exists }, name) =>
        exists(name) ? [FilesystemExists, { name, errno: E.EEXIST }] : [ParentNotFound, { name }],
    },
  },

  clone: {
    symbol: 'lzc_clone',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'text', 'list'],
    asked: (name, origin) => `clone "${origin}" to "${name}"`,
    input: (name, origin, { props = noProperties } = {}) => {
      const asked = `clone "${origin}" to "${name}"`
      checkName(name, 'filesystem', asked)
      checkName(origin, 'snapshot', asked)
      if (poolOf(name) !== poolOf(origin)) throw new PoolsDiffer({ name: origin, asked })
      return [name, origin, nativeProps(props, { name, asked })]
    },
    output: () => undefined,
    errors: {
      ...newDataset,
      // One number for a missing origin and for a missing parent.
      ENOENT: ({ exists }, name, origin) =>
        exists(origin) ? [ParentNotFound, { name }] : [SnapshotNotFound, { name: origin }],
    },
  },

  destroy: {
    symbol: 'lzc_destroy',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text'],
    asked: (name) => `destroy "${name}"`,
    input: (name) => {
      checkName(name, 'filesystem', `destroy "${name}"`)
      return [name]
    },
    output: () => undefined,
    errors: {
      ENOENT: (_, name) => [FilesystemNotFound, { name }],
      // The kernel says EEXIST of a dataset with children and EBUSY of one with snapshots or in use.
      EEXIST: (_, name) => [DatasetBusy, { name, reason: 'it has children' }],
    },
  },

  exists: {
    symbol: 'lzc_exists',
    since: '2.0',
    privilege: 'any',
    parameters: ['text'],
    returns: 'boolean',
    asked: (name) => `look for "${name}"`,
    input: (name) => [name],
    // No name that is not valid exists; and of bookmarks the kernel says that they do not.
    shortcut: (name) => {
      const kind = typeof name === 'string' ? nameKind(name) : undefined
      return kind === 'filesystem' || kind === 'snapshot' ? undefined : { answer: false }
    },
    output: ([found]) => found as boolean,
  },

  rename: {
    symbol: 'lzc_rename',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'text'],
    asked: (from, to) => `rename "${from}" to "${to}"`,
    input: (from, to) => {
      const asked = `rename "${from}" to "${to}"`
      const kind = typeof from === 'string' && from.includes('@') ? 'snapshot' : 'filesystem'
      checkName(from, kind, asked)
      checkName(to, kind, asked)
      if (poolOf(from) !== poolOf(to)) throw new PoolsDiffer({ name: to, asked })
      if (filesystemOf(from) !== filesystemOf(to) && kind === 'snapshot') {
        throw new SnapshotMismatch({ name: to, errno: E.EXDEV, asked })
      }
      return [from, to]
    },
    output: () => undefined,
    errors: {
      EEXIST: (_, __, to) => [isSnapshotName(to) ? SnapshotExists : FilesystemExists, { name: to }],
      ENOENT: ({ exists }, from, to) => {
        if (exists(to)) return [FilesystemExists, { name: to, errno: E.EEXIST }]
        if (exists(from)) return [ParentNotFound, { name: to }]
        return [isSnapshotName(from) ? SnapshotNotFound : FilesystemNotFound, { name: from }]
      },
      ENAMETOOLONG: (_, __, to) => [NameTooLong, { name: to }],
      EINVAL: (_, __, to) => [WrongParent, { name: to, reason: 'it would be below itself' }],
      WRONG_PARENT: (_, __, to) => [WrongParent, { name: to }],
    },
  },

  promote: {
    symbol: 'lzc_promote',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'outText'],
    asked: (name) => `promote "${name}"`,
    input: (name) => {
      checkName(name, 'filesystem', `promote "${name}"`)
      return [name]
    },
    output: () => undefined,
    errors: {
      EINVAL: (_, name) => [NotClone, { name }],
      ENOTSOCK: (_, name) => [NotClone, { name }],
      ENOENT: (_, name) => [FilesystemNotFound, { name }],
      // C gives the part behind the @ of the snapshot that both have.
      EEXIST: ({ out: [clash] }, name) => [SnapshotExists, { name: clash ? `${name}@${String(clash)}` : name }],
    },
  },
}
