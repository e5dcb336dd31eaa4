import { type DatasetNode, promoted, type SnapshotNode, type Tree } from './survey.ts'

export interface Promotion {
  readonly clone: string
  /** The snapshot that it was cloned from. */
  readonly origin: string
}

/** What is promoted so that nothing outside of the tree depends on it, and the tree that is left. */
export function freeClones(tree: Tree): { promotions: Promotion[]; tree: Tree } {
  const promotions: Promotion[] = []
  let left = tree
  for (;;) {
    const next = lastClone(left)
    if (!next) return { promotions, tree: left }
    promotions.push(next)
    left = promoted(left, next.clone, next.origin)
  }
}

// The clone of the latest snapshot takes all others with it.
function lastClone(tree: Tree): Promotion | undefined {
  for (const { snapshots } of tree.values()) {
    for (const { name, clones } of snapshots.toReversed()) {
      const clone = clones.find((each) => !tree.has(each))
      if (clone !== undefined) return { clone, origin: name }
    }
  }
  return undefined
}

export interface Destruction {
  /** Clones inside that must be promoted, since the filesystem they depend on is below them. */
  readonly promotions: readonly Promotion[]
  /** Snapshots that nothing in the tree was cloned from. */
  readonly free: readonly string[]
  /** Snapshots that go with the last of their clones. */
  readonly cloned: readonly string[]
  /** Datasets of one level do not depend on each other: children and clones come in earlier levels. */
  readonly levels: readonly (readonly DatasetNode[])[]
}

/** In which order all of a tree can be destroyed. No clone is outside of it. */
export function destruction(tree: Tree): Destruction {
  const promotions: Promotion[] = []
  let left = tree
  for (;;) {
    const found = levelsOf(left)
    if ('levels' in found) {
      const all = Array.from(left.values(), ({ snapshots }) => snapshots).flat()
      const names = (wanted: (snapshot: SnapshotNode) => boolean): string[] =>
        all.filter(wanted).map(({ name }) => name)
      return {
        promotions,
        free: names(({ clones }) => clones.length === 0),
        cloned: names(({ clones }) => clones.length > 0),
        levels: found.levels,
      }
    }
    promotions.push(found.circle)
    left = promoted(left, found.circle.clone, found.circle.origin)
  }
}

/** How deep what depends on each dataset is; or a clone that is above the filesystem it was cloned from. */
function levelsOf(tree: Tree): { levels: DatasetNode[][] } | { circle: Promotion } {
  const children = new Map<string, string[]>()
  for (const name of tree.keys()) {
    const parent = name.slice(0, name.lastIndexOf('/'))
    const siblings = children.get(parent)
    if (siblings) siblings.push(name)
    else children.set(parent, [name])
  }
  const heights = new Map<string, number>()
  const path = new Set<string>()
  let circle: Promotion | undefined
  const height = (name: string): number => {
    const known = heights.get(name)
    if (known !== undefined) return known
    path.add(name)
    let most = -1
    for (const child of children.get(name) ?? []) most = Math.max(most, height(child))
    for (const { name: origin, clones } of tree.get(name)?.snapshots ?? []) {
      for (const clone of clones) {
        if (path.has(clone)) circle ??= { clone, origin }
        else if (tree.has(clone)) most = Math.max(most, height(clone))
      }
    }
    path.delete(name)
    heights.set(name, most + 1)
    return most + 1
  }
  for (const name of tree.keys()) height(name)
  if (circle) return { circle }
  const levels: DatasetNode[][] = []
  for (const node of tree.values()) {
    const level = heights.get(node.name) as number
    const others = levels[level]
    if (others) others.push(node)
    else levels[level] = [node]
  }
  return { levels }
}
