import {
  BookmarkNameInvalid,
  FilesystemNameInvalid,
  type NameInvalid,
  NameTooLong,
  SnapshotNameInvalid,
} from './errors.ts'

/** The longest name of a dataset, a snapshot with its dataset, or a tag of a hold, in bytes. */
export const MAX_NAME_LENGTH = 255

/** Kinds of names: `filesystem` is one of a volume too. */
export type NameKind = 'filesystem' | 'snapshot' | 'bookmark'

// Each repetition is of one class, and the separator is in none of them: matching is linear in the name's length.
// `%` is left out: only the kernel itself makes such names. A pool begins with a letter (zpoolconcepts(7)), so that no
// valid name can be read as an option.
const component = /^[A-Za-z0-9_.: -]+$/
const filesystem = /^[A-Za-z][A-Za-z0-9_.: -]*(?:\/[A-Za-z0-9_.: -]+)*$/
const dots = /(?:^|\/)\.{1,2}(?:\/|$)/

/** Whether `name` may be one part of a name: between slashes, or behind `@` or `#`. */
export function isComponent(name: string): boolean {
  return component.test(name) && name !== '.' && name !== '..'
}

/** Whether `name` has the form of a filesystem's or volume's name: `pool/a/b`. Its length is not looked at. */
export function isFilesystemName(name: string): boolean {
  return filesystem.test(name) && !dots.test(name)
}

/** Whether `name` has the form `filesystem@snapshot`. */
export function isSnapshotName(name: string): boolean {
  return isNameWith('@', name)
}

/** Whether `name` has the form `filesystem#bookmark`. */
export function isBookmarkName(name: string): boolean {
  return isNameWith('#', name)
}

/** The kind of a valid name of at most 255 bytes; undefined when it is not valid. */
export function nameKind(name: string): NameKind | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined
  if (isFilesystemName(name)) return 'filesystem'
  if (isSnapshotName(name)) return 'snapshot'
  return isBookmarkName(name) ? 'bookmark' : undefined
}

const kinds = {
  filesystem: { valid: isFilesystemName, error: FilesystemNameInvalid },
  snapshot: { valid: isSnapshotName, error: SnapshotNameInvalid },
  bookmark: { valid: isBookmarkName, error: BookmarkNameInvalid },
} as const

/** The error that a name of this kind deserves, or undefined when it is right. `asked` goes into the message. */
export function nameError(name: string, kind: NameKind, asked?: string): NameInvalid | NameTooLong | undefined {
  const { valid, error } = kinds[kind]
  if (typeof name !== 'string' || !valid(name)) return new error({ name: String(name), asked })
  return name.length > MAX_NAME_LENGTH ? new NameTooLong({ name, asked }) : undefined
}

/** Throws FilesystemNameInvalid, SnapshotNameInvalid, BookmarkNameInvalid or NameTooLong. */
export function checkName(name: string, kind: NameKind, asked?: string): void {
  const error = nameError(name, kind, asked)
  if (error) throw error
}

/** The pool of any name: what is before the first `/`, `@` or `#`. */
export function poolOf(name: string): string {
  return name.split(/[/@#]/, 1)[0] as string
}

/** The filesystem or volume of any name: what is before `@` or `#`. */
export function filesystemOf(name: string): string {
  return name.split(/[@#]/, 1)[0] as string
}

/** The parent of a filesystem or volume; undefined for a pool. */
export function parentOf(filesystem: string): string | undefined {
  const slash = filesystem.lastIndexOf('/')
  return slash < 0 ? undefined : filesystem.slice(0, slash)
}

/** `tank/a@x` as `['tank/a', 'x']`. Throws SnapshotNameInvalid. */
export function splitSnapshot(name: string): [filesystem: string, snapshot: string] {
  checkName(name, 'snapshot')
  return name.split('@', 2) as [string, string]
}

function isNameWith(separator: '@' | '#', name: string): boolean {
  const at = name.indexOf(separator)
  // A second separator is no character of a component and fails there.
  return at > 0 && isFilesystemName(name.slice(0, at)) && isComponent(name.slice(at + 1))
}
