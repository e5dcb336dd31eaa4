import { indices, numbers, strings } from './table.ts'
import { words } from './words.ts'

/** How the kernel keeps a value: lzc calls take numbers and indices as bigint. */
export type PropertyKind = 'number' | 'index' | 'string'
export type Unit = 'bytes' | 'count' | 'id' | 'limit' | 'date' | 'ratio'
type Access = 'read' | 'once' | 'onceOwn' | 'own' | 'inherit'

/** What the table says of one property, in one form for every kind. */
export interface PropertyRow {
  readonly kind: PropertyKind
  readonly access: Access
  /** Types of datasets: f, v, s, b. */
  readonly on: string
  /** The text of the value where nobody set one. */
  readonly initial?: string
  /** Of numbers. */
  readonly unit?: Unit
  /** Of numbers that are the size of a block: powers of two. */
  readonly block?: boolean
  /** Of indices. */
  readonly words?: Readonly<Record<string, number>>
  /** Of indices that are off or on. */
  readonly flag?: boolean
  /** Datasets of these types may be without it. */
  readonly maybe?: boolean
  /** Of texts that are several names. */
  readonly several?: boolean
}

type Raw = { readonly on: string; readonly access: Access; readonly initial?: string; readonly maybe?: boolean }

const rows: ReadonlyMap<string, PropertyRow> = new Map<string, PropertyRow>([
  ...Object.entries(numbers).map(([name, row]: [string, Raw & { unit: Unit }]) => {
    return [name, { ...row, kind: 'number' }] as const
  }),
  ...Object.entries(indices).map(([name, row]: [string, Raw & { words: keyof typeof words }]) => {
    return [name, { ...row, kind: 'index', words: words[row.words], flag: row.words === 'flag' }] as const
  }),
  ...Object.entries(strings).map(([name, row]: [string, Raw & { form: string }]) => {
    return [name, { ...row, kind: 'string', several: row.form === 'names' }] as const
  }),
])

/** Short names that `zfs` takes too, those of its columns (but for names that are the same in both). */
const shortNames: Readonly<Record<string, string>> = {
  avail: 'available',
  case: 'casesensitivity',
  compress: 'compression',
  dnsize: 'dnodesize',
  encroot: 'encryptionroot',
  fscount: 'filesystem_count',
  fslimit: 'filesystem_limit',
  lrefer: 'logicalreferenced',
  lused: 'logicalused',
  ratio: 'compressratio',
  rdonly: 'readonly',
  recsize: 'recordsize',
  redund_md: 'redundant_metadata',
  refer: 'referenced',
  refratio: 'refcompressratio',
  refreserv: 'refreservation',
  reserv: 'reservation',
  resumetok: 'receive_resume_token',
  rsnaps: 'redact_snaps',
  sscount: 'snapshot_count',
  sslimit: 'snapshot_limit',
  usedchild: 'usedbychildren',
  usedds: 'usedbydataset',
  usedrefreserv: 'usedbyrefreservation',
  usedsnap: 'usedbysnapshots',
  volblock: 'volblocksize',
}

/** The whole name of a property that has a short one. */
export function canonicalName(property: string): string {
  return Object.hasOwn(shortNames, property) ? (shortNames[property] as string) : property
}

/** What is known of a property; undefined for user properties, for those with an `@`, and for newer ones. */
export function propertyRow(property: string): PropertyRow | undefined {
  return rows.get(canonicalName(property))
}

/** The names in the table. */
export function propertyNames(): string[] {
  return [...rows.keys()]
}

/** Whether `property` has the form of a user property: a colon in it, lower case letters, digits and `- . : _`. */
export function isUserProperty(property: string): boolean {
  return typeof property === 'string' && property.includes(':') && /^[a-z0-9:._][a-z0-9:._-]{0,254}$/.test(property)
}
