import {
  DuplicateSnapshots,
  FilesystemNotFound,
  NameTooLong,
  PropertyInvalid,
  SnapshotExists,
  SnapshotFailure,
  type ZFSError,
} from '../../errors.ts'
import { snapshotErrors } from '../../lzc/checks.ts'
import { splitSnapshot } from '../../names.ts'
import { isUserProperty } from '../../properties/names.ts'
import type { DatasetRecord, State } from '../state.ts'

/** What is to be snapshotted, and the part behind the `@`. */
export interface Source {
  readonly dataset: DatasetRecord
  readonly short: string
}

/** Checks what can be told from the names alone. Throws SnapshotFailure. */
export function checkNames(names: readonly string[], asked: string): void {
  const errors = snapshotErrors(names)
  if (errors.length > 0) throw new SnapshotFailure({ asked, errors })
  const filesystems = names.map((name) => splitSnapshot(name)[0])
  const duplicate = names.find((_, n) => filesystems.indexOf(filesystems[n] as string) !== n)
  if (duplicate) throw new SnapshotFailure({ asked, errors: [new DuplicateSnapshots({ name: duplicate })] })
}

/** Throws SnapshotFailure for anything but user properties. */
export function checkProps(names: readonly string[], props: Readonly<Record<string, string>>, asked: string): void {
  const errors: ZFSError[] = []
  for (const [property, value] of Object.entries(props)) {
    if (!isUserProperty(property) || typeof value !== 'string') {
      errors.push(new PropertyInvalid({ name: names[0], property, reason: 'a snapshot takes user properties only' }))
    } else if (Buffer.byteLength(value) > 8191) {
      errors.push(new NameTooLong({ name: property }))
    }
  }
  if (errors.length > 0) throw new SnapshotFailure({ asked, errors })
}

/** Throws SnapshotFailure with an error for each dataset that is missing and each name that is taken. */
export function checkSources(state: State, names: readonly string[], asked: string): Source[] {
  const errors: ZFSError[] = []
  const sources: Source[] = []
  for (const name of names) {
    const [filesystem, short] = splitSnapshot(name)
    const dataset = state.dataset(filesystem)
    if (!dataset) errors.push(new FilesystemNotFound({ name: filesystem }))
    else if (dataset.snapshots.some((other) => other.name === short)) errors.push(new SnapshotExists({ name }))
    else sources.push({ dataset, short })
  }
  if (errors.length > 0) throw new SnapshotFailure({ asked, errors })
  return sources
}
