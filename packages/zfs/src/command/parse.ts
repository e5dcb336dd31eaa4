import type { DatasetType, Property } from '../zfs.ts'
import { restoreBeyondBmp } from './restore.ts'

/** A property as it was printed. */
export type Printed = Property<string>

/** A dataset as the command printed it. */
export interface Found {
  readonly name: string
  readonly type: DatasetType
  readonly properties: Record<string, Printed>
}

/**
 * Reads the JSON of `zfs list -j` and `zfs get -j` (OpenZFS 2.3 and newer). Undefined when it is no JSON: some versions
 * stop in the middle, with a status of 0, at a byte that is not of the locale's encoding.
 */
export function parseJson(stdout: string): Found[] | undefined {
  let output: { datasets?: Record<string, JsonDataset> }
  try {
    output = JSON.parse(stdout)
  } catch {
    return undefined
  }
  return Object.values(output.datasets ?? {}).map(({ name, type, properties = {} }) => {
    const found: Found = { name, type: type.toLowerCase() as DatasetType, properties: Object.create(null) }
    for (const [property, { value, source }] of Object.entries(properties)) {
      found.properties[property] = { value, ...sourceOf(source.type.toLowerCase(), source.data) }
    }
    return found
  })
}

interface JsonDataset {
  readonly name: string
  readonly type: string
  readonly properties?: Record<string, { value: string; source: { type: string; data: string } }>
}

function sourceOf(source: string, from: string): Omit<Printed, 'value'> {
  return source === 'inherited' ? { source, from } : { source: source as Exclude<Printed['source'], 'inherited'> }
}

/** What was read as JSON, with the characters that it has lost and a table of these columns has. */
export function restored(found: readonly Found[], columns: readonly string[], table: string): readonly Found[] {
  const every = columns.includes('all')
  restoreBeyondBmp(
    table,
    found.flatMap(({ name, type, properties }) =>
      (every ? Object.keys(properties) : columns).map((property) => {
        const printed: Printed = properties[property] ?? { value: property === 'type' ? type : '-', source: 'none' }
        const restore = (value: string): void => {
          properties[property] = { ...printed, value }
        }
        return { head: `${name}\t${property}\t${sourceText(printed)}\t`, value: printed.value, restore }
      }),
    ),
  )
  return found
}

function sourceText({ source, from }: Printed): string {
  return source === 'none' ? '-' : source === 'inherited' ? `inherited from ${from}` : source
}
