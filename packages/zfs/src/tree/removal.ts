import { destruction, type Promotion } from './order.ts'
import { type Surveyed, snapshotsOf, treeOf } from './survey.ts'

/** How all of a tree is destroyed. */
export interface Removal {
  /** Clones outside of the tree: as long as there is one, it cannot be destroyed. */
  readonly clones: readonly string[]
  /** Snapshots with holds: likewise. */
  readonly held: readonly string[]
  /** Clones inside that are promoted first, since what they were cloned from is below them. */
  readonly promotions: readonly Promotion[]
  /** Snapshots without clones. */
  readonly free: readonly string[]
  /** Snapshots that are marked (`zfs destroy -d`) and go with the last of their clones, which are in the tree. */
  readonly cloned: readonly string[]
  /** In an order in which each can be destroyed. */
  readonly datasets: readonly string[]
}

/** How the tree of these filesystems, volumes and snapshots is destroyed, for who does it with effects of his own. */
export function removalOf(found: readonly Surveyed[]): Removal {
  const tree = treeOf(found)
  const snapshots = snapshotsOf(tree)
  const clones = snapshots.flatMap((snapshot) => snapshot.clones.filter((clone) => !tree.has(clone)))
  const held = snapshots.filter((snapshot) => snapshot.held).map(({ name }) => name)
  const { promotions, free, cloned, levels } = destruction(tree)
  return { clones, held, promotions, free, cloned, datasets: levels.flat().map(({ name }) => name) }
}
