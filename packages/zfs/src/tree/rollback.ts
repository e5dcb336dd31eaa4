import { type Operation, type OperationOptions, operation } from '@gaoler/core'
import { SnapshotNotFound } from '../errors.ts'
import { checkName, splitSnapshot } from '../names.ts'
import type { Zfs } from '../zfs.ts'
import { holdsOf, refuseDependents } from './dependents.ts'
import { type TreeScope, treeEffects } from './effects.ts'
import { treeOf } from './survey.ts'

export interface RollbackTreeOptions extends OperationOptions {
  /** Destroy the later snapshots and bookmarks, as `zfs rollback -r` does. */
  readonly recursive?: boolean
  /** Set all that is below back as well, to its snapshot of this name; everything below must have one. */
  readonly children?: boolean
}

export interface RolledBack {
  readonly datasets: readonly string[]
  /** Later snapshots and bookmarks that were destroyed. */
  readonly destroyed: readonly string[]
}

/**
 * Sets a dataset, or with `children` a tree, back to a snapshot. What is later than that snapshot is looked for before
 * anything is touched; clones of it and holds are always in the way. `plan: true` changes nothing.
 * Throws DatasetHasDependents, SnapshotNotFound, FilesystemNotFound.
 */
export function rollbackTree(zfs: Zfs, snapshot: string, options: RollbackTreeOptions = {}): Operation<RolledBack> {
  const { recursive = false, children = false, ...rest } = options
  const asked = `roll back to "${snapshot}"`
  return operation(
    'ZFSSnapshotRollback',
    async (s: TreeScope) => {
      checkName(snapshot, 'snapshot', asked)
      const [root, short] = splitSnapshot(snapshot)
      const tree = treeOf(await s.host.survey({ root }))
      const targets = [...tree.values()].filter(({ name }) => children || name === root)
      const later = []
      const bookmarks: string[] = []
      for (const { name, snapshots } of targets) {
        const index = snapshots.findIndex((each) => each.name === `${name}@${short}`)
        const wanted = snapshots[index]
        if (!wanted) throw new SnapshotNotFound({ name: `${name}@${short}`, asked })
        later.push(...snapshots.slice(index + 1))
        const marks = await s.host.bookmarks({ root: name })
        bookmarks.push(...marks.filter(({ createtxg }) => createtxg > wanted.createtxg).map((mark) => mark.name))
      }
      refuseDependents(snapshot, asked, {
        clones: later.flatMap(({ clones }) => clones),
        holds: await holdsOf(s, later),
        snapshots: recursive ? [] : later.map(({ name }) => name),
        bookmarks: recursive ? [] : bookmarks,
      })
      const names = later.map(({ name }) => name)
      if (names.length > 0) await s.host.destroySnapshots({ names, defer: false })
      if (bookmarks.length > 0) await s.host.destroyBookmarks({ names: bookmarks })
      const datasets = targets.map(({ name }) => name)
      await Promise.all(datasets.map((name) => s.host.rollback({ name, snapshot: `${name}@${short}` })))
      return { datasets, destroyed: [...names, ...bookmarks] }
    },
    { ...rest, effects: treeEffects(zfs), identifier: root(snapshot), payload: { target: snapshot } },
  )
}

function root(snapshot: string): string {
  return String(snapshot).split('@', 1)[0] as string
}
