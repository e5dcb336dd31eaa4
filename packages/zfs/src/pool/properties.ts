/** What a property of a pool can be. null: not set. */
export type PoolPropertyValue = bigint | boolean | number | string | null

/** A property of a pool, typed by zpoolprops(7). */
export interface PoolProperty {
  /** bigint for sizes (bytes), counts and guids; boolean for on and off; number for ratios and percent; else the text. */
  readonly value: PoolPropertyValue
  /** As `zpool get -p` prints it. */
  readonly text: string
  readonly source: 'local' | 'default' | 'none'
}

const whole: ReadonlySet<string> = new Set([
  'allocated',
  'ashift',
  'bclonesaved',
  'bcloneused',
  'checkpoint',
  'dedup_table_size',
  'expandsize',
  'free',
  'freeing',
  'guid',
  'last_scrubbed_txg',
  'leaked',
  'load_guid',
  'maxblocksize',
  'maxdnodesize',
  'size',
  'version',
])
/** Percent and ratios. */
const small: ReadonlySet<string> = new Set(['bcloneratio', 'capacity', 'dedupratio', 'fragmentation'])
const flags: ReadonlySet<string> = new Set([
  'autoexpand',
  'autoreplace',
  'autotrim',
  'delegation',
  'listsnapshots',
  'multihost',
  'readonly',
])

/** Short names that `zpool` takes too, those of its columns. */
const shortNames: Readonly<Record<string, string>> = {
  alloc: 'allocated',
  cap: 'capacity',
  ckpoint: 'checkpoint',
  dedup: 'dedupratio',
  expand: 'autoexpand',
  expandsz: 'expandsize',
  frag: 'fragmentation',
  listsnaps: 'listsnapshots',
  rdonly: 'readonly',
  replace: 'autoreplace',
}

/** The whole name of a property that has a short one. */
export function wholeName(property: string): string {
  return Object.hasOwn(shortNames, property) ? (shortNames[property] as string) : property
}

/** A property from its text. A text that does not fit the table stays one: newer versions may have other words. */
export function poolProperty(name: string, text: string, source: string): PoolProperty {
  const from = source === 'local' || source === 'default' ? source : 'none'
  return { value: typedValue(name, text), text, source: from }
}

function typedValue(name: string, text: string): PoolPropertyValue {
  if (text === '-') return null
  if (whole.has(name) && /^\d+$/.test(text)) return BigInt(text)
  if (small.has(name) && /^\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (flags.has(name) && (text === 'on' || text === 'off')) return text === 'on'
  return text
}
