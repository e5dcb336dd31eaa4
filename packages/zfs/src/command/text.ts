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
export function textCommand({ types, which, where, columns }: Query): {
  readonly args: string[]
  readonly columns: readonly string[]
  readonly reader: TextReader
} {
  if (columns.length === 0) {
    // With their type `zfs list` opens every snapshot: so it is left out where names tell it.
    const own = types.filter((type) => type === 'filesystem' || type === 'volume')
    const args = ['list', '-H', '-p', ...which, '-o', own.length > 1 ? 'name,type' : 'name', ...where]
    const push = (lines: readonly string[]): Found[] => lines.flatMap((line) => nameAndType(line, own[0]))
    return { args, columns, reader: { push, end: () => [], orderly: true } }
  }
  const typed = columns[0] === 'all' ? columns : ['type', ...columns.filter((property) => property !== 'type')]
  const args = ['get', '-H', '-p', ...which, '-o', tableColumns, typed.join(','), ...where]
  return { args, columns: typed, reader: new TableReader(typed) }
}

// Neither can contain a tab.
function nameAndType(line: string, own: DatasetType | undefined): Found[] {
  const [name, printed = own] = line.split('\t')
  if (!name) return []
  const type = name.includes('@') ? 'snapshot' : name.includes('#') ? 'bookmark' : (printed as DatasetType)
  return [{ name, type, properties: Object.create(null) }]
}
