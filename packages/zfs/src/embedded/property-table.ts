/** How the kernel keeps a property's value: lzc calls take numbers and indices as bigint. */
export type Kind = 'number' | 'index' | 'string'

export interface PropertyRule {
  readonly kind: Kind
  /** The value where nobody set one; undefined when there is none. */
  readonly initial?: string
  /** Words and the kernel's numbers for them. */
  readonly words?: Readonly<Record<string, number>>
  /** Not handed down to children. */
  readonly own?: true
  /** May be given when the dataset is created, and never after. */
  readonly once?: true
  /** Of volumes only, or of filesystems only; without it, of both. */
  readonly of?: 'filesystem' | 'volume'
}

const onOff = { off: 0, on: 1 } as const

const flag = (initial: 'on' | 'off', more: Partial<PropertyRule> = {}): PropertyRule => {
  return { kind: 'index', initial, words: onOff, of: 'filesystem', ...more }
}
const index = (initial: string, words: Readonly<Record<string, number>>, more: Partial<PropertyRule> = {}) => {
  return { kind: 'index', initial, words, ...more } as const satisfies PropertyRule
}
const size = (initial: string, more: Partial<PropertyRule> = {}): PropertyRule => {
  return { kind: 'number', initial, own: true, ...more }
}
const numbered = (prefix: string, count: number, first: (level: number) => number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n + 1}`, first(n + 1)]))

const fsOnly = { of: 'filesystem' } as const
const cache = { none: 0, metadata: 1, all: 2 } as const

/**
 * The properties that may be set, with the values that zfsprops(7) allows. What they would do is not done: the
 * embedded ZFS keeps them, hands them down and reports them.
 */
export const SETTABLE: ReadonlyMap<string, PropertyRule> = new Map<string, PropertyRule>(
  Object.entries({
    aclinherit: index(
      'restricted',
      { discard: 0, noallow: 1, restricted: 4, secure: 4, passthrough: 3, 'passthrough-x': 5 },
      fsOnly,
    ),
    aclmode: index('discard', { discard: 0, groupmask: 2, passthrough: 3, restricted: 4 }, fsOnly),
    acltype: index('off', { off: 0, noacl: 0, posix: 1, posixacl: 1, nfsv4: 2 }, fsOnly),
    atime: flag('on'),
    canmount: flag('on', { words: { off: 0, on: 1, noauto: 2 }, own: true }),
    casesensitivity: index('sensitive', { sensitive: 0, insensitive: 1, mixed: 2 }, { ...fsOnly, once: true }),
    checksum: index('on', {
      on: 1,
      off: 2,
      fletcher2: 6,
      fletcher4: 7,
      sha256: 8,
      noparity: 10,
      sha512: 11,
      skein: 12,
      edonr: 13,
      blake3: 14,
    }),
    compression: index('on', {
      on: 1,
      off: 2,
      lzjb: 3,
      gzip: 10,
      ...numbered('gzip-', 9, (level) => 4 + level),
      zle: 14,
      lz4: 15,
      zstd: 16,
      // The level is kept above the algorithm's seven bits.
      ...numbered('zstd-', 19, (level) => 16 + (level << 7)),
    }),
    copies: index('1', { 1: 1, 2: 2, 3: 3 }),
    dedup: index('off', { on: 1, off: 2, sha256: 8, sha512: 11, skein: 12, blake3: 14 }),
    devices: flag('on'),
    dnodesize: index(
      'legacy',
      { legacy: 0, auto: 1, '1k': 1024, '2k': 2048, '4k': 4096, '8k': 8192, '16k': 16384 },
      fsOnly,
    ),
    exec: flag('on'),
    filesystem_limit: size('none', fsOnly),
    logbias: index('latency', { latency: 0, throughput: 1 }),
    mountpoint: { kind: 'string', of: 'filesystem' },
    nbmand: flag('off'),
    overlay: flag('on'),
    primarycache: index('all', cache),
    quota: size('0', fsOnly),
    readonly: flag('off', { of: undefined }),
    recordsize: size('131072', { of: 'filesystem', own: undefined }),
    redundant_metadata: index('all', { all: 0, most: 1, some: 2, none: 3 }),
    refquota: size('0', fsOnly),
    refreservation: size('0'),
    relatime: flag('on'),
    reservation: size('0'),
    secondarycache: index('all', cache),
    setuid: flag('on'),
    sharenfs: { kind: 'string', initial: 'off', of: 'filesystem' },
    sharesmb: { kind: 'string', initial: 'off', of: 'filesystem' },
    snapdev: index('hidden', { hidden: 0, visible: 1 }),
    snapdir: index('hidden', { hidden: 0, visible: 1, disabled: 2 }, fsOnly),
    snapshot_limit: size('none'),
    special_small_blocks: size('0', { own: undefined }),
    sync: index('standard', { standard: 0, always: 1, disabled: 2 }),
    utf8only: flag('off', { once: true }),
    volblocksize: size('16384', { of: 'volume', once: true }),
    volmode: index('default', { default: 0, full: 1, geom: 1, dev: 2, none: 3 }),
    volsize: size('0', { of: 'volume' }),
    vscan: flag('off'),
    xattr: index('sa', { off: 0, on: 2, dir: 1, sa: 2 }, fsOnly),
    zoned: flag('off'),
  }),
)

/** Properties that are computed; nobody can set them. */
export const READ_ONLY: ReadonlySet<string> = new Set(
  (
    'available clones compressratio createtxg creation defer_destroy encryption encryptionroot guid ' +
    'keystatus logicalreferenced logicalused mounted name objsetid origin receive_resume_token refcompressratio ' +
    'referenced snapshots_changed type used usedbychildren usedbydataset usedbyrefreservation usedbysnapshots ' +
    'userrefs written'
  ).split(' '),
)

/** Other names of properties: `zfs` takes the short ones, and FreeBSD calls `zoned` jailed. */
const ALIASES: Readonly<Record<string, string>> = {
  avail: 'available',
  compress: 'compression',
  jailed: 'zoned',
  ratio: 'compressratio',
  rdonly: 'readonly',
  recsize: 'recordsize',
  refer: 'referenced',
  refquota: 'refquota',
  refreserv: 'refreservation',
  reserv: 'reservation',
  volblock: 'volblocksize',
}

/** The name under which a property is kept. */
export function canonical(property: string): string {
  return Object.hasOwn(ALIASES, property) ? (ALIASES[property] as string) : property
}

/** Whether `property` has the form of a user property: a colon in it, lower case letters, digits and `- . : _`. */
export function isUserProperty(property: string): boolean {
  return property.includes(':') && /^[a-z0-9:._][a-z0-9:._-]{0,254}$/.test(property)
}
