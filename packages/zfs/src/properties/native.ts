import { isUserProperty, type PropertyRow, propertyRow } from './names.ts'
import type { PropertyInput } from './types.ts'

const UNITS = 'BKMGTPEZ'
const MOST = 0xffff_ffff_ffff_ffffn
/** The longest value of a text, in bytes (ZAP_MAXVALUELEN of sys/zap.h, with its NUL). */
export const MAX_VALUE = 8191

/** A value as ZFS has it, or why it cannot be one. */
export type Conversion<T> = { readonly value: T } | { readonly reason: string }

/**
 * A value in the kernel's form: a bigint for numbers and words, a string for texts and user properties.
 * `128k` is 131072n, `lz4` 15n, `none` 0n, true 1n. What the table does not have is passed on as it is.
 */
export function toNative(property: string, given: unknown): Conversion<unknown> {
  const row = propertyRow(property)
  // The codec of nvlists takes a whole number for a 64-bit one too.
  const value = Number.isSafeInteger(given) ? BigInt(given as number) : given
  if (isUserProperty(property) || row?.kind === 'string') {
    return typeof value === 'string' ? checkText(property, value) : { reason: `it takes a string, not ${shown(given)}` }
  }
  if (!row) return { value }
  if (typeof value === 'bigint') return checkNumber(row, value)
  if (row.words) return typeof value === 'string' || typeof value === 'boolean' ? word(row, value) : unfit(given)
  const bytes = typeof value === 'string' ? size(row, value) : unfit(given)
  return 'reason' in bytes ? bytes : checkNumber(row, bytes.value)
}

/** The text that `zfs set` takes, of what toNative takes too. */
export function toText(property: string, given: PropertyInput): Conversion<string> {
  if (typeof given === 'string') return { value: given }
  const native = toNative(property, given)
  return 'reason' in native ? native : { value: propertyText(property, native.value as bigint | string) }
}

/** A value as it was given, as a word: what the table knows of it is not asked. */
export function inputText(given: PropertyInput): string {
  return typeof given === 'boolean' ? (given ? 'on' : 'off') : String(given)
}

/** The text of a native value, as `zfs get -p` prints it. */
export function propertyText(property: string, value: bigint | string): string {
  const row = propertyRow(property)
  if (typeof value === 'string' || !row) return String(value)
  if (row.unit === 'ratio') return `${value / 100n}.${String(value % 100n).padStart(2, '0')}`
  if (row.unit === 'limit' && value === MOST) return 'none'
  const found = Object.entries(row.words ?? {}).find(([, number]) => BigInt(number) === value)?.[0]
  return found === undefined ? String(value) : found
}

/** `10G`, `1.5T`, `4096`, `none` in bytes or whatever the property counts. */
function size(row: PropertyRow, text: string): Conversion<bigint> {
  if (text === 'none') return { value: row.unit === 'limit' ? MOST : 0n }
  const match = /^(\d+)(?:\.(\d{1,3}))?([BKMGTPEZ]?)(?:i?B)?$/i.exec(text)
  if (!match) return { reason: 'it is a number, with a unit of B, K, M, G, T, P or E if wanted' }
  const [, whole = '0', fraction = '', unit = ''] = match
  const thousandths = BigInt(whole) * 1000n + BigInt(fraction.padEnd(3, '0'))
  const value = (thousandths << BigInt(10 * Math.max(0, UNITS.indexOf(unit.toUpperCase())))) / 1000n
  return value > MOST ? { reason: 'it is out of range' } : { value }
}

function word(row: PropertyRow, given: string | boolean): Conversion<bigint> {
  const known = row.words ?? {}
  const text = inputText(given)
  if (Object.hasOwn(known, text)) return { value: BigInt(known[text] as number) }
  return { reason: `it is one of ${Object.keys(known).join(', ')}` }
}

/** What the kernel would store as it is. */
function checkText(property: string, value: string): Conversion<string> {
  if (Buffer.byteLength(value) > MAX_VALUE) return { reason: `it is longer than ${MAX_VALUE} bytes` }
  const isPlace = property !== 'mountpoint' || /^(?:\/|none$|legacy$)/.test(value)
  return isPlace ? { value } : { reason: 'it is an absolute path, "none" or "legacy"' }
}

function checkNumber(row: PropertyRow, value: bigint): Conversion<bigint> {
  if (value < 0n || value > MOST) return { reason: 'it is out of range' }
  // The kernel takes any number for the size of a block, and goes wrong at the first write.
  if (row.block && (value < 512n || value > 16_777_216n || (value & (value - 1n)) !== 0n)) {
    return { reason: 'it is a power of two from 512 to 16M' }
  }
  const known = row.words && Object.values(row.words)
  if (!known || known.some((number) => BigInt(number) === value)) return { value }
  return { reason: `${value} stands for none of ${Object.keys(row.words ?? {}).join(', ')}` }
}

function unfit(given: unknown): { reason: string } {
  return { reason: `it takes a bigint or a word, not ${shown(given)}` }
}

function shown(given: unknown): string {
  return JSON.stringify(String(given))
}
