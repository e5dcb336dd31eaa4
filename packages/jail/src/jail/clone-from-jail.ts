import type { Operation, OperationOptions } from '@gaoler/core'
import { relocateFstab } from '../fstab/relocate.ts'
import { cloneDatasets } from './clone-to-dataset.ts'
import { initialConfig, writeConfig } from './initial-config.ts'
import type { JailBase } from './jail-base.ts'

/**
 * Makes `jail` as a copy of `from`, which may run: all its datasets as they are at one moment, its configuration but for
 * what identifies a jail (host UUID, hostid, MAC addresses), and its fstab with the paths of the new jail.
 */
export function cloneFromJail(jail: JailBase, from: JailBase, options: OperationOptions = {}): Operation<void> {
  jail.asNew()
  return jail.host.operation(
    'JailClone',
    async function* (s) {
      const source = from.on(jail.host)
      // What is to be its own copy is there, and its lock would be held.
      if (source.datasetName === jail.datasetName) jail.requireJailNotExisting()
      s.use(jail.lock('creation'))
      s.use(source.lock('clone', { shared: true }))
      source.requireJailExisting()
      source.requireStorageBackend()
      const { config } = initialConfig(jail, {}, {}, source)
      jail.requireJailNotExisting()
      s.set({ target: jail.datasetName })
      yield* cloneDatasets(s, source, jail.datasetName)
      await s.host.setMode({ path: jail.path, mode: 0o700 })
      yield* writeConfig(s, jail, config)
      yield* relocateFstab(s, jail, source.path)
      jail.reload()
    },
    { ...options, identifier: jail.fullName, payload: { source: from.fullName } },
  )
}
