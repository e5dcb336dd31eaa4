import { randomBytes } from 'node:crypto'
import { isUserProperty, propertyRow } from '../properties/names.ts'
import type { Query } from './list.ts'
import { Reader } from './reader.ts'

/** What to ask `zfs` for, and who reads what it prints. */
export interface Text {
  readonly args: string[]
  readonly reader: Reader
}

/** Rows of `zfs list` where nobody can set anything that is asked for, else lines of `zfs get`, which has the sources. */
export function textOf(asked: Query): Text {
  if (asked.columns.every(hasNoSource)) return rowsOf(asked)
  const columns = ['name', 'type', ...columnsBesides(asked)]
  const free = columns.filter((column) => !isPlain(column))
  if (free.length === 0) {
    return { args: getting('source,value', columns, asked), reader: new Reader({ form: 'lines', columns }, asked) }
  }
  // No value can imitate the end of one: behind it comes a property of a name that nobody can have known when it was set.
  const end = `gaoler:${randomBytes(16).toString('hex')}`
  const ends = new Map(free.map((column, n) => [column, `${end}.${n}`]))
  const printed = columns.flatMap((column) => (ends.has(column) ? [column, ends.get(column) as string] : [column]))
  const reader = new Reader({ form: 'named lines', columns, ends }, asked)
  return { args: getting('property,source,value', printed, asked), reader }
}

function rowsOf(asked: Query): Text {
  // Snapshots are not even opened where nothing but names, guids and the like is asked of them (names alone before OpenZFS
  // 2.2): so the type is left out where names tell it.
  const own = asked.types.filter((type) => type === 'filesystem' || type === 'volume')
  const columns = ['name', ...(own.length > 1 ? ['type'] : []), ...columnsBesides(asked)]
  const args = ['list', '-H', '-p', ...asked.which, '-o', columns.join(','), ...asked.where]
  return { args, reader: new Reader({ form: 'rows', columns, ...(own[0] && { own: own[0] }) }, asked) }
}

function columnsBesides({ columns }: Query): string[] {
  return columns.filter((column) => column !== 'name' && column !== 'type')
}

function getting(what: string, properties: readonly string[], { which, where }: Query): string[] {
  return ['get', '-H', '-p', ...which, '-o', what, properties.join(','), ...where]
}

/** Whether nobody can set it: then `zfs get` has no source for it. Of what is counted up to a limit it has one. */
export function hasNoSource(column: string): boolean {
  return propertyRow(column)?.access === 'read' && !column.endsWith('_count')
}

/** Whether no value can hold a line break. */
function isPlain(column: string): boolean {
  if (isUserProperty(column)) return false
  const row = propertyRow(column)
  return row ? row.kind !== 'string' || row.access === 'read' : /^[a-z]+[@#]/.test(column)
}
