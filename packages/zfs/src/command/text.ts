import type { DatasetType } from '../zfs.ts'
import type { Query } from './list.ts'
import type { Found } from './parse.ts'
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

/** A command whose answer is text: names and types alone, or a table of properties with their sources. */
export function textCommand({ which, where, columns }: Query): {
  readonly args: string[]
  readonly columns: readonly string[]
  readonly reader: TextReader
} {
  if (columns.length === 0) {
    const args = ['list', '-H', '-p', ...which, '-o', 'name,type', ...where]
    return { args, columns, reader: { push: (lines) => lines.flatMap(nameAndType), end: () => [], orderly: true } }
  }
  const typed = columns[0] === 'all' ? columns : ['type', ...columns.filter((property) => property !== 'type')]
  const args = ['get', '-H', '-p', ...which, '-o', tableColumns, typed.join(','), ...where]
  return { args, columns: typed, reader: new TableReader(typed) }
}

// Neither can contain a tab.
function nameAndType(line: string): Found[] {
  const [name, type] = line.split('\t')
  return name && type ? [{ name, type: type as DatasetType, properties: Object.create(null) }] : []
}
