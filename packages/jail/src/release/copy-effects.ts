import { type HostEffect, unseen } from '../plan/effect.ts'
import { copyTree } from './copy-tree.ts'

export interface CopyDirectory {
  /** Absolute path of a directory that does not change, as one of a snapshot. */
  readonly from: string
  /** The mountpoint of a dataset of our own. */
  readonly to: string
}

/** Copies of directories of a release. */
export type CopyEffects = {
  /** Into a dataset that the same operation has made: undoing that takes along what was copied. */
  readonly fillDirectory: HostEffect<CopyDirectory, void>
  /** Only what differs is written. `snapshot`: the newest of the dataset at `to`, which undoing goes back to. */
  readonly renewDirectory: HostEffect<CopyDirectory & { snapshot: string }, void>
}

/** Their inverses are among the effects of trees: a host has both. */
export const copyEffects: CopyEffects = {
  fillDirectory: {
    run: ({ from, to }: CopyDirectory, { signal }) => copyTree(from, to, signal),
    undo: null,
    plan: unseen,
  },
  renewDirectory: {
    run: ({ from, to }: CopyDirectory & { snapshot: string }, { signal }) => copyTree(from, to, signal),
    undo: ({ snapshot }) => ['rollbackDatasets', { snapshots: [snapshot] }],
    partial: true,
    plan: unseen,
  },
}
