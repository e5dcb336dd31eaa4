import { DatasetNotFound, FilesystemNotFound, SnapshotNotFound } from '../../errors.ts'
import { checkName, isBookmarkName, isSnapshotName } from '../../names.ts'

/** The error for a name that nothing has. */
export function missing(name: string, asked: string): DatasetNotFound {
  const Missing = isSnapshotName(name) ? SnapshotNotFound : isBookmarkName(name) ? DatasetNotFound : FilesystemNotFound
  return new Missing({ name, asked })
}

/** Throws NameInvalid or NameTooLong for what is no name of a dataset of any kind. */
export function checkAnyName(name: string, asked: string): void {
  const has = (separator: string): boolean => typeof name === 'string' && name.includes(separator)
  checkName(name, has('#') ? 'bookmark' : has('@') ? 'snapshot' : 'filesystem', asked)
}
