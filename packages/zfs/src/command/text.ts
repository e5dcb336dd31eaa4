import type { Query } from './list.ts'
import type { Found } from './parse.ts'
import { hasNoSource, RowsReader } from './rows-reader.ts'
import { TableReader, tableColumns } from './table-reader.ts'

/** Reads lines as they come. */
export interface TextReader {
  /** The datasets that end in these lines. */
  push(lines: readonly string[]): Found[]
  /** What is left at the end. */
  end(): Found[]
  /** Whether every line was a row, and could be no part of a value. Else a value has a line break, or may have one (`all`). */
  readonly orderly: boolean
}

/** A command whose answer is text: rows of `zfs list` where no value has a source, else a table of `zfs get`. */
export function textCommand({ types, which, where, columns }: Query): {
  readonly args: string[]
  readonly columns: readonly string[]
  readonly reader: TextReader
} {
  if (columns.every(hasNoSource)) {
    // Snapshots alone are not even opened where nothing but names, guids and the like is asked of them (names alone before
    // OpenZFS 2.2): so the type is left out where names tell it.
    const own = types.filter((type) => type === 'filesystem' || type === 'volume')
    const typed = own.length > 1 ? ['type'] : []
    const printed = ['name', ...typed, ...columns.filter((column) => column !== 'name' && column !== 'type')]
    const args = ['list', '-H', '-p', ...which, '-o', printed.join(','), ...where]
    return { args, columns: printed, reader: new RowsReader(printed, own[0]) }
  }
  const typed = columns[0] === 'all' ? columns : ['type', ...columns.filter((property) => property !== 'type')]
  const args = ['get', '-H', '-p', ...which, '-o', tableColumns, typed.join(','), ...where]
  return { args, columns: typed, reader: new TableReader(typed) }
}
