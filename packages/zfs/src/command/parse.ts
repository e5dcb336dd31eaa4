import { nameKind } from '../names.ts'
import type { DatasetType, Property } from '../zfs.ts'

const types: readonly string[] = ['filesystem', 'volume', 'snapshot', 'bookmark']

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

/** Reads `zfs list -Hp -o name,type`: neither can contain a tab. */
export function parseNames(stdout: string): Found[] {
  return stdout.split('\n').flatMap((line) => {
    const [name, type] = line.split('\t')
    return name && type ? { name, type: type as DatasetType, properties: Object.create(null) } : []
  })
}

/** The columns that parseTable reads; the value is last, so that it may contain tabs. */
export const tableColumns: string = 'name,property,source,value'

interface Row {
  readonly name: string
  readonly property: string
  readonly source: string
  value: string
}

/**
 * Reads `zfs get -Hp -o name,property,source,value` of these properties, for versions without JSON. The first of them
 * must be `type`. A value of a user property may go on over several lines: a line that is not the head of the very
 * next row belongs to the value before. (Such a value can imitate that head; only JSON is safe from this.)
 */
export function parseTable(stdout: string, properties: readonly string[]): Found[] {
  const rows: Row[] = []
  for (const line of stdout.replace(/\n$/, '').split('\n')) {
    const [name = '', property = '', source = '', ...value] = line.split('\t')
    const row = { name, property, source, value: value.join('\t') }
    const last = rows.at(-1)
    if (value.length > 0 && follows(row, last, properties)) rows.push(row)
    else if (last) last.value += `\n${line}`
  }
  const found: Found[] = []
  for (const { name, property, source, value } of rows) {
    if (property === 'type') found.push({ name, type: value as DatasetType, properties: Object.create(null) })
    const dataset = found.at(-1) as Found
    dataset.properties[property] = propertyOf(value, source)
  }
  return found
}

/** Whether this can be the row behind the last one. */
function follows(row: Row, last: Row | undefined, properties: readonly string[]): boolean {
  if (!isSource(row.source)) return false
  // What `all` means depends on the version; it begins with the type too.
  const expected = properties.includes('all')
    ? undefined
    : properties[(last ? properties.indexOf(last.property) + 1 : 0) % properties.length]
  if (expected !== undefined && row.property !== expected) return false
  if (row.property === 'type') return types.includes(row.value) && nameKind(row.name) !== undefined
  return last?.name === row.name && row.property !== ''
}

function isSource(source: string): boolean {
  return /^(?:-|local|default|received|temporary|inherited from [^\t]+)$/.test(source)
}

function propertyOf(value: string, source: string): Printed {
  const from = 'inherited from '
  if (source.startsWith(from)) return { value, source: 'inherited', from: source.slice(from.length) }
  return { value, source: source === '-' ? 'none' : (source as 'local') }
}
