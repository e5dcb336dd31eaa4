import type { Operation, OperationOptions } from '@gaoler/core'
import { SnapshotNotFound } from '@gaoler/zfs'
import type { JailBase } from '../jail/jail-base.ts'
import { clonesOf } from '../jail/tree.ts'
import { SnapshotDeletion } from './errors.ts'
import { checkSnapshotName } from './name.ts'

/** Deletes a snapshot of all datasets of a jail, running or not, in one transaction. What needs it is named. */
export function deleteSnapshot(jail: JailBase, name: string, options: OperationOptions = {}): Operation<void> {
  const snapshot = `${jail.fullName}@${name}`
  return jail.host.operation(
    'SnapshotDelete',
    async (s) => {
      checkSnapshotName(jail, name)
      s.use(jail.lock('deletion of a snapshot'))
      jail.requireJailExisting()
      const all = await s.host.listDatasets({
        root: jail.datasetName,
        types: ['snapshot'],
        properties: ['clones', 'userrefs'],
      })
      const found = all.filter((one) => one.name.endsWith(`@${name}`))
      if (found.length === 0) throw new SnapshotNotFound({ name: `${jail.datasetName}@${name}` })
      const needed = found.flatMap(({ name, properties }) => [
        ...clonesOf(properties.clones?.value).map((clone) => `the clone ${clone} needs it`),
        ...(Number(properties.userrefs?.value) > 0 ? [`${name} is held`] : []),
      ])
      if (needed.length > 0) throw new SnapshotDeletion({ snapshot, reason: needed.join(', ') })
      await s.host.destroySnapshots({ names: found.map(({ name }) => name) })
    },
    { ...options, identifier: jail.fullName, payload: { snapshot } },
  )
}
