import type { IocEvent, Operation, OperationOptions, Step } from '@gaoler/core'
import { type Dataset, filesystemOf, SnapshotNotFound } from '@gaoler/zfs'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import { stopSteps } from '../jail/stop.ts'
import { clonesOf } from '../jail/tree.ts'
import type { HookRecord } from '../recovery/hooks.ts'
import { SnapshotRollback } from './errors.ts'
import { checkSnapshotName } from './name.ts'

export interface RollbackOptions extends OperationOptions {
  /** Stop a jail that runs first; it stays stopped. Without it, a running jail is refused. */
  readonly force?: boolean
}

/**
 * Sets all datasets of a jail back to a snapshot, in one transaction. Later snapshots and datasets that were made since
 * would be lost or left behind: they are named, and nothing is touched.
 */
export function rollbackToSnapshot(jail: JailBase, name: string, options: RollbackOptions = {}): Operation<void> {
  const { force = false } = options
  const snapshot = `${jail.fullName}@${name}`
  return jail.host.operation(
    'SnapshotRollback',
    async function* (s) {
      checkSnapshotName(jail, name)
      s.use(jail.lock('rollback'))
      jail.requireJailExisting()
      if (!force) jail.requireJailStopped()
      const snapshots = await findSnapshots(s, jail, name)
      if (jail.running) yield* s.step('JailStop', (t) => stopSteps(t, jail))
      yield* rollbackStep(s, jail, { name, snapshots })
      jail.refresh()
    },
    {
      ...options,
      identifier: jail.fullName,
      payload: { snapshot },
      completion: () => jail.completion('rollback', { snapshot: name }),
    },
  )
}

function rollbackStep(
  s: HostScope,
  jail: JailBase,
  { name, snapshots }: { name: string; snapshots: readonly string[] },
): Step<unknown> {
  return s.step('ZFSSnapshotRollback', (t) => t.host.rollbackDatasets({ snapshots }), {
    identifier: jail.datasetName,
    payload: { target: name },
  })
}

/** The steps of a rollback that has begun, for whoever holds the jail's lock already. */
export async function* finishRollback(
  s: HostScope,
  jail: JailBase,
  name: string,
  recorded: HookRecord,
): AsyncGenerator<IocEvent, void, void> {
  const snapshots = await findSnapshots(s, jail, name)
  yield* s.step('JailStop', (t) => stopSteps(t, jail, { leftovers: true, recorded }))
  yield* rollbackStep(s, jail, { name, snapshots })
}

/** The snapshot of each dataset of the jail. Throws SnapshotNotFound, SnapshotRollback. */
async function findSnapshots(s: HostScope, jail: JailBase, name: string): Promise<string[]> {
  const found = await s.host.listDatasets({
    root: jail.datasetName,
    types: ['filesystem', 'volume', 'snapshot'],
    properties: ['createtxg', 'clones'],
  })
  const datasets = found.filter(({ type }) => type !== 'snapshot')
  const snapshots = found.filter(({ type }) => type === 'snapshot')
  const targets = snapshots.filter((one) => one.name.endsWith(`@${name}`))
  if (targets.length === 0) throw new SnapshotNotFound({ name: `${jail.datasetName}@${name}` })

  const without = datasets.filter((dataset) => !targets.some((target) => filesystemOf(target.name) === dataset.name))
  const later = targets.flatMap((target) => snapshots.filter((one) => isLater(one, target)))
  const reasons = [
    ...without.map((dataset) => `${dataset.name} was made later`),
    ...later.map((one) => {
      const clones = clonesOf(one.properties.clones?.value)
      return `${one.name} is later${clones.length > 0 ? `, and needed by ${clones.join(', ')}` : ''}`
    }),
  ]
  if (reasons.length > 0)
    throw new SnapshotRollback({ snapshot: `${jail.fullName}@${name}`, reason: reasons.join('; ') })
  return targets.map((target) => target.name)
}

function isLater(one: Dataset, target: Dataset): boolean {
  const of = ({ properties }: Dataset): number => Number(properties.createtxg?.value)
  return filesystemOf(one.name) === filesystemOf(target.name) && of(one) > of(target)
}
