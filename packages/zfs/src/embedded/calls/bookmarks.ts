import type { BookmarkProperties } from '../../calls/bookmarks.ts'
import {
  BookmarkDestructionFailure,
  BookmarkExists,
  BookmarkFailure,
  BookmarkMismatch,
  BookmarkNotFound,
  FilesystemNotFound,
  PoolNotFound,
  SnapshotNotFound,
  type ZFSError,
} from '../../errors.ts'
import { bookmarkCalls } from '../../lzc/table-bookmarks.ts'
import { filesystemOf, isBookmarkName, poolOf } from '../../names.ts'
import { type BookmarkRecord, type DatasetRecord, identityOf, type State } from '../state.ts'
import type { Steps } from '../steps.ts'
import type { Store } from '../store.ts'
import { several } from './several.ts'

export function* bookmark(store: Store, bookmarks: Readonly<Record<string, string>>): Steps<void> {
  const names = Object.keys(bookmarks)
  if (names.length === 0) return
  bookmarkCalls.bookmark.input(bookmarks)
  const asked = several('make the bookmark', names)
  yield* store.transact(({ draft }) => {
    const made: [DatasetRecord, BookmarkRecord][] = []
    const errors: ZFSError[] = []
    for (const [name, source] of Object.entries(bookmarks)) {
      const dataset = draft.dataset(filesystemOf(name))
      const from = pointOf(draft, source)
      if (!dataset) errors.push(new FilesystemNotFound({ name: filesystemOf(name) }))
      else if (!from) errors.push(new (isBookmarkName(source) ? BookmarkNotFound : SnapshotNotFound)({ name: source }))
      else if (bookmarkOf(draft, name)) errors.push(new BookmarkExists({ name }))
      else if (!isAncestor(draft, dataset, source)) errors.push(new BookmarkMismatch({ name: source }))
      else made.push([dataset, { ...from, name: shortOf(name) }])
    }
    if (errors.length > 0) throw new BookmarkFailure({ asked, errors })
    for (const [{ name }, record] of made) {
      const dataset = draft.dataset(name) as DatasetRecord
      draft.put({ ...dataset, bookmarks: [...(dataset.bookmarks ?? []), record] })
    }
  })
}

export function* getBookmarks(
  store: Store,
  name: string,
  properties: readonly (keyof BookmarkProperties)[] = [],
): Steps<Record<string, BookmarkProperties>> {
  bookmarkCalls.getBookmarks.input(name, properties)
  const dataset = (yield* store.read()).dataset(name)
  if (!dataset) throw new FilesystemNotFound({ name, asked: `list the bookmarks of "${name}"` })
  const found: Record<string, BookmarkProperties> = Object.create(null)
  for (const record of dataset.bookmarks ?? []) {
    const entries = Object.entries(propertiesOf(record))
    found[record.name] = Object.fromEntries(entries.filter(([key]) => (properties as string[]).includes(key)))
  }
  return found
}

export function* getBookmarkProps(store: Store, name: string): Steps<BookmarkProperties> {
  bookmarkCalls.getBookmarkProps.input(name)
  const asked = `read the bookmark "${name}"`
  const state = yield* store.read()
  const record = bookmarkOf(state, name)
  if (record) return propertiesOf(record)
  const filesystem = filesystemOf(name)
  if (!state.dataset(filesystem)) throw new FilesystemNotFound({ name: filesystem, asked })
  throw new BookmarkNotFound({ name, asked })
}

export function* destroyBookmarks(store: Store, names: readonly string[]): Steps<void> {
  if (names.length === 0) return
  bookmarkCalls.destroyBookmarks.input(names)
  yield* store.transact(({ draft }) => {
    const pool = poolOf(names[0] as string)
    if (!draft.hasPool(pool)) {
      const asked = several('destroy the bookmark', names)
      throw new BookmarkDestructionFailure({ asked, errors: [new PoolNotFound({ name: pool })] })
    }
    for (const name of names) {
      if (!bookmarkOf(draft, name)) continue
      const dataset = draft.dataset(filesystemOf(name)) as DatasetRecord
      draft.put({ ...dataset, bookmarks: dataset.bookmarks?.filter((each) => each.name !== shortOf(name)) ?? [] })
    }
  })
}

/** A bookmark by its full name. */
function bookmarkOf(state: State, name: string): BookmarkRecord | undefined {
  return state.dataset(filesystemOf(name))?.bookmarks?.find((each) => each.name === shortOf(name))
}

/** The point in a history that a snapshot or a bookmark is. */
export function pointOf(state: State, name: string): BookmarkRecord | undefined {
  if (isBookmarkName(name)) return bookmarkOf(state, name)
  const snapshot = state.snapshot(name)?.snapshot
  return snapshot && { ...pick(snapshot), guid: identityOf(snapshot) }
}

/** Whether a snapshot or bookmark is in the history of a dataset: its own, or of what it was cloned from. */
export function isAncestor(state: State, dataset: DatasetRecord, name: string): boolean {
  const point = pointOf(state, name)
  let latest = Number.POSITIVE_INFINITY
  for (let at: DatasetRecord | undefined = dataset; at && point; ) {
    if (at.name === filesystemOf(name)) return point.createtxg <= latest
    const origin: ReturnType<State['snapshotOf']> = at.origin === undefined ? undefined : state.snapshotOf(at.origin)
    latest = origin?.snapshot.createtxg ?? 0
    at = origin?.dataset
  }
  return false
}

const pick = ({ name, createtxg, creation }: Omit<BookmarkRecord, 'guid'>): Omit<BookmarkRecord, 'guid'> => ({
  name,
  createtxg,
  creation,
})

const shortOf = (name: string): string => name.slice(name.indexOf('#') + 1)

function propertiesOf({ guid, createtxg, creation }: BookmarkRecord): BookmarkProperties {
  return { guid: BigInt(guid), createtxg: BigInt(createtxg), creation: BigInt(creation) }
}
