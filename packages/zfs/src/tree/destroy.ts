import { type IocEvent, type Operation, type OperationOptions, operation } from '@gaoler/core'
import { DatasetTypeInvalid } from '../errors.ts'
import { checkName, parentOf } from '../names.ts'
import type { Zfs } from '../zfs.ts'
import { holdsOf, refuseDependents } from './dependents.ts'
import { type TreeScope, treeEffects } from './effects.ts'
import { destruction, freeClones, type Promotion } from './order.ts'
import { type Placed, snapshotsOf, treeOf } from './survey.ts'

export interface DestroyTreeOptions extends OperationOptions {
  /** Destroy what is below the dataset too, and all snapshots. Without it only a dataset that has neither is destroyed. */
  readonly recursive?: boolean
  /** Clones elsewhere are promoted first: they keep the snapshots that they need. */
  readonly promoteDependants?: boolean
}

export interface DestroyedTree {
  readonly datasets: readonly string[]
  readonly snapshots: readonly string[]
  /** Clones that were promoted. */
  readonly promoted: readonly string[]
}

/**
 * Destroys a filesystem or volume as `zfs destroy` does: with `recursive`, all that is below it. What depends on it is
 * looked for before anything is touched. Then everything is unmounted, which is taken back if one of them is in use; the
 * snapshots go in one transaction, then the datasets. `plan: true` changes nothing.
 * Throws DatasetHasDependents, FilesystemNotFound, DatasetBusy, SnapshotExists (a promotion would take a name twice).
 */
export function destroyTree(zfs: Zfs, name: string, options: DestroyTreeOptions = {}): Operation<DestroyedTree> {
  const { recursive = false, promoteDependants = false, ...rest } = options
  const asked = `destroy "${name}"`
  return operation(
    'ZFSDatasetDestroy',
    async function* (s: TreeScope) {
      checkName(name, 'filesystem', asked)
      if (parentOf(name) === undefined) throw new DatasetTypeInvalid({ name, asked, reason: 'it is a pool' })
      const surveyed = await s.host.survey({ root: name })
      const found = treeOf(surveyed)
      const places = placesOf(surveyed)
      const { promotions, tree } = promoteDependants ? freeClones(found) : { promotions: [], tree: found }
      const snapshots = snapshotsOf(tree)
      refuseDependents(name, asked, {
        clones: snapshots.flatMap(({ clones }) => clones.filter((clone) => !tree.has(clone))),
        holds: await holdsOf(s, snapshots),
        snapshots: recursive ? [] : snapshots.map((snapshot) => snapshot.name),
        children: recursive ? [] : [...tree.keys()].filter((each) => each !== name),
      })
      const order = destruction(tree)
      const datasets = order.levels.flat().map((node) => node.name)
      s.set({ datasets })
      await unmountAll(s, places)
      const all = [...promotions, ...order.promotions]
      for (const promotion of all) yield* promoteStep(s, promotion)
      const names = [...order.free, ...order.cloned]
      if (names.length > 0) {
        yield* s.step(
          'ZFSSnapshotDestroy',
          async (t: TreeScope) => {
            if (order.free.length > 0) await t.host.destroySnapshots({ names: order.free, defer: false })
            if (order.cloned.length > 0) await t.host.destroySnapshots({ names: order.cloned, defer: true })
          },
          { payload: { snapshots: names } },
        )
      }
      let done = 0
      for (const level of order.levels) {
        // Those of one level share their transactions.
        await Promise.all(
          level.map(async (node) => {
            await s.host.destroyDataset({ name: node.name, mountpoint: places.get(node.name) ?? null })
            s.progress(++done, datasets.length, 'datasets')
          }),
        )
      }
      return { datasets, snapshots: names, promoted: all.map(({ clone }) => clone) }
    },
    { ...rest, effects: treeEffects(zfs), identifier: name },
  )
}

function promoteStep(s: TreeScope, { clone, origin }: Promotion): AsyncGenerator<IocEvent, void, void> {
  const former = origin.slice(0, origin.indexOf('@'))
  return s.step('ZFSDatasetPromote', (t: TreeScope) => t.host.promote({ name: clone, origin: former }), {
    identifier: clone,
    payload: { origin },
  })
}

/** Where each is that is mounted. */
function placesOf(surveyed: readonly Placed[]): ReadonlyMap<string, string> {
  const mounted = surveyed.filter(({ type, properties }) => type === 'filesystem' && properties.mounted.value === true)
  return new Map(mounted.map(({ name, properties }) => [name, properties.mountpoint.value ?? '']))
}

/** The innermost directories first. */
async function unmountAll(s: TreeScope, places: ReadonlyMap<string, string>): Promise<void> {
  const mounted = [...places].sort(([, a], [, b]) => b.length - a.length)
  for (const [name] of mounted) await s.host.unmount({ name })
}
