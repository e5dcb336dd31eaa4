import type { IocEvent, OperationOptions } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { type Sync, splitSync } from '../host/sync.ts'
import type { RollbackOptions } from './rollback.ts'
import { SnapshotsBase } from './snapshots-base.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** The snapshots of a jail for scripts: each call blocks until the operation has ended, and returns its events. */
export class Snapshots extends SnapshotsBase {
  /** Takes a snapshot of all datasets of the jail, running or not. Throws SnapshotCreation, InvalidSnapshotIdentifier. */
  create(name: string, options: Sync<OperationOptions> = {}): IocEvent[] {
    return this.#collect('create', name, options)
  }

  /** Destroys a snapshot of all datasets of the jail. Throws SnapshotNotFound, SnapshotDeletion. */
  delete(name: string, options: Sync<OperationOptions> = {}): IocEvent[] {
    return this.#collect('remove', name, options)
  }

  /** Returns to the latest snapshot. Throws SnapshotNotFound, JailAlreadyRunning (without `force`), SnapshotRollback. */
  rollback(name: string, options: Sync<RollbackOptions> = {}): IocEvent[] {
    return this.#collect('rollback', name, options)
  }

  #collect(verb: 'create' | 'remove' | 'rollback', name: string, options: Sync): IocEvent[] {
    const [call, rest] = splitSync(this.jail.host, options)
    try {
      return bridge.collect(verb, [this.jail.descriptor, name, rest], call)
    } finally {
      this.jail.refresh()
    }
  }
}
