import { statfsSync } from 'node:fs'
import { isFileError, MountpointUnusable } from './errors.ts'
import { type BytePath, bytePath } from './files.ts'
import { filesOf, mountedBelow } from './mounts.ts'
import type { Subject } from './properties.ts'
import type { DatasetRecord, State } from './state.ts'
import { all, file, type Steps } from './steps.ts'
import type { Store } from './store.ts'

/** Sizes that were measured for one answer already, by guid. */
export type Space = Map<string, number>

/**
 * A property that tells a size in bytes, or undefined when `property` is none. What a dataset's files occupy is
 * counted by walking them; a snapshot's size was noted when it was made. Nothing is shared between copies here, so a
 * snapshot's `used` is all of it.
 */
export function* sizeOf(
  store: Store,
  state: State,
  { dataset, snapshot }: Subject,
  property: string,
  space: Space,
): Steps<number | undefined> {
  const snapshots = () => dataset.snapshots.reduce((sum, { referenced }) => sum + referenced, 0)
  switch (property) {
    case 'referenced':
    case 'logicalreferenced':
      return snapshot ? snapshot.referenced : yield* measure(store, state, dataset, space)
    case 'usedbydataset':
    case 'written':
      return snapshot ? undefined : yield* measure(store, state, dataset, space)
    case 'usedbysnapshots':
      return snapshot ? undefined : snapshots()
    case 'usedbyrefreservation':
      return snapshot ? undefined : 0
    case 'usedbychildren':
      return snapshot ? undefined : yield* usedBelow(store, state, dataset, space)
    case 'used':
    case 'logicalused': {
      if (snapshot) return snapshot.referenced
      return (
        (yield* measure(store, state, dataset, space)) + snapshots() + (yield* usedBelow(store, state, dataset, space))
      )
    }
    case 'available': {
      if (snapshot) return undefined
      const { bavail, bsize } = statfsSync(store.directory)
      return bavail * bsize
    }
    default:
      return undefined
  }
}

function* usedBelow(store: Store, state: State, { name }: DatasetRecord, space: Space): Steps<number> {
  let sum = 0
  for (const child of state.descendants(name)) {
    sum += yield* measure(store, state, child, space)
    for (const { referenced } of child.snapshots) sum += referenced
  }
  return sum
}

function* measure(store: Store, state: State, dataset: DatasetRecord, space: Space): Steps<number> {
  let bytes = space.get(dataset.guid)
  if (bytes === undefined) {
    const inner = dataset.mounted === undefined ? [] : mountedBelow(state, dataset.mounted)
    const without = new Set(inner.map(({ mounted }) => bytePath(mounted)))
    const root = reachable(store, state, dataset)
    bytes = root === undefined ? 0 : yield* occupied(bytePath(root), without)
    space.set(dataset.guid, bytes)
  }
  return bytes
}

function reachable(store: Store, state: State, dataset: DatasetRecord): string | undefined {
  try {
    return filesOf(store, state, dataset)
  } catch (error) {
    if (error instanceof MountpointUnusable) return undefined
    throw error
  }
}

/** Bytes that the files below `root` occupy; one with several names counts once, what cannot be read not at all. */
function* occupied(root: BytePath, without: ReadonlySet<BytePath>): Steps<number> {
  const seen = new Set<string>()
  const queue = [root]
  let bytes = 0
  function* count(path: BytePath): Steps<void> {
    const stat = yield* file('lstat', path)
    if (stat.isDirectory()) {
      queue.push(path)
    } else if (stat.nlink === 1 || !seen.has(`${stat.dev}:${stat.ino}`)) {
      if (stat.nlink > 1) seen.add(`${stat.dev}:${stat.ino}`)
      bytes += (stat.blocks ?? 0) * 512
    }
  }
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const directory = path
    try {
      const names = yield* file('list', directory)
      const paths = names.map((name) => `${directory}/${name}`).filter((inner) => !without.has(inner))
      yield* all(paths.map((inner) => forgiving(count(inner))))
    } catch (error) {
      if (!isFileError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG')) throw error
    }
  }
  return bytes
}

function* forgiving(steps: Steps<unknown>): Steps<void> {
  try {
    yield* steps
  } catch (error) {
    if (!isFileError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG')) throw error
  }
}
