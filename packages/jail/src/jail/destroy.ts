import type { Operation, OperationOptions } from '@gaoler/core'
import type { HostScope } from '../host/host-base.ts'
import { JailHasDependents } from './errors.ts'
import type { JailBase } from './jail-base.ts'
import { stopSteps } from './stop.ts'

export interface DestroyOptions extends OperationOptions {
  /** Stop the jail first if it runs; without it, a running jail is refused. */
  readonly forceStop?: boolean
}

/** Destroys a jail with its datasets and their snapshots. What depends on them is looked for before anything is touched. */
export function destroy(jail: JailBase, options: DestroyOptions = {}): Operation<void> {
  return jail.host.operation(
    'JailDestroy',
    async function* (s) {
      jail.requireExisting()
      s.use(jail.lock('destruction'))
      if (!options.forceStop) jail.requireStopped()
      const { datasets, snapshots } = await surveyTree(s, jail)
      if (jail.running) yield* s.step('JailStop', (t) => stopSteps(t, jail))
      yield* s.step(
        'ZFSDatasetDestroy',
        async (t) => {
          if (snapshots.length > 0) await t.host.destroySnapshots({ names: snapshots })
          for (const [done, name] of datasets.entries()) {
            t.progress(done, datasets.length, 'datasets')
            await t.host.destroyDataset({ name })
          }
        },
        { identifier: jail.datasetName, payload: { datasets } },
      )
      jail.reload()
    },
    { ...options, identifier: jail.fullName },
  )
}

/** The jail's datasets, deepest first, and their snapshots. Throws JailHasDependents when something needs one of them. */
async function surveyTree(s: HostScope, jail: JailBase): Promise<{ datasets: string[]; snapshots: string[] }> {
  const found = await s.host.listDatasets({
    root: jail.datasetName,
    types: ['filesystem', 'volume', 'snapshot'],
    properties: ['clones', 'userrefs'],
  })
  const clones: string[] = []
  const holds: string[] = []
  const snapshots = found.filter(({ type }) => type === 'snapshot')
  for (const { name, properties } of snapshots) {
    const value = properties.clones?.value
    if (Array.isArray(value)) clones.push(...value)
    if (Number(properties.userrefs?.value) > 0) {
      for (const tag of await s.host.listHolds({ snapshot: name })) holds.push(`${name} (${tag})`)
    }
  }
  if (clones.length + holds.length > 0) throw new JailHasDependents({ jail: jail.fullName, clones, holds })
  const datasets = found.filter(({ type }) => type !== 'snapshot').map(({ name }) => name)
  return { datasets: datasets.sort().reverse(), snapshots: snapshots.map(({ name }) => name) }
}
