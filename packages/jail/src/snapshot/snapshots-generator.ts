import type { Operation, OperationOptions } from '@gaoler/core'
import { createSnapshot } from './create.ts'
import { deleteSnapshot } from './delete.ts'
import { type RollbackOptions, rollbackToSnapshot } from './rollback.ts'
import { SnapshotsBase } from './snapshots-base.ts'

/** The snapshots of a jail; operations are async generators of events. */
export class SnapshotsGenerator extends SnapshotsBase {
  /** Takes a snapshot of all datasets of the jail, running or not. Throws SnapshotCreation, InvalidSnapshotIdentifier. */
  create(name: string, options: OperationOptions = {}): Operation<void> {
    return createSnapshot(this.jail.viewFor(options), name, options)
  }

  /** Destroys a snapshot of all datasets of the jail. Throws SnapshotNotFound, SnapshotDeletion. */
  delete(name: string, options: OperationOptions = {}): Operation<void> {
    return deleteSnapshot(this.jail.viewFor(options), name, options)
  }

  /** Returns to the latest snapshot. Throws SnapshotNotFound, JailAlreadyRunning (without `force`), SnapshotRollback. */
  rollback(name: string, options: RollbackOptions = {}): Operation<void> {
    return rollbackToSnapshot(this.jail.viewFor(options), name, options)
  }
}
