import { canonicalName } from '../properties/names.ts'
import { readValue } from '../properties/read.ts'
import type { Dataset, DatasetType, Property } from '../zfs.ts'
import { type Source, sourceOf } from './table-reader.ts'

const none: Source = { source: 'none' }

/** How cells are printed: a row of `zfs list` for each dataset, or a line `source TAB value` of `zfs get` for each cell. */
export type PlainForm = 'rows' | 'lines'

/**
 * Reads values that can hold neither a tab nor a line break, of columns that are known. The first column is `name`; where
 * none is `type`, names tell it, or it is `own`.
 */
export class PlainReader {
  readonly #form: PlainForm
  readonly #own: DatasetType | undefined
  readonly #type: number
  readonly #width: number
  readonly #asked: readonly (readonly [property: string, column: number])[]
  #values: string[] = []
  #sources: Source[] = []
  #strange: string | undefined

  constructor(form: PlainForm, columns: readonly string[], asked: readonly string[], own?: DatasetType) {
    this.#form = form
    this.#own = own
    this.#type = columns.indexOf('type')
    this.#width = columns.length
    this.#asked = asked.map((property) => [property, columns.indexOf(canonicalName(property))])
  }

  /** The datasets that end in these lines. */
  push(lines: readonly string[]): Dataset[] {
    const ended: Dataset[] = []
    for (const line of lines) {
      if (line === '') continue
      if (this.#form === 'rows') this.#values = line.split('\t')
      else this.#add(line)
      if (this.#values.length < this.#width && this.#form === 'lines') continue
      if (this.#values.length === this.#width) ended.push(this.#dataset())
      else this.#strange ??= line
      this.#values = []
    }
    return ended
  }

  /** The first line that is no such row or cell, or the last where some are missing. */
  get strange(): string | undefined {
    return this.#strange ?? this.#values.at(-1)
  }

  #add(line: string): void {
    const tab = line.indexOf('\t')
    if (tab < 1) this.#strange ??= line
    this.#sources[this.#values.length] = sourceOf(line.slice(0, tab))
    this.#values.push(line.slice(tab + 1))
  }

  #dataset(): Dataset {
    const values = this.#values
    const name = values[0] as string
    const printed = this.#type < 0 ? this.#own : values[this.#type]
    const type = (name.includes('@') ? 'snapshot' : name.includes('#') ? 'bookmark' : printed) as DatasetType
    const properties: Record<string, Property> = Object.create(null)
    for (const [property, column] of this.#asked) {
      const text = column < 0 ? type : (values[column] as string)
      const { source, from } = this.#sources[column] ?? none
      const value = readValue(property, text, type)
      properties[property] = from === undefined ? { value, source } : { value, source, from }
    }
    return { name, type, properties } as Dataset
  }
}
