import { propertyRow } from '../properties/names.ts'
import type { DatasetType } from '../zfs.ts'
import type { Found, Printed } from './parse.ts'
import type { TextReader } from './text.ts'

/** Whether nobody can set it: then `zfs get` has no source for it. Of what is counted up to a limit it has one. */
export function hasNoSource(column: string): boolean {
  return propertyRow(column)?.access === 'read' && !column.endsWith('_count')
}

/** Reads `zfs list -Hp -o …` of these columns, the first of them `name`. Where they have no type, names tell it, or `own`. */
export class RowsReader implements TextReader {
  readonly orderly = true
  readonly #columns: readonly string[]
  readonly #own: DatasetType | undefined

  constructor(columns: readonly string[], own: DatasetType | undefined) {
    this.#columns = columns
    this.#own = own
  }

  push(lines: readonly string[]): Found[] {
    return lines.flatMap((line) => this.#read(line.split('\t')))
  }

  end(): Found[] {
    return []
  }

  #read(values: readonly string[]): Found[] {
    const name = values[0] as string
    if (values.length !== this.#columns.length || name === '') return []
    const properties: Record<string, Printed> = Object.create(null)
    for (const [index, column] of this.#columns.entries()) properties[column] = without(values[index] as string)
    const printed = properties.type?.value ?? this.#own
    const type = (name.includes('@') ? 'snapshot' : name.includes('#') ? 'bookmark' : printed) as DatasetType
    properties.type ??= without(type)
    return [{ name, type, properties }]
  }
}

const without = (value: string): Printed => ({ value, source: 'none' })
