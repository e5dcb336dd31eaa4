import type { Operation, OperationOptions } from '@gaoler/core'
import type { JailBase } from './jail-base.ts'

/**
 * Makes the clones among a jail's datasets independent of what they were made from, the deepest first: the snapshots that
 * they need become the jail's, and the release or jail that had them is a clone of this one from then on.
 */
export function promote(jail: JailBase, options: OperationOptions = {}): Operation<void> {
  return jail.host.operation(
    'JailPromote',
    async function* (s) {
      s.use(jail.lock('promotion'))
      jail.requireJailExisting()
      const datasets = await s.host.listDatasets({
        root: jail.datasetName,
        types: ['filesystem', 'volume'],
        properties: ['origin'],
      })
      const clones = datasets.flatMap(({ name, properties }) => {
        const origin = properties.origin?.value
        return typeof origin === 'string' ? [{ name, origin }] : []
      })
      if (clones.length === 0) return s.skip('none of its datasets is a clone')
      for (const clone of clones.sort((a, b) => (a.name < b.name ? 1 : -1))) {
        yield* s.step('ZFSDatasetPromote', (t) => t.host.promoteDataset(clone), {
          identifier: clone.name,
          payload: { origin: clone.origin },
        })
      }
    },
    { ...options, identifier: jail.fullName },
  )
}
