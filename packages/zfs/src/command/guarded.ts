import { randomBytes } from 'node:crypto'
import { OutputNotUnderstood } from '../errors.ts'
import type { DatasetType } from '../zfs.ts'
import type { Found, Printed } from './parse.ts'
import { rowOf, sourceOf } from './table-reader.ts'

/**
 * A table in which behind each property comes one that nobody has set, with a name that nobody can have known when values were
 * set: so no value can imitate the end of its row. It is for OpenZFS before 2.3, which has no JSON.
 */
export class GuardedTable {
  readonly #properties: readonly string[]
  readonly #guard = `gaoler:${randomBytes(16).toString('hex')}`

  /** The first of them must be `type`. */
  constructor(properties: readonly string[]) {
    this.#properties = properties
  }

  /** What to ask for instead. */
  get columns(): string {
    return this.#properties.flatMap((property, n) => [property, `${this.#guard}.${n}`]).join(',')
  }

  /** Throws OutputNotUnderstood for what is no such table. */
  read(stdout: string, asked: string): Found[] {
    const lines = stdout.split('\n')
    const found: Found[] = []
    // Behind the last line break there is nothing.
    for (let at = 0; at < lines.length - 1; ) {
      const name = rowOf(lines[at] as string)?.name ?? ''
      const printed: Record<string, Printed> = Object.create(null)
      for (const [n, property] of this.#properties.entries()) {
        const row = rowOf(lines[at] as string)
        const end = lines.indexOf(`${name}\t${this.#guard}.${n}\t-\t-`, at + 1)
        if (row?.name !== name || row.property !== property || end < 0) {
          throw new OutputNotUnderstood({ asked, command: 'zfs get', line: lines[at] })
        }
        const value = [row.value, ...lines.slice(at + 1, end)].join('\n')
        printed[property] = { value, ...sourceOf(row.source) }
        at = end + 1
      }
      found.push({ name, type: printed.type?.value as DatasetType, properties: printed })
    }
    return found
  }
}
