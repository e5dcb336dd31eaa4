import type { DatasetType } from '../zfs.ts'
import { propertyRow, type Unit } from './names.ts'
import type { PropertyValue } from './types.ts'

/** A number that stands for "none" where a property is a limit or a count (2^64-1). */
const UNLIMITED = 0xffff_ffff_ffff_ffffn

/**
 * The value of a property, from the text that `zfs get -p` prints of it. null for `-`, and where there is no limit.
 * Of a property that the table does not have, the text itself. With the `type` of the dataset, no clones are no names.
 */
export function readValue(property: string, text: string, type?: DatasetType): PropertyValue {
  const row = propertyRow(property)
  if (!row) {
    // userused@joe, written@snapshot: bytes or counts.
    if (!/^[a-z]+[@#]/.test(property)) return text
    return text === '-' ? null : readNumber('bytes', text)
  }
  if (row.several && (text === '' || (text === '-' && type && !row.maybe && row.on.includes(letter(type))))) return []
  if (text === '-') return null
  if (row.kind === 'number') return readNumber(row.unit as Unit, text)
  if (row.flag && /^(?:on|yes|off|no)$/.test(text)) return text === 'on' || text === 'yes'
  return row.several ? text.split(',') : text
}

const letter = (type: DatasetType): string => type[0] as string

function readNumber(unit: Unit, text: string): PropertyValue {
  if (text === 'none') return unit === 'limit' ? null : 0n
  if (unit === 'ratio') return Number.parseFloat(text)
  // Nothing else is printed for programs; what a new version might say is told as it is.
  if (!/^\d+$/.test(text)) return text
  const value = BigInt(text)
  if (unit === 'date') return new Date(Number(value) * 1000)
  return unit === 'limit' && value === UNLIMITED ? null : value
}
