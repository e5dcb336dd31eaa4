import { canonicalName } from '../properties/names.ts'
import type { Dataset, DatasetType, Property } from '../zfs.ts'
import { propertyOf, type Source, sourceOf } from './dataset.ts'

const none: Source = { source: 'none' }

export interface Printed {
  /**
   * A row of `zfs list` for each dataset, or for each value a line of `zfs get`: `source TAB value`, or, where values may
   * have line breaks, `property TAB source TAB value`.
   */
  readonly form: 'rows' | 'lines' | 'named lines'
  /** What is printed of a dataset, in order. The first is `name`; where none is `type`, names tell it, or it is `own`. */
  readonly columns: readonly string[]
  readonly own?: DatasetType
  /** The unset property that is printed behind a value that may have line breaks, by the column of that. */
  readonly ends?: ReadonlyMap<string, string>
}

/** What to make of it. */
export interface Wanted {
  readonly properties: readonly string[]
  /** Which of them a dataset shall not have where they do not apply. */
  readonly optional?: ReadonlySet<string>
}

/** Reads values that `zfs` prints, line by line, into datasets. */
export class Reader {
  readonly #printed: Printed
  readonly #type: number
  readonly #wanted: readonly (readonly [property: string, column: number, optional: boolean])[]
  #values: string[] = []
  #sources: Source[] = []
  /** The line that ends the last value, while that goes on. */
  #end: string | undefined
  #strange: string | undefined

  constructor(printed: Printed, { properties, optional }: Wanted) {
    this.#printed = printed
    const { columns } = printed
    this.#type = columns.indexOf('type')
    this.#wanted = properties.map((property) => {
      return [property, columns.indexOf(canonicalName(property)), optional?.has(property) ?? false]
    })
  }

  /** The datasets that end in these lines. */
  push(lines: readonly string[]): Dataset[] {
    const ended: Dataset[] = []
    for (const line of lines) {
      if (this.#strange !== undefined) break
      if (this.#end !== undefined) this.#goOn(line)
      else if (line === '') continue
      else if (this.#printed.form === 'rows') this.#row(line)
      else this.#add(line)
      if (this.#end !== undefined || this.#values.length < this.#printed.columns.length) continue
      ended.push(this.#dataset())
      this.#values = []
    }
    return ended
  }

  /** The first line that was not asked for, or the last where some are missing. */
  get strange(): string | undefined {
    return this.#strange ?? this.#values.at(-1)
  }

  #row(line: string): void {
    const values = line.split('\t')
    if (values.length === this.#printed.columns.length) this.#values = values
    else this.#strange = line
  }

  #add(line: string): void {
    const { form, columns, ends } = this.#printed
    const column = columns[this.#values.length] as string
    const begin = form === 'lines' ? 0 : column.length + 1
    const tab = line.indexOf('\t', begin)
    if (tab <= begin || (begin > 0 && !line.startsWith(`${column}\t`))) {
      this.#strange = line
      return
    }
    this.#sources[this.#values.length] = sourceOf(line.slice(begin, tab))
    this.#values.push(line.slice(tab + 1))
    const end = ends?.get(column)
    this.#end = end && `${end}\t-\t-`
  }

  #goOn(line: string): void {
    if (line === this.#end) this.#end = undefined
    else this.#values.push(`${this.#values.pop()}\n${line}`)
  }

  #dataset(): Dataset {
    const values = this.#values
    const name = values[0] as string
    const printed = this.#type < 0 ? this.#printed.own : values[this.#type]
    const type = (name.includes('@') ? 'snapshot' : name.includes('#') ? 'bookmark' : printed) as DatasetType
    const properties: Record<string, Property> = Object.create(null)
    for (const [property, column, optional] of this.#wanted) {
      const text = column < 0 ? type : (values[column] as string)
      const source = this.#sources[column] ?? none
      if (optional && text === '-' && source.source === 'none') continue
      properties[property] = propertyOf(property, text, source, type)
    }
    return { name, type, properties } as Dataset
  }
}
