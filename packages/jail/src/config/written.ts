import { type PropertyValue, rowOf } from './properties/index.ts'
import { checkText } from './values/value-type.ts'

/** Of texts and lists of texts, and at least that. */
export function lengthOf(value: unknown): number {
  const textLength = (item: unknown): number => (typeof item === 'string' ? item.length : 0)
  return Array.isArray(value) ? value.reduce<number>((sum, item) => sum + textLength(item) + 1, 0) : textLength(value)
}

/** A user's own data keeps its type: "1", "on" and "none" are theirs to mean. Throws RangeError. */
export function userValue(value: unknown): PropertyValue {
  if (typeof value === 'string') return checkText(value)
  if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return Object.freeze((value as string[]).map(checkText))
  throw new RangeError('expected text, a finite number, true or false, or a list of texts')
}

/** A value as libioc's files and environment write it: `yes`, `no`, `none`, lists with commas. */
export function writeValue(name: string, value: PropertyValue): string {
  const row = rowOf(name)
  if (row) return row.type.format(value)
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return Array.isArray(value) ? value.map((item) => String(item).replace(/[\\,]/g, '\\$&')).join(',') : String(value)
}
