import { nameKind } from '../names.ts'
import type { DatasetType } from '../zfs.ts'
import type { Found, Printed } from './parse.ts'

const types: readonly string[] = ['filesystem', 'volume', 'snapshot', 'bookmark']

/** The columns that are read; the value is last, so that it may contain tabs. */
export const tableColumns: string = 'name,property,source,value'

export interface Row {
  readonly name: string
  readonly property: string
  readonly source: string
  value: string
}

/**
 * Reads `zfs get -Hp -o name,property,source,value` of these properties, line by line. The first of them must be `type`. A
 * value may go on over several lines: a line that is not the head of the very next row belongs to the value before.
 * (A value of a user property can imitate that head; only JSON and a guarded table are safe from this.)
 */
export class TableReader {
  readonly #properties: readonly string[]
  readonly #every: boolean
  #last: Row | undefined
  #orderly = true
  #rows: Row[] = []

  constructor(properties: readonly string[]) {
    this.#properties = properties
    // What `all` means depends on the version; it begins with the type too.
    this.#every = properties.includes('all')
  }

  /** The datasets that end in these lines. */
  push(lines: readonly string[]): Found[] {
    const ended: Found[] = []
    for (const line of lines) {
      const row = rowOf(line)
      if (row && this.#follows(row)) {
        if (row.property === 'type') ended.push(...this.end())
        this.#rows.push(row)
        this.#last = row
      } else if (this.#last) {
        this.#last.value += `\n${line}`
        this.#orderly = false
      } else if (line !== '') this.#orderly = false
    }
    return ended
  }

  /**
   * Whether every line was a row, and could be no part of a value. Else a value has a line break, or may have one (`all`).
   * Rows that a value imitates push the true ones out of their order: of those some line is left.
   */
  get orderly(): boolean {
    return this.#orderly && !this.#every
  }

  /** The last dataset, if there is any. */
  end(): Found[] {
    const [first] = this.#rows
    if (!first) return []
    const properties: Record<string, Printed> = Object.create(null)
    for (const { property, value, source } of this.#rows) properties[property] = { value, ...sourceOf(source) }
    this.#rows = []
    return [{ name: first.name, type: first.value as DatasetType, properties }]
  }

  /** Whether this can be the row behind the last one. */
  #follows(row: Row): boolean {
    if (!isSource(row.source)) return false
    const next = this.#last ? this.#properties.indexOf(this.#last.property) + 1 : 0
    if (!this.#every && row.property !== this.#properties[next % this.#properties.length]) return false
    if (row.property === 'type') return types.includes(row.value) && nameKind(row.name) !== undefined
    return this.#last?.name === row.name && row.property !== ''
  }
}

/** A line as a row; undefined for one that cannot be one. */
export function rowOf(line: string): Row | undefined {
  const name = line.indexOf('\t')
  const property = line.indexOf('\t', name + 1)
  const source = line.indexOf('\t', property + 1)
  if (name < 0 || property < 0 || source < 0) return undefined
  return {
    name: line.slice(0, name),
    property: line.slice(name + 1, property),
    source: line.slice(property + 1, source),
    value: line.slice(source + 1),
  }
}

const from = 'inherited from '
const sources: readonly string[] = ['-', 'local', 'default', 'received', 'temporary']

function isSource(source: string): boolean {
  return sources.includes(source) || (source.startsWith(from) && source.length > from.length)
}

/** Where a value comes from. */
export type Source = Omit<Printed, 'value'>

export function sourceOf(text: string): Source {
  if (text.startsWith(from)) return { source: 'inherited', from: text.slice(from.length) }
  return { source: text === '-' ? 'none' : (text as 'local') }
}
