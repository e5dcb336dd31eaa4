import { PropertyInvalid } from '../errors.ts'
import { checkName } from '../names.ts'
import { MAX_VALUE, toText } from '../properties/native.ts'
import type { PropertyInput } from '../properties/types.ts'
import type { DatasetType, ListOptions } from '../zfs.ts'

/** Native properties, also `userquota@joe`, `written@snapshot`; user properties have a colon (zfsprops(7)). */
const nativeName = /^[a-z][a-z0-9_]*(?:[@#][^,=\0]+)?$/
const userName = /^[a-z0-9:._][a-z0-9:._-]*$/
/** The longest name of a user property, in bytes (zfsprops(7)). */
const MAX_PROPERTY_NAME = 255

/** Throws PropertyInvalid for what is no name of a property, so that none is read as an option or as several. */
export function checkProperty(property: string, name: string | undefined, asked: string): void {
  const valid =
    typeof property === 'string' &&
    property.length <= MAX_PROPERTY_NAME &&
    (nativeName.test(property) || (property.includes(':') && userName.test(property)))
  if (!valid) throw new PropertyInvalid({ name, property: String(property), reason: 'no name of a property', asked })
}

/** Throws PropertyInvalid for a value that no argument of a command can carry. */
export function checkValue(property: string, value: string, name: string, asked: string): void {
  const isText = typeof value === 'string' && !value.includes('\0') && value.isWellFormed()
  if (isText && Buffer.byteLength(value) <= MAX_VALUE) return
  const reason = isText ? `a value has at most ${MAX_VALUE} bytes` : 'a value is a text without NUL'
  throw new PropertyInvalid({ name, property, reason, asked })
}

/** Every type of dataset. */
export const everyType: readonly DatasetType[] = ['filesystem', 'volume', 'snapshot', 'bookmark']

/** Throws PropertyInvalid for types that are none of `known`, or no type at all, and for a depth that is no number of levels. */
export function checkListed(
  { root: name, types, depth }: ListOptions,
  asked: string,
  known: readonly DatasetType[] = everyType,
): void {
  const wrong = types?.find((type) => !known.includes(type))
  if (wrong !== undefined || types?.length === 0) {
    const reason = `"${wrong ?? ''}" is no type of dataset; it is ${known.join(', ')}`
    throw new PropertyInvalid({ name, asked, property: 'type', reason })
  }
  if (depth !== undefined && !(Number.isSafeInteger(depth) && depth >= 0)) {
    throw new PropertyInvalid({ name, asked, property: 'depth', reason: `${depth} is no number of levels` })
  }
}

/** Throws a NameInvalid or NameTooLong for what is no name of a dataset of any kind. */
export function checkAnyName(name: string, asked: string, bookmarks = true): void {
  const has = (separator: string): boolean => typeof name === 'string' && name.includes(separator)
  const kind = bookmarks && has('#') ? 'bookmark' : has('@') ? 'snapshot' : 'filesystem'
  checkName(name, kind, asked)
}

/** `name=value` of a dataset's property, as a word of a command. Throws PropertyInvalid. */
export function assignment(property: string, given: PropertyInput, name: string, asked: string): string {
  checkProperty(property, name, asked)
  const text = toText(property, given)
  if ('reason' in text) throw new PropertyInvalid({ name, property, reason: text.reason, asked })
  checkValue(property, text.value, name, asked)
  return `${property}=${text.value}`
}
