import type { Operation, OperationOptions } from '@gaoler/core'
import { relocateFstab } from '../fstab/relocate.ts'
import type { HostScope } from '../host/host-base.ts'
import { writeConfig } from './initial-config.ts'
import type { JailBase } from './jail-base.ts'
import { clearEnded } from './stop.ts'

/**
 * Gives a stopped jail another name: its datasets, those of its own snapshots that have the jail's name, its fstab and its
 * configuration. Snapshots of a release or template that it was cloned from are not its own and stay as they are.
 */
export function rename(jail: JailBase, newName: string, options: OperationOptions = {}): Operation<void> {
  const { name: currentName, host } = jail
  return host.operation(
    'JailRename',
    async function* (s) {
      const renamed = jail.beside(newName)
      s.use(jail.lock('renaming'))
      jail.requireJailExisting()
      // Its own name is taken too, and its lock is held.
      if (renamed.name === currentName) renamed.requireJailNotExisting()
      s.use(renamed.lock(`renaming of jail ${currentName}`))
      jail.requireJailStopped()
      jail.requireStorageBackend()
      renamed.requireJailNotExisting()
      yield* clearEnded(s, jail)
      const { path, datasetName: from } = jail
      // As it is now: what others have written since this object read it is not lost.
      const { config } = jail.readConfig()
      const to = renamed.datasetName

      yield* s.step('ZFSDatasetRename', (t) => renameDatasets(t, jail, renamed), {
        identifier: from,
        payload: { target: to },
      })
      yield* s.step('ZFSSnapshotRename', (t) => renameSnapshots(t, to, currentName, newName))
      yield* relocateFstab(s, renamed, path)
      yield* writeConfig(s, renamed, config.clone(newName))
      jail.refresh()
    },
    { ...options, identifier: jail.fullName, payload: { currentName, newName } },
  )
}

/** The object follows its datasets: to their new name, and back where an operation of the caller is undone later. */
async function renameDatasets(t: HostScope, jail: JailBase, renamed: JailBase): Promise<void> {
  const before = jail.beside(jail.name)
  await t.host.renameDataset({ from: before.datasetName, to: renamed.datasetName })
  t.onUndone(() => before.exists && jail.renamed(before.name))
  jail.renamed(renamed.name)
}

/** Only of the tree that was renamed: what it was cloned from belongs to somebody else. */
async function renameSnapshots(t: HostScope, root: string, from: string, to: string): Promise<void> {
  const snapshots = await t.host.listDatasets({ root, types: ['snapshot'] })
  const named = snapshots.filter(({ name }) => name.endsWith(`@${from}`))
  if (named.length === 0) return t.skip("no snapshot of it has the jail's name")
  for (const { name } of named) {
    await t.host.renameSnapshot({ from: name, to: name.slice(0, -from.length) + to })
  }
}
