import type { Operation, OperationOptions } from '@gaoler/core'
import { ZFSError } from '@gaoler/zfs'
import type { JailBase } from '../jail/jail-base.ts'
import { SnapshotCreation } from './errors.ts'
import { checkSnapshotName } from './name.ts'

/** Holds all datasets of a jail fast, running or not, in one transaction. */
export function createSnapshot(jail: JailBase, name: string, options: OperationOptions = {}): Operation<void> {
  const snapshot = `${jail.fullName}@${name}`
  return jail.host.operation(
    'SnapshotCreate',
    async (s) => {
      checkSnapshotName(jail, name)
      s.use(jail.lock('snapshot'))
      jail.requireJailExisting()
      const datasets = await s.host.listDatasets({ root: jail.datasetName })
      try {
        await s.host.createSnapshots({ names: datasets.map((dataset) => `${dataset.name}@${name}`) })
      } catch (cause) {
        if (!(cause instanceof ZFSError)) throw cause
        throw new SnapshotCreation({ snapshot, reason: cause.message }, { cause })
      }
    },
    { ...options, identifier: jail.fullName, payload: { snapshot } },
  )
}
