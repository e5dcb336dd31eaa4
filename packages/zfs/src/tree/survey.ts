import type { Dataset } from '../zfs.ts'

/** What is read of every filesystem, volume and snapshot of a tree: nothing that would take a process. */
export const surveyed = ['origin', 'clones', 'userrefs', 'createtxg'] as const
export type Surveyed = Dataset<(typeof surveyed)[number]>

/** The same with where it is mounted. */
export const placed = ['origin', 'clones', 'userrefs', 'createtxg', 'mounted', 'mountpoint'] as const
export type Placed = Dataset<(typeof placed)[number]>

export interface SnapshotNode {
  readonly name: string
  readonly createtxg: bigint
  readonly held: boolean
  readonly clones: readonly string[]
}

export interface DatasetNode {
  readonly name: string
  readonly origin: string | null
  /** From the oldest to the newest. */
  readonly snapshots: readonly SnapshotNode[]
}

/** Datasets by name, parents first. */
export type Tree = ReadonlyMap<string, DatasetNode>

export function treeOf(found: readonly Surveyed[]): Tree {
  const snapshots = new Map<string, SnapshotNode[]>()
  for (const { name, type, properties } of found) {
    if (type !== 'snapshot') continue
    const dataset = name.slice(0, name.indexOf('@'))
    const { createtxg, userrefs, clones } = properties
    const node = { name, createtxg: createtxg.value, held: userrefs.value > 0n, clones: clones.value }
    const siblings = snapshots.get(dataset)
    if (siblings) siblings.push(node)
    else snapshots.set(dataset, [node])
  }
  const tree = new Map<string, DatasetNode>()
  for (const { name, type, properties } of found) {
    if (type !== 'filesystem' && type !== 'volume') continue
    const own = snapshots.get(name) ?? []
    own.sort((a, b) => (a.createtxg < b.createtxg ? -1 : 1))
    tree.set(name, { name, origin: properties.origin.value, snapshots: own })
  }
  return tree
}

export function snapshotsOf(tree: Tree): SnapshotNode[] {
  return Array.from(tree.values(), ({ snapshots }) => snapshots).flat()
}

/**
 * The tree as it is when `clone`, which is inside or outside of it, was promoted: it takes the snapshot that it was cloned
 * from and the older ones, and the filesystem that had them becomes its clone (zfs-promote(8)).
 */
export function promoted(tree: Tree, clone: string, origin: string): Tree {
  const [former = '', short = ''] = origin.split('@')
  const loser = tree.get(former) as DatasetNode
  const cut = loser.snapshots.findIndex(({ name }) => name === origin) + 1
  const renamed = (name: string): string => `${clone}@${name.split('@')[1]}`
  const moved = loser.snapshots.slice(0, cut).map((snapshot) => ({
    ...snapshot,
    name: renamed(snapshot.name),
    clones: snapshot.name === origin ? [...snapshot.clones.filter((each) => each !== clone), former] : snapshot.clones,
  }))
  const movedNames = new Set(loser.snapshots.slice(0, cut).map(({ name }) => name))
  return new Map(
    Array.from(tree.values(), (node): [string, DatasetNode] => {
      if (node.name === former) {
        return [former, { ...node, origin: `${clone}@${short}`, snapshots: node.snapshots.slice(cut) }]
      }
      if (node.name === clone)
        return [clone, { ...node, origin: loser.origin, snapshots: [...moved, ...node.snapshots] }]
      const snapshots = node.snapshots.map((snapshot) =>
        snapshot.name === loser.origin
          ? { ...snapshot, clones: snapshot.clones.map((each) => (each === former ? clone : each)) }
          : snapshot,
      )
      const from = node.origin !== null && movedNames.has(node.origin) ? renamed(node.origin) : node.origin
      return [node.name, { ...node, origin: from, snapshots }]
    }),
  )
}
