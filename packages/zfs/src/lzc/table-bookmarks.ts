import type { BookmarkProperties } from '../calls/bookmarks.ts'
import {
  BookmarkDestructionFailure,
  BookmarkExists,
  BookmarkFailure,
  BookmarkMismatch,
  BookmarkNameInvalid,
  BookmarkNotFound,
  BookmarkNotSupported,
  BookmarkSourceInvalid,
  FilesystemNotFound,
  NameTooLong,
  PoolNotFound,
  PoolsDiffer,
  PropertyInvalid,
  SnapshotNotFound,
  type ZFSError,
} from '../errors.ts'
import { checkName, filesystemOf, isBookmarkName, MAX_NAME_LENGTH, nameKind, poolOf } from '../names.ts'
import type { NvList } from '../nvlist/types.ts'
import { arrayOf, flags, namesErrors, numberOf, quoted } from './checks.ts'
import type { LzcTable } from './table.ts'

/** What libzfs_core reads of bookmarks; the numbers do not matter. */
const properties: Readonly<Record<keyof BookmarkProperties, number>> = {
  guid: 0,
  createtxg: 1,
  creation: 2,
  ivsetguid: 3,
  redact_snaps: 4,
  redact_complete: 5,
  referenced: 6,
  logicalreferenced: 7,
  refcompressratio: 8,
}

/** Each property is a list with its value inside. */
function unwrapped(list: NvList): BookmarkProperties {
  return Object.fromEntries(Array.from(list, ([name, held]) => [name, held instanceof Map ? held.get('value') : held]))
}

/** What is wrong with bookmarks and their sources, checked in pyzfs's order. */
function bookmarkErrors(bookmarks: Readonly<Record<string, string>>): ZFSError[] {
  const errors = namesErrors(Object.keys(bookmarks), 'bookmark')
  if (errors.length > 0) return errors
  return Object.entries(bookmarks).flatMap(([name, source]) => {
    if (typeof source === 'string' && source.length > MAX_NAME_LENGTH) return new NameTooLong({ name: source })
    const kind = typeof source === 'string' ? nameKind(source) : undefined
    if (kind !== 'snapshot' && kind !== 'bookmark') return new BookmarkSourceInvalid({ name: String(source) })
    return poolOf(source) === poolOf(name) ? [] : new PoolsDiffer({ name: source })
  })
}

/** Calls on bookmarks. */
export const bookmarkCalls: Pick<LzcTable, 'bookmark' | 'getBookmarks' | 'getBookmarkProps' | 'destroyBookmarks'> = {
  bookmark: {
    symbol: 'lzc_bookmark',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['list', 'outList'],
    asked: (bookmarks) => `make the bookmark ${quoted(Object.keys(bookmarks))}`,
    shortcut: (bookmarks) => (Object.keys(bookmarks).length === 0 ? { answer: undefined } : undefined),
    input: (bookmarks) => {
      const errors = bookmarkErrors(bookmarks)
      if (errors.length > 0) {
        throw new BookmarkFailure({ asked: `make the bookmark ${quoted(Object.keys(bookmarks))}`, errors })
      }
      return [new Map(Object.entries(bookmarks))]
    },
    output: () => undefined,
    several: {
      Failure: BookmarkFailure,
      names: (bookmarks) => Object.keys(bookmarks),
      errors: {
        EEXIST: (_, name) => [BookmarkExists, { name }],
        // One number for the source and for the filesystem of the bookmark.
        ENOENT: ({ exists }, name, bookmarks) => {
          const source = name === undefined ? undefined : bookmarks[name]
          if (source !== undefined && isBookmarkName(source)) return [BookmarkNotFound, { name: source }]
          if (name === undefined || source === undefined || !exists(source)) return [SnapshotNotFound, { name: source }]
          return [FilesystemNotFound, { name: filesystemOf(name) }]
        },
        // Of a bookmark as the source.
        ESRCH: (_, name, bookmarks) => [BookmarkNotFound, { name: name && bookmarks[name] }],
        EINVAL: (_, name, bookmarks) => [BookmarkSourceInvalid, { name: name && bookmarks[name] }],
        ENOTSUP: (_, name) => [BookmarkNotSupported, { name }],
        BOOKMARK_SOURCE_NOT_ANCESTOR: (_, name, bookmarks) => [BookmarkMismatch, { name: name && bookmarks[name] }],
      },
    },
  },

  getBookmarks: {
    symbol: 'lzc_get_bookmarks',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'list', 'outList'],
    asked: (name) => `list the bookmarks of "${name}"`,
    input: (name, asked = []) => {
      checkName(name, 'filesystem', `list the bookmarks of "${name}"`)
      for (const property of arrayOf(asked, 'properties'))
        numberOf(properties, property, 'a property', `list the bookmarks of "${name}"`)
      return [name, flags(asked)]
    },
    output: ([list]) => {
      const bookmarks: Record<string, BookmarkProperties> = Object.create(null)
      for (const [name, held] of (list as NvList | undefined) ?? []) bookmarks[name] = unwrapped(held as NvList)
      return bookmarks
    },
    errors: { ENOENT: (_, name) => [FilesystemNotFound, { name }] },
  },

  getBookmarkProps: {
    symbol: 'lzc_get_bookmark_props',
    since: '2.0',
    privilege: 'any',
    parameters: ['text', 'outList'],
    asked: (bookmark) => `read the bookmark "${bookmark}"`,
    input: (bookmark) => {
      checkName(bookmark, 'bookmark', `read the bookmark "${bookmark}"`)
      return [bookmark]
    },
    output: ([list]) => unwrapped((list as NvList | undefined) ?? new Map()),
    errors: {
      // The kernel's word for a bookmark that is not there is ESRCH.
      ESRCH: (_, name) => [BookmarkNotFound, { name }],
      ENOENT: ({ exists }, name) =>
        exists(filesystemOf(name)) ? [BookmarkNotFound, { name }] : [FilesystemNotFound, { name: filesystemOf(name) }],
      EINVAL: (_, name) => [PropertyInvalid, { name }],
    },
  },

  destroyBookmarks: {
    symbol: 'lzc_destroy_bookmarks',
    since: '2.0',
    privilege: 'delegated',
    parameters: ['list', 'outList'],
    asked: (names) => `destroy the bookmark ${quoted(names)}`,
    shortcut: (names) => (names.length === 0 ? { answer: undefined } : undefined),
    input: (names) => {
      const errors = namesErrors(names, 'bookmark')
      if (errors.length > 0) {
        throw new BookmarkDestructionFailure({ asked: `destroy the bookmark ${quoted(names)}`, errors })
      }
      return [flags(names)]
    },
    output: () => undefined,
    several: {
      Failure: BookmarkDestructionFailure,
      names: (names) => names,
      errors: {
        EINVAL: (_, name) => [BookmarkNameInvalid, { name }],
        ENOENT: (_, name) => [PoolNotFound, { name: name && poolOf(name) }],
      },
    },
  },
}
