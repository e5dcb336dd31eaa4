import {
  DatasetBusy,
  DatasetNotFound,
  EncryptionKeyNotLoaded,
  FilesystemNotFound,
  NoSpace,
  PermissionDenied,
  ReadOnlyPool,
  SnapshotNotFound,
  SuspendedPool,
  ZFSCommandFailed,
  type ZFSError,
} from '../errors.ts'
import { isBookmarkName, isSnapshotName } from '../names.ts'
import type { CommandResult } from './run.ts'

/** What was asked of which dataset, and how to find out whether that exists. */
export interface Request {
  readonly name?: string
  /** Words that fit behind "cannot". */
  readonly asked: string
  /** Throws ZFSInitializationFailed where there is no ZFS. */
  readonly exists: (name: string) => boolean
}

/**
 * The error for a command that failed, where its text need not be read, or only for words that libzfs prints from a
 * fixed table (LC_ALL is set): undefined where the call itself knows better.
 */
export function commonFailure({ name, asked, exists }: Request, { stderr }: CommandResult): ZFSError | undefined {
  // First, for nothing of such a pool is found.
  if (/pool I\/O is currently suspended/.test(stderr)) return new SuspendedPool({ name, asked, stderr })
  // Without a name it is still worth asking whether there is any ZFS.
  if (isMissing(name ?? 'any', exists, stderr) && name !== undefined) {
    const Missing = isSnapshotName(name)
      ? SnapshotNotFound
      : isBookmarkName(name)
        ? DatasetNotFound
        : FilesystemNotFound
    return new Missing({ name, asked, stderr })
  }
  if (/permission denied|insufficient privileges/i.test(stderr)) return new PermissionDenied({ name, asked, stderr })
  if (stderr.includes('key not loaded')) return new EncryptionKeyNotLoaded({ name, asked, stderr })
  if (stderr.includes('dataset is busy')) return new DatasetBusy({ name, asked, stderr })
  if (stderr.includes('pool is read-only')) return new ReadOnlyPool({ name, asked, stderr })
  if (/out of space|greater than available space/.test(stderr)) return new NoSpace({ name, asked, stderr })
  return undefined
}

/** The error for a command that failed and that nobody can say more about. */
export function commandFailed(
  { name, asked }: Request,
  args: readonly string[],
  result: CommandResult,
  command: 'zfs' | 'zpool' = 'zfs',
): ZFSError {
  const { exitCode, stderr } = result
  return new ZFSCommandFailed({ name, asked, command: [command, ...args], exitCode, stderr })
}

/** The first line of what a command wrote, as a reason. */
export function firstLine(stderr: string): string {
  return stderr.split('\n', 1)[0] as string
}

// The kernel is asked, except for bookmarks, of which lzc_exists() knows nothing.
function isMissing(name: string, exists: (name: string) => boolean, stderr: string): boolean {
  return isBookmarkName(name) ? /does not exist|no such pool or dataset/.test(stderr) : !exists(name)
}
