import { propertyRow } from '../properties/names.ts'
import type { Query } from './list.ts'
import { PlainReader } from './plain-reader.ts'
import { TableReader, tableColumns } from './table-reader.ts'

/** Of plain values: rows of `zfs list` where none has a source, else `zfs get`, which need not repeat names. */
export function plainCommand({ types, which, where, columns, properties }: Query): {
  readonly args: string[]
  readonly reader: PlainReader
} {
  const more = columns.filter((column) => column !== 'name' && column !== 'type')
  if (!columns.every(hasNoSource)) {
    const printed = ['name', 'type', ...more]
    const args = ['get', '-H', '-p', ...which, '-o', 'source,value', printed.join(','), ...where]
    return { args, reader: new PlainReader('lines', printed, properties) }
  }
  // Snapshots are not even opened where nothing but names, guids and the like is asked of them (names alone before OpenZFS
  // 2.2): so the type is left out where names tell it.
  const own = types.filter((type) => type === 'filesystem' || type === 'volume')
  const printed = own.length > 1 ? ['name', 'type', ...more] : ['name', ...more]
  const args = ['list', '-H', '-p', ...which, '-o', printed.join(','), ...where]
  return { args, reader: new PlainReader('rows', printed, properties, own[0]) }
}

/** Whether nobody can set it: then `zfs get` has no source for it. Of what is counted up to a limit it has one. */
export function hasNoSource(column: string): boolean {
  return propertyRow(column)?.access === 'read' && !column.endsWith('_count')
}

/** Of any values: a table of `zfs get`. */
export function tableCommand({ which, where, columns }: Query): {
  readonly args: string[]
  readonly columns: readonly string[]
  readonly reader: TableReader
} {
  const typed = columns[0] === 'all' ? columns : ['type', ...columns.filter((property) => property !== 'type')]
  const args = ['get', '-H', '-p', ...which, '-o', tableColumns, typed.join(','), ...where]
  return { args, columns: typed, reader: new TableReader(typed) }
}
