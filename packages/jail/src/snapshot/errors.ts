import { type ErrorDetails, IocError, registerErrors } from '@gaoler/core'

/**
 * Base of what goes wrong with the snapshots of a jail or release.
 * @remedy See the reason; the cause is mostly an error of ZFS.
 */
export class SnapshotError<
  D extends ErrorDetails & { snapshot: string } = { snapshot: string; reason?: string },
> extends IocError<D> {
  static override readonly code: string = 'SNAPSHOT'
}

/**
 * A snapshot of a resource was not made, of none of its datasets.
 * @remedy See the reason; a name that is taken needs another one.
 */
export class SnapshotCreation extends SnapshotError {
  static override readonly code: string = 'SNAPSHOT_CREATION'
  constructor(details: { snapshot: string; reason?: string }, options: ErrorOptions = {}) {
    super(`the snapshot ${details.snapshot} could not be made${because(details)}`, details, options)
  }
}

/**
 * A snapshot of a resource was not deleted.
 * @remedy Destroy or promote its clones and release its holds first.
 */
export class SnapshotDeletion extends SnapshotError {
  static override readonly code: string = 'SNAPSHOT_DELETION'
  constructor(details: { snapshot: string; reason?: string }, options: ErrorOptions = {}) {
    super(`the snapshot ${details.snapshot} could not be deleted${because(details)}`, details, options)
  }
}

/**
 * A resource was not set back to a snapshot.
 * @remedy Stop the jail; where later snapshots stand in the way, delete them first.
 */
export class SnapshotRollback extends SnapshotError {
  static override readonly code: string = 'SNAPSHOT_ROLLBACK'
  constructor(details: { snapshot: string; reason?: string }, options: ErrorOptions = {}) {
    super(`nothing was set back to the snapshot ${details.snapshot}${because(details)}`, details, options)
  }
}

/**
 * A text that names no snapshot of a jail or release.
 * @remedy Write it like web@before-update.
 */
export class InvalidSnapshotIdentifier extends SnapshotError<{ snapshot: string }> {
  static override readonly code: string = 'INVALID_SNAPSHOT_IDENTIFIER'
  constructor(details: { snapshot: string }, options: ErrorOptions = {}) {
    super(`${JSON.stringify(details.snapshot)} names no snapshot: write it like web@before-update`, details, options)
  }
}

function because({ reason }: { reason?: string }): string {
  return reason === undefined ? '' : `: ${reason}`
}

registerErrors({ SnapshotError, SnapshotCreation, SnapshotDeletion, SnapshotRollback, InvalidSnapshotIdentifier })
