import { type Operation, type OperationOptions, operation } from '@gaoler/core'
import { checkName, splitSnapshot } from '../names.ts'
import type { Zfs } from '../zfs.ts'
import { holdsOf, refuseDependents } from './dependents.ts'
import { type TreeScope, treeEffects } from './effects.ts'
import { parseSelection, type Run, select } from './select.ts'
import { treeOf } from './survey.ts'

export interface SnapshotTreeOptions extends OperationOptions {
  /** User properties of the snapshots. */
  readonly props?: Readonly<Record<string, string>>
}

/**
 * Takes a snapshot of a dataset and of all below it at one moment, in one transaction: `snapshotTree(zfs, 'tank/a@x')`.
 * The result is their names. Throws SnapshotFailure, SnapshotNameInvalid, FilesystemNotFound.
 */
export function snapshotTree(zfs: Zfs, name: string, options: SnapshotTreeOptions = {}): Operation<readonly string[]> {
  const { props, ...rest } = options
  return operation(
    'ZFSSnapshotCreate',
    async (s: TreeScope) => {
      checkName(name, 'snapshot', `take the snapshot "${name}"`)
      const [root, short] = splitSnapshot(name)
      const datasets = [...treeOf(await s.host.survey({ root })).keys()]
      const names = datasets.map((dataset) => `${dataset}@${short}`)
      s.set({ snapshots: names })
      await s.host.createSnapshots(props ? { names, props } : { names })
      return names
    },
    { ...rest, effects: treeEffects(zfs), identifier: name },
  )
}

export interface DestroySnapshotsOptions extends OperationOptions {
  /** Also the snapshots of these names of all that is below. */
  readonly recursive?: boolean
  /** Those that are cloned or held go later, when nothing needs them any more. */
  readonly defer?: boolean
}

export interface DestroyedSnapshots {
  readonly snapshots: readonly string[]
  /** Bytes that this frees, or would (with `plan: true`); null where this ZFS cannot tell. */
  readonly bytes: bigint | null
}

/**
 * Destroys snapshots of one dataset, or with `recursive` of a tree, in one transaction: all or none. The name may be a
 * range, as zfs-destroy(8) has it: `tank/a@monday%friday`, `tank/a@%friday`, `tank/a@x,y`. `plan: true` changes nothing
 * and tells the bytes. Throws DatasetHasDependents, SnapshotNotFound, SnapshotDestructionFailure.
 */
export function destroySnapshots(
  zfs: Zfs,
  name: string,
  options: DestroySnapshotsOptions = {},
): Operation<DestroyedSnapshots> {
  const { recursive = false, defer = false, ...rest } = options
  const asked = `destroy "${name}"`
  return operation(
    'ZFSSnapshotDestroy',
    async (s: TreeScope) => {
      const selection = parseSelection(name, asked)
      const tree = treeOf(await s.host.survey({ root: selection.filesystem }))
      const runs = select(tree, selection, recursive, asked)
      const chosen = runs.flat()
      if (!defer) {
        const clones = chosen.flatMap((snapshot) => snapshot.clones)
        refuseDependents(name, asked, { clones, holds: await holdsOf(s, chosen) })
      }
      const names = chosen.map((snapshot) => snapshot.name)
      s.set({ snapshots: names })
      const bytes = await spaceOf(s, runs)
      if (names.length > 0) await s.host.destroySnapshots({ names, defer })
      return { snapshots: names, bytes }
    },
    { ...rest, effects: treeEffects(zfs), identifier: name },
  )
}

async function spaceOf(s: TreeScope, runs: readonly Run[]): Promise<bigint | null> {
  let sum = 0n
  for (const run of runs) {
    const [first, last] = [run[0], run.at(-1)]
    const bytes = first && last ? await s.host.space({ first: first.name, last: last.name }) : 0n
    if (bytes === null) return null
    sum += bytes
  }
  return sum
}
