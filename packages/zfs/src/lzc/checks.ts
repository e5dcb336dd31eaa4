import { NameInvalid, NameTooLong, PoolsDiffer, type ZFSError } from '../errors.ts'
import { MAX_NAME_LENGTH, nameError, poolOf } from '../names.ts'

/** The first name of another pool than the first one's; a call works on one pool. */
function otherPool(names: readonly string[]): string | undefined {
  const [first] = names
  return first === undefined ? undefined : names.find((name) => poolOf(name) !== poolOf(first))
}

/** What is wrong with the names of snapshots that are given together: each bad one, else a foreign pool. */
export function snapshotErrors(names: readonly string[]): ZFSError[] {
  const errors: ZFSError[] = names.flatMap((name) => nameError(name, 'snapshot') ?? [])
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
