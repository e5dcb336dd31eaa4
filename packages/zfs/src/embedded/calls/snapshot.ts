import { copyTree } from '../copy.ts'
import { isFileError } from '../errors.ts'
import { type BytePath, bytePath, textPath } from '../files.ts'
import { filesOf, hiddenIn, mountedBelow } from '../mounts.ts'
import { removeTree } from '../remove.ts'
import type { DatasetRecord, State, Values } from '../state.ts'
import { runSync, type Steps } from '../steps.ts'
import { newGuid, type Store, type Transaction } from '../store.ts'
import { several } from './several.ts'
import { checkNames, checkProps, checkSources, type Source } from './snapshot-checks.ts'

/** How often files may be moved away under the copy by mounts and unmounts, before everybody else has to wait for it. */
const TRIES = 3

interface Copy {
  readonly path: BytePath
  readonly bytes: number
  readonly seen: string
}

/**
 * The files are copied first, without the lock. If the dataset was mounted, unmounted or destroyed meanwhile, the copy
 * is of no use and everything begins again.
 */
export function* snapshot(
  store: Store,
  given: readonly string[],
  { props = {} }: { props?: Readonly<Record<string, string>> } = {},
): Steps<void> {
  const names = [...new Set(given)]
  if (names.length === 0) return
  const asked = several('take the snapshot', names)
  checkNames(names, asked)
  checkProps(names, props, asked)
  for (let tries = 1; ; tries++) {
    const paths: BytePath[] = []
    try {
      for (const _ of names) paths.push(yield* store.stage())
      if (tries > TRIES) {
        yield* store.transact((transaction) => {
          const sources = checkSources(transaction.draft, names, asked)
          commit(store, transaction, sources, runSync(copySources(store, transaction.draft, sources, paths)), props)
        })
        return
      }
      const state = yield* store.read()
      const copies = yield* copySources(store, state, checkSources(state, names, asked), paths)
      const done = yield* store.transact((transaction) => {
        const { draft } = transaction
        const sources = checkSources(draft, names, asked)
        if (sources.some(({ dataset }, n) => copies[n]?.seen !== sightOf(draft, dataset))) return false
        commit(store, transaction, sources, copies, props)
        return true
      })
      if (done) return
    } catch (error) {
      // Moved away under the copy, or truly missing: the next round tells.
      if (tries > TRIES || !isFileError(error, 'ENOENT', 'ENOTDIR')) throw error
    } finally {
      for (const path of paths) yield* removeTree(path)
    }
  }
}

function commit(
  store: Store,
  { draft, log }: Transaction,
  sources: readonly Source[],
  copies: readonly Copy[],
  values: Values,
): void {
  for (const [n, { dataset, short }] of sources.entries()) {
    const { path, bytes } = copies[n] as Copy
    const record = {
      name: short,
      guid: newGuid(),
      createtxg: draft.txg,
      creation: Math.floor(Date.now() / 1000),
      referenced: bytes,
      values,
      holds: [],
      deferred: false,
    }
    log.move(textPath(path), store.snapshot(record.guid))
    draft.put({ ...dataset, snapshots: [...dataset.snapshots, record] })
  }
}

function* copySources(
  store: Store,
  state: State,
  sources: readonly Source[],
  paths: readonly BytePath[],
): Steps<Copy[]> {
  const copies: Copy[] = []
  for (const [n, { dataset }] of sources.entries()) {
    const path = paths[n] as BytePath
    const root = bytePath(filesOf(store, state, dataset))
    const bytes = yield* copyTree(root, path, { covered: hiddenIn(store, state, dataset) })
    copies.push({ path, bytes, seen: sightOf(state, dataset) })
  }
  return copies
}

/** What decides which files a copy sees: where the dataset is, and what is mounted inside. */
function sightOf(state: State, dataset: DatasetRecord): string {
  return JSON.stringify([dataset, ...inside(state, dataset)].map(({ guid, placed }) => [guid, placed]))
}

function inside(state: State, { mounted }: DatasetRecord): DatasetRecord[] {
  return mounted === undefined ? [] : mountedBelow(state, mounted)
}
