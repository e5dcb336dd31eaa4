import { DatasetHasDependents, type Dependents } from '../errors.ts'
import type { TreeScope } from './effects.ts'
import type { SnapshotNode } from './survey.ts'

/** The holds of those snapshots that have some. */
export async function holdsOf(s: TreeScope, snapshots: readonly SnapshotNode[]): Promise<Dependents['holds']> {
  const held = snapshots.filter((snapshot) => snapshot.held)
  return Promise.all(held.map(async ({ name }) => ({ snapshot: name, tags: await s.host.tags({ snapshot: name }) })))
}

/** Throws DatasetHasDependents when there is anything. */
export function refuseDependents(name: string, asked: string, found: Partial<Dependents>): void {
  const all = { clones: [], holds: [], snapshots: [], bookmarks: [], children: [], ...found }
  if (Object.values(all).some((each) => each.length > 0)) throw new DatasetHasDependents({ name, asked, ...all })
}
