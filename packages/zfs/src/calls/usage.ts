import type { SignalOption } from '../zfs.ts'

/** What a user, group or project takes of one filesystem. */
export interface SpaceUsage {
  /** The number of the user, group or project. */
  readonly id: number
  /** In bytes. Both lag behind by a few seconds. */
  readonly used: bigint
  readonly objects: bigint
  /** Absent without a quota. */
  readonly quota?: bigint
  readonly objectQuota?: bigint
}

export type FileKind =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'fifo'
  | 'socket'
  | 'block'
  | 'character'
  | 'door'
  | 'port'
  | 'unknown'

/** One change between two states of a filesystem. */
export interface DiffChange {
  readonly change: 'added' | 'removed' | 'modified' | 'renamed'
  readonly kind: FileKind
  /** Below the filesystem's mountpoint; a Buffer, as Node's `fs` takes it, where the name is no UTF-8. */
  readonly path: string | Buffer
  /** The new path of what was renamed. */
  readonly to?: string | Buffer
  /** How many hard links it has more, or fewer. */
  readonly links?: number
  /** Its change time in nanoseconds since 1970. */
  readonly ctimeNs: bigint
}

/** Who takes what, and what has changed. */
export interface UsageCalls {
  /** A filesystem's or snapshot's space by user, numeric. Throws FilesystemNotFound, DatasetTypeInvalid. */
  userspace(name: string, options?: SignalOption): SpaceUsage[]
  groupspace(name: string, options?: SignalOption): SpaceUsage[]
  projectspace(name: string, options?: SignalOption): SpaceUsage[]
  /**
   * What has changed since a snapshot, up to a later one, a clone's or the present filesystem (the default). The
   * filesystem must be mounted. Root, or the permission `diff`. Throws SnapshotNotFound, SnapshotMismatch.
   */
  diff(from: string, to?: string, options?: SignalOption): DiffChange[]
}
