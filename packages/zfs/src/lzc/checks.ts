import { ArgumentInvalid, NameInvalid, NameTooLong, PoolsDiffer, type ZFSError } from '../errors.ts'
import { isFilesystemName, MAX_NAME_LENGTH, type NameKind, nameError, poolOf } from '../names.ts'

/** A set of names, as lists have it: each name a flag. Throws ArgumentInvalid for what is no array. */
export const flags = (names: readonly string[]): Map<string, null> =>
  new Map(arrayOf(names, 'a list of names').map((name) => [name, null]))

/** Throws ArgumentInvalid for what is no array. */
export function arrayOf<T>(value: readonly T[], argument: string, asked?: string): readonly T[] {
  if (Array.isArray(value)) return value
  throw new ArgumentInvalid({ argument, asked, reason: 'must be an array' })
}

/** The first of several names, for messages. */
export const quoted = (names: readonly string[]): string => {
  const [first, ...rest] = new Set(names)
  return `"${first}"${rest.length ? ` and ${rest.length} more` : ''}`
}

/** The first name of another pool than the first one's; a call works on one pool. */
function otherPool(names: readonly string[]): string | undefined {
  const [first] = names
  return first === undefined ? undefined : names.find((name) => poolOf(name) !== poolOf(first))
}

/** What is wrong with the names of snapshots that are given together: each bad one, else a foreign pool. */
export function snapshotErrors(names: readonly string[]): ZFSError[] {
  return namesErrors(names, 'snapshot')
}

/** What is wrong with names that are given together: each bad one, else a foreign pool. */
export function namesErrors(names: readonly string[], kind: NameKind): ZFSError[] {
  const errors: ZFSError[] = arrayOf(names, 'a list of names').flatMap((name) => nameError(name, kind) ?? [])
  const foreign = errors.length === 0 ? otherPool(names) : undefined
  return foreign === undefined ? errors : [new PoolsDiffer({ name: foreign })]
}

/** What is wrong with the tags of holds. Any text is allowed but the empty one, and no NUL: C would cut there. */
export function tagErrors(tags: readonly string[]): ZFSError[] {
  return tags.flatMap((tag) => {
    if (typeof tag !== 'string' || tag === '' || tag.includes('\0')) return new NameInvalid({ name: String(tag) })
    return Buffer.byteLength(tag) > MAX_NAME_LENGTH ? new NameTooLong({ name: tag }) : []
  })
}

/** Throws NameInvalid or NameTooLong for what is no name of a pool. */
export function checkPool(name: string, asked: string): void {
  if (typeof name !== 'string' || !isFilesystemName(name) || name.includes('/')) {
    throw new NameInvalid({ name: String(name), asked })
  }
  if (name.length > MAX_NAME_LENGTH) throw new NameTooLong({ name, asked })
}

/** Throws PoolsDiffer when the second name is of another pool than the first. */
export function checkSamePool(first: string, second: string, asked: string): void {
  if (poolOf(first) !== poolOf(second)) throw new PoolsDiffer({ name: second, asked })
}

const MOST = 2n ** 64n - 1n

/** An unsigned number of 64 bits as C takes it. Throws ArgumentInvalid. */
export function unsigned(value: bigint | number, argument: string, asked: string): bigint {
  const exact = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : -1n
  if (exact >= 0n && exact <= MOST) return exact
  throw new ArgumentInvalid({ argument, asked, reason: `is ${String(value)}, and must be an integer from 0 to 2^64-1` })
}

/** A descriptor. Whether it is open is C's to say. Throws ArgumentInvalid. */
export function descriptor(fd: number, asked: string): number {
  if (Number.isInteger(fd) && fd >= 0 && fd <= 0x7fff_ffff) return fd
  throw new ArgumentInvalid({ argument: 'fd', asked, reason: `is ${String(fd)}, and must be an open descriptor` })
}

/** The number that a word stands for. Throws ArgumentInvalid, which says what it may be. */
export function numberOf(
  numbers: Readonly<Record<string, number>>,
  word: string,
  argument: string,
  asked: string,
): number {
  if (typeof word === 'string' && Object.hasOwn(numbers, word)) return numbers[word] as number
  const choice = Object.keys(numbers).join(', ')
  throw new ArgumentInvalid({ argument, asked, reason: `is "${String(word)}", and must be one of ${choice}` })
}
