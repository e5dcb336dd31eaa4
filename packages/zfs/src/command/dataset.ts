import { propertyRow } from '../properties/names.ts'
import { readValue } from '../properties/read.ts'
import type { DatasetType, Property } from '../zfs.ts'

/** Where a value comes from. */
export type Source = Omit<Property, 'value'>

const from = 'inherited from '

/** The column `source` of `zfs get`. */
export function sourceOf(text: string): Source {
  if (text.startsWith(from)) return { source: 'inherited', from: text.slice(from.length) }
  return { source: text === '-' ? 'none' : (text as 'local') }
}

/** A value as it is printed with `-p`, with the type that its property has: null for one that does not apply. */
export function propertyOf(property: string, text: string, { source, from }: Source, type: DatasetType): Property {
  // Of a user property "-" is a value, if somebody has set it.
  const unset = text === '-' && source === 'none' && !propertyRow(property)
  const value = unset ? null : readValue(property, text, type)
  return from === undefined ? { value, source } : { value, source, from }
}
