import type { Operation, OperationOptions } from '@gaoler/core'
import { checkName, FilesystemExists } from '@gaoler/zfs'
import type { JailBase } from './jail-base.ts'

export type CloneOptions = OperationOptions

/**
 * Clones every dataset of a jail to `target` and below, from one recursive snapshot: all of one moment.
 * The snapshot is marked to go with the last clone; until then the clones are dependents of the jail.
 */
export function cloneToDataset(jail: JailBase, target: string, options: CloneOptions = {}): Operation<void> {
  return jail.host.operation(
    'JailClone',
    async function* (s) {
      checkName(target, 'filesystem', `clone jail ${jail.fullName}`)
      jail.requireExisting()
      s.use(jail.lock('clone'))
      if (jail.host.zfs.existsSync(target))
        throw new FilesystemExists({ name: target, asked: `clone jail ${jail.fullName}` })

      const datasets = await s.host.listDatasets({ root: jail.datasetName, types: ['filesystem'] })
      const tag = `clone${new Date().toISOString().replace(/\D/g, '')}`
      const snapshots = datasets.map(({ name }) => `${name}@${tag}`)
      yield* s.step('ZFSSnapshotCreate', (t) => t.host.createSnapshots({ names: snapshots }), {
        payload: { snapshots },
      })
      for (const { name } of datasets) {
        const clone = target + name.slice(jail.datasetName.length)
        yield* s.step('ZFSSnapshotClone', (t) => t.host.cloneSnapshot({ snapshot: `${name}@${tag}`, name: clone }), {
          identifier: `${name}@${tag}`,
          payload: { target: clone },
        })
      }
      yield* s.step('ZFSSnapshotDestroy', (t) => t.host.destroySnapshots({ names: snapshots, defer: true }), {
        message: 'with its last clone',
        payload: { snapshots },
      })
    },
    { ...options, identifier: jail.fullName, payload: { target } },
  )
}
