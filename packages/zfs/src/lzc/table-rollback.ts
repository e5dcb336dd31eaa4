import { E } from '../errno.ts'
import {
  ArgumentInvalid,
  BookmarkExists,
  FeatureNotSupported,
  FilesystemNotFound,
  NameInvalid,
  SnapshotMismatch,
  SnapshotNotFound,
  SnapshotNotLatest,
} from '../errors.ts'
import { checkName, filesystemOf, isComponent, poolOf } from '../names.ts'
import { arrayOf, checkSamePool, flags } from './checks.ts'
import type { LzcTable } from './table.ts'

/** Calls that go back to a snapshot, or compare some. */
export const rollbackCalls: Pick<LzcTable, 'rollback' | 'rollbackTo' | 'snaprangeSpace' | 'redact'> = {
  rollback: {
    symbol: 'lzc_rollback',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'outText'],
    asked: (name) => `roll "${name}" back`,
    input: (name) => {
      checkName(name, 'filesystem', `roll "${name}" back`)
      return [name]
    },
    output: ([snapshot]) => snapshot as string,
    errors: {
      ESRCH: (_, name) => [SnapshotNotFound, { name: `${name}@` }],
      // A bookmark is later than the snapshot.
      EEXIST: (_, name) => [SnapshotNotLatest, { name }],
      ENOENT: (_, name) => [FilesystemNotFound, { name }],
      EINVAL: (_, name) => [NameInvalid, { name }],
    },
  },

  rollbackTo: {
    symbol: 'lzc_rollback_to',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['text', 'text'],
    asked: (name, snapshot) => `roll "${name}" back to "${snapshot}"`,
    input: (name, snapshot) => {
      const asked = `roll "${name}" back to "${snapshot}"`
      checkName(name, 'filesystem', asked)
      checkName(snapshot, 'snapshot', asked)
      if (filesystemOf(snapshot) !== name) throw new SnapshotMismatch({ name: snapshot, errno: E.EXDEV, asked })
      return [name, snapshot]
    },
    output: () => undefined,
    errors: {
      // The kernel only says that the latest snapshot has another name, or that there is none.
      EEXIST: ({ exists }, _, snapshot) =>
        exists(snapshot)
          ? [SnapshotNotLatest, { name: snapshot }]
          : [SnapshotNotFound, { name: snapshot, errno: E.ENOENT }],
      ESRCH: (_, __, snapshot) => [SnapshotNotFound, { name: snapshot }],
      ENOENT: (_, name) => [FilesystemNotFound, { name }],
      EINVAL: (_, name) => [NameInvalid, { name }],
    },
  },

  snaprangeSpace: {
    symbol: 'lzc_snaprange_space',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'text', 'outU64'],
    asked: (first, last) => `measure the snapshots from "${first}" to "${last}"`,
    input: (first, last) => {
      const asked = `measure the snapshots from "${first}" to "${last}"`
      checkName(first, 'snapshot', asked)
      checkName(last, 'snapshot', asked)
      checkSamePool(first, last, asked)
      return [first, last]
    },
    output: ([bytes]) => bytes as bigint,
    errors: {
      EXDEV: (_, __, last) => [SnapshotMismatch, { name: last }],
      EINVAL: (_, __, last) => [SnapshotMismatch, { name: last }],
      ENOENT: ({ exists }, first, last) => [SnapshotNotFound, { name: exists(first) ? last : first }],
    },
  },

  redact: {
    symbol: 'lzc_redact',
    since: '2.0',
    privilege: 'root',
    parameters: ['text', 'text', 'list'],
    asked: (snapshot, bookmark) => `redact "${snapshot}" to the bookmark "${bookmark}"`,
    input: (snapshot, bookmark, redactionSnapshots) => {
      const asked = `redact "${snapshot}" to the bookmark "${bookmark}"`
      checkName(snapshot, 'snapshot', asked)
      checkBookmarkPart(bookmark, asked)
      for (const each of arrayOf(redactionSnapshots, 'redactionSnapshots', asked)) {
        checkName(each, 'snapshot', asked)
        checkSamePool(snapshot, each, asked)
      }
      if (redactionSnapshots.length === 0) {
        throw new ArgumentInvalid({ argument: 'redactionSnapshots', asked, reason: 'must be at least one' })
      }
      return [snapshot, bookmark, flags(redactionSnapshots)]
    },
    output: () => undefined,
    errors: {
      EEXIST: (_, snapshot, bookmark) => [BookmarkExists, { name: `${filesystemOf(snapshot)}#${bookmark}` }],
      ENOENT: ({ exists }, snapshot, _, redactionSnapshots) => [
        SnapshotNotFound,
        { name: [snapshot, ...redactionSnapshots].find((each) => !exists(each)) ?? snapshot },
      ],
      EINVAL: (_, snapshot) => [SnapshotMismatch, { name: snapshot }],
      ENOTSUP: (_, snapshot) => [FeatureNotSupported, { name: poolOf(snapshot) }],
    },
  },
}

/** Throws NameInvalid for what cannot be behind the `#` of a bookmark. */
export function checkBookmarkPart(part: string, asked: string): void {
  if (typeof part !== 'string' || !isComponent(part)) throw new NameInvalid({ name: String(part), asked })
}
