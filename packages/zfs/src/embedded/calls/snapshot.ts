import {
  DatasetBusy,
  DuplicateSnapshots,
  FilesystemNotFound,
  NameTooLong,
  PropertyInvalid,
  SnapshotExists,
  SnapshotFailure,
  type ZFSError,
} from '../../errors.ts'
import { nameError, splitSnapshot } from '../../names.ts'
import { copyTree } from '../copy.ts'
import { isFileError } from '../errors.ts'
import { type BytePath, bytePath, textPath } from '../files.ts'
import { mountedBelow } from '../mounts.ts'
import { isUserProperty } from '../property-table.ts'
import { removeTree } from '../remove.ts'
import type { DatasetRecord, State } from '../state.ts'
import type { Steps } from '../steps.ts'
import { newGuid, type Store } from '../store.ts'
import { otherPool, several } from './several.ts'

/** How often files may be moved away under the copy by mounts and unmounts before the call gives up. */
const TRIES = 10

type Props = Readonly<Record<string, string>>

/**
 * The files are copied first, without the lock. If the dataset was mounted, unmounted or destroyed meanwhile, the copy
 * is of no use and everything begins again.
 */
export function* snapshot(store: Store, given: readonly string[], { props = {} }: { props?: Props } = {}): Steps<void> {
  const names = [...new Set(given)]
  if (names.length === 0) return
  const asked = several('snapshot', names)
  checkNames(names, asked)
  checkProps(names, props, asked)
  for (let tries = 0; tries < TRIES; tries++) {
    const sources = checkSources(yield* store.read(), names, asked)
    const copies: Copy[] = []
    try {
      for (const source of sources) copies.push(yield* copySource(store, yield* store.read(), source))
      const done = yield* store.transact(({ draft, log }) => {
        const now = checkSources(draft, names, asked)
        if (copies.some(({ seen }, n) => seen !== sightOf(draft, now[n]?.dataset as DatasetRecord))) return false
        for (const [n, { dataset, short }] of now.entries()) {
          const { path, bytes } = copies[n] as Copy
          const record = {
            name: short,
            guid: newGuid(),
            createtxg: draft.txg,
            creation: Math.floor(Date.now() / 1000),
            referenced: bytes,
            values: props,
            holds: [],
            deferred: false,
          }
          log.move(textPath(path), store.snapshot(record.guid))
          draft.put({ ...dataset, snapshots: [...dataset.snapshots, record] })
        }
        return true
      })
      if (done) return
    } catch (error) {
      if (!isFileError(error, 'ENOENT', 'ENOTDIR')) throw error
      // Moved away under the copy, or truly missing: the next round tells, the last one does not ask.
      if (tries === TRIES - 1) throw error
    } finally {
      for (const { path } of copies) yield* removeTree(path)
    }
  }
  throw new DatasetBusy({ name: names[0], asked })
}

interface Source {
  readonly dataset: DatasetRecord
  readonly short: string
}

interface Copy {
  readonly path: BytePath
  readonly bytes: number
  readonly seen: string
}

function* copySource(store: Store, state: State, { dataset }: Source): Steps<Copy> {
  const current = state.dataset(dataset.name) ?? dataset
  const path = yield* store.stage()
  const seen = sightOf(state, current)
  try {
    const covered = inside(state, current).map(
      ({ mounted, guid }) => [bytePath(mounted as string), bytePath(store.covered(guid))] as const,
    )
    const root = bytePath(current.mounted ?? store.data(current.guid))
    return { path, seen, bytes: yield* copyTree(root, path, { covered: new Map(covered) }) }
  } catch (error) {
    yield* removeTree(path)
    throw error
  }
}

/** What decides which files a copy sees: where the dataset is, and what is mounted inside. */
function sightOf(state: State, dataset: DatasetRecord): string {
  return JSON.stringify([dataset, ...inside(state, dataset)].map(({ guid, placed }) => [guid, placed]))
}

function inside(state: State, { mounted }: DatasetRecord): DatasetRecord[] {
  return mounted === undefined ? [] : mountedBelow(state, mounted)
}

function checkNames(names: readonly string[], asked: string): void {
  const errors = names.flatMap((name) => nameError(name, 'snapshot') ?? [])
  if (errors.length > 0) throw new SnapshotFailure({ asked, errors })
  const stranger = otherPool(names)
  if (stranger) throw new SnapshotFailure({ asked, errors: [stranger] })
  const filesystems = names.map((name) => splitSnapshot(name)[0])
  const duplicate = names.find((_, n) => filesystems.indexOf(filesystems[n] as string) !== n)
  if (duplicate) throw new SnapshotFailure({ asked, errors: [new DuplicateSnapshots({ name: duplicate })] })
}

function checkProps(names: readonly string[], props: Props, asked: string): void {
  const errors: ZFSError[] = []
  for (const [property, value] of Object.entries(props)) {
    const details = { name: names[0], property }
    if (!isUserProperty(property) || typeof value !== 'string') {
      errors.push(new PropertyInvalid({ ...details, reason: `${property}: a snapshot takes user properties only` }))
    } else if (Buffer.byteLength(value) > 8191) {
      errors.push(new NameTooLong({ name: property }))
    }
  }
  if (errors.length > 0) throw new SnapshotFailure({ asked, errors })
}

function checkSources(state: State, names: readonly string[], asked: string): Source[] {
  const errors: ZFSError[] = []
  const sources: Source[] = []
  for (const name of names) {
    const [filesystem, short] = splitSnapshot(name)
    const dataset = state.dataset(filesystem)
    if (!dataset) errors.push(new FilesystemNotFound({ name: filesystem }))
    else if (dataset.snapshots.some((other) => other.name === short)) errors.push(new SnapshotExists({ name }))
    else sources.push({ dataset, short })
  }
  if (errors.length > 0) throw new SnapshotFailure({ asked, errors })
  return sources
}
