import type { IocEvent, Operation, OperationOptions } from '@gaoler/core'
import { checkName, FilesystemExists } from '@gaoler/zfs'
import { isJailName } from '../config/name.ts'
import type { HostScope } from '../host/host-base.ts'
import { JailBase } from './jail-base.ts'
import { clearEnded } from './stop.ts'
import { destroyTree, snapshotForClone, surveyTree } from './tree.ts'

export interface CloneOptions extends OperationOptions {
  /**
   * Replace what is at the target, with its snapshots. It is set aside first, and destroyed when all else is done; what
   * depends on it is refused with JailHasDependents, a jail that runs with JailAlreadyRunning.
   */
  readonly deleteExisting?: boolean
}

/**
 * Clones every dataset of a jail to `target` and below, from one recursive snapshot: all of one moment.
 * The snapshot is marked to go with the last clone; until then the clones are dependents of the jail.
 */
export function cloneToDataset(jail: JailBase, target: string, options: CloneOptions = {}): Operation<void> {
  const aside = `${target}-replaced${new Date().toISOString().replace(/\D/g, '')}`
  const replaces = (): boolean => options.deleteExisting === true && jail.host.zfs.existsSync(aside)
  return jail.host.operation(
    'JailClone',
    async function* (s) {
      checkName(target, 'filesystem', `clone jail ${jail.fullName}`)
      s.use(jail.lock('clone', { shared: true }))
      jail.requireJailExisting()
      jail.requireStorageBackend()
      if (!jail.host.zfs.existsSync(target)) yield* cloneDatasets(s, jail, target)
      else if (options.deleteExisting) yield* replace(s, jail, { target, aside })
      else throw new FilesystemExists({ name: target, asked: `clone jail ${jail.fullName}` })
    },
    {
      ...options,
      identifier: jail.fullName,
      payload: { target },
      completion: () => (replaces() ? { verb: 'destroyTree', args: { dataset: aside } } : null),
    },
  )
}

/** The steps that clone a jail's datasets, for whoever holds its lock. */
export async function* cloneDatasets(
  s: HostScope,
  jail: JailBase,
  target: string,
): AsyncGenerator<IocEvent, void, void> {
  const datasets = await s.host.listDatasets({
    root: jail.datasetName,
    types: ['filesystem'],
    properties: ['canmount'],
  })
  const names = datasets.map(({ name }) => name)
  const { tag, snapshots, release } = snapshotForClone(s, names)
  yield* snapshots
  for (const { name, properties } of datasets) {
    const mounted = properties.canmount?.value !== 'off'
    const snapshot = `${name}@${tag}`
    const clone = target + name.slice(jail.datasetName.length)
    yield* s.step('ZFSSnapshotClone', (t) => t.host.cloneSnapshot({ snapshot, name: clone, mounted }), {
      identifier: snapshot,
      payload: { target: clone },
    })
  }
  yield* release()
}

async function* replace(
  s: HostScope,
  jail: JailBase,
  { target, aside }: { target: string; aside: string },
): AsyncGenerator<IocEvent, void, void> {
  const source = `${jail.datasetName}/`
  if (`${target}/`.startsWith(source) || source.startsWith(`${target}/`)) {
    throw new FilesystemExists({ name: target, asked: `replace what jail ${jail.fullName} itself is in, or has` })
  }
  const replaced = jailAt(jail, target)
  if (replaced) {
    s.use(replaced.lock('replacement'))
    replaced.requireJailStopped()
    yield* clearEnded(s, replaced)
  }
  await surveyTree(s, { root: target, jail: replaced?.fullName ?? target })
  yield* s.step('ZFSDatasetRename', (t) => t.host.renameDataset({ from: target, to: aside }), {
    identifier: target,
    payload: { target: aside },
  })
  yield* cloneDatasets(s, jail, target)
  // From here on there is no way back.
  yield* destroyTree(s, await surveyTree(s, { root: aside, jail: replaced?.fullName ?? target }), aside)
}

function jailAt(jail: JailBase, dataset: string): JailBase | null {
  for (const [rootDatasetsName, { jails }] of jail.host.datasets) {
    const name = dataset.startsWith(`${jails}/`) ? dataset.slice(jails.length + 1) : ''
    if (isJailName(name)) return new JailBase({ name }, { host: jail.host, rootDatasetsName })
  }
  return null
}
