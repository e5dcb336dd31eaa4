import { OperationCancelled } from '@gaoler/core'
import { checkListed } from '../../command/check.ts'
import { checkName, nameKind } from '../../names.ts'
import type { Dataset, DatasetType, ListOptions, NamesOptions } from '../../zfs.ts'
import { checkProperties, readProperties, type Subject } from '../properties.ts'
import type { Space } from '../space.ts'
import type { State } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { checkAnyName, missing } from './missing.ts'

const both = ['filesystem', 'volume'] as const satisfies readonly DatasetType[]

export function* exists(store: Store, name: string): Steps<boolean> {
  const kind = typeof name === 'string' ? nameKind(name) : undefined
  if (kind !== 'filesystem' && kind !== 'snapshot') return false
  return find(yield* store.read(), name) !== undefined
}

export function* names(store: Store, root: string, { depth, types = both }: NamesOptions = {}): Steps<string[]> {
  const asked = `list the names below "${root}"`
  checkName(root, 'filesystem', asked)
  checkListed({ root, depth, types }, asked, both)
  const state = yield* store.read()
  const top = state.dataset(root)
  if (!top) throw missing(root, asked)
  return [top, ...state.descendants(root)]
    .filter(({ type }) => types.includes(type))
    .map(({ name }) => name)
    .filter((name) => depth === undefined || levelsBelow(root, name) <= depth)
}

/** The datasets in the order of `zfs list`: by name, each followed by its snapshots and bookmarks from the oldest to the newest. */
export function* list(store: Store, options: ListOptions = {}): Steps<Dataset[]> {
  const { root, depth = Number.POSITIVE_INFINITY, types = ['filesystem', 'volume'], properties = [], signal } = options
  const asked = `list ${root === undefined ? 'all datasets' : `"${root}"`}`
  if (root !== undefined) checkAnyName(root, asked)
  checkProperties(properties, root, asked)
  checkListed(options, asked)
  const check = () => {
    if (signal?.aborted) throw new OperationCancelled({ operation: asked, reason: String(signal.reason) })
  }
  check()
  const state = yield* store.read()
  if (root !== undefined && !find(state, root)) throw missing(root, asked)
  const space: Space = new Map()
  const result: Dataset[] = []
  for (const subject of subjects(state, root)) {
    check()
    if (levelsBelow(root, nameOf(subject)) > depth || !types.includes(typeOf(subject))) continue
    result.push(yield* describe(store, state, subject, properties, space))
  }
  return result
}

export function* get(store: Store, name: string, properties: readonly string[]): Steps<Dataset> {
  const asked = `read "${name}"`
  checkAnyName(name, asked)
  checkProperties(properties, name, asked)
  const state = yield* store.read()
  const subject = find(state, name)
  if (!subject) throw missing(name, asked)
  return yield* describe(store, state, subject, properties, new Map())
}

function* describe(
  store: Store,
  state: State,
  subject: Subject,
  properties: readonly string[],
  space: Space,
): Steps<Dataset> {
  const read = yield* readProperties(store, state, subject, properties, space)
  return { name: nameOf(subject), type: typeOf(subject), properties: read } as Dataset
}

function find(state: State, name: string): Subject | undefined {
  if (name.includes('@')) return state.snapshot(name)
  const [filesystem = '', mark] = name.split('#', 2)
  const dataset = state.dataset(filesystem)
  if (!dataset || mark === undefined) return dataset && { dataset }
  const bookmark = dataset.bookmarks?.find((each) => each.name === mark)
  return bookmark && { dataset, bookmark }
}

function* subjects(state: State, root: string | undefined): Generator<Subject> {
  if (root?.includes('@') || root?.includes('#')) {
    yield find(state, root) as Subject
    return
  }
  for (const dataset of state.all()) {
    if (root !== undefined && dataset.name !== root && !dataset.name.startsWith(`${root}/`)) continue
    yield { dataset }
    for (const snapshot of dataset.snapshots) yield { dataset, snapshot }
    for (const bookmark of dataset.bookmarks ?? []) yield { dataset, bookmark }
  }
}

/** A snapshot or bookmark is one level below its filesystem; without a root, a pool is level 0. */
function levelsBelow(root: string | undefined, name: string): number {
  const rest = root === undefined ? name : name.slice(root.length)
  return rest.split(/[/@#]/).length - 1
}

function nameOf({ dataset, snapshot, bookmark }: Subject): string {
  if (bookmark) return `${dataset.name}#${bookmark.name}`
  return snapshot ? `${dataset.name}@${snapshot.name}` : dataset.name
}

function typeOf({ dataset, snapshot, bookmark }: Subject): DatasetType {
  if (bookmark) return 'bookmark'
  return snapshot ? 'snapshot' : dataset.type
}
