export { type DestroyedTree, type DestroyTreeOptions, destroyTree } from './destroy.ts'
export type { Promotion } from './order.ts'
export { type Removal, removalOf } from './removal.ts'
export { type RollbackTreeOptions, type RolledBack, rollbackTree } from './rollback.ts'
export {
  type DestroyedSnapshots,
  type DestroySnapshotsOptions,
  destroySnapshots,
  type SnapshotTreeOptions,
  snapshotTree,
} from './snapshots.ts'
export { type Surveyed, surveyed } from './survey.ts'
