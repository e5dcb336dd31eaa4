import type { BookmarkCalls } from './calls/bookmarks.ts'
import type { DelegationCalls } from './calls/delegation.ts'
import type { KeyCalls } from './calls/keys.ts'
import type { PoolCalls, ProgramCalls, VdevCalls, WaitCalls } from './calls/pools.ts'
import type { ReceiveCalls, SendCalls } from './calls/streams.ts'
import type { UsageCalls } from './calls/usage.ts'
import type { NvInput, NvList } from './nvlist/types.ts'

export type * from './calls/bookmarks.ts'
export type * from './calls/delegation.ts'
export type * from './calls/keys.ts'
export type * from './calls/pools.ts'
export type * from './calls/streams.ts'
export type * from './calls/usage.ts'

/** What a dataset can be, as `zfs list -t` names it. */
export type DatasetType = 'filesystem' | 'volume' | 'snapshot' | 'bookmark'

/** A property's value and where it came from, as `zfs get` reports them (values parsable, as with `-p`). */
export interface Property {
  readonly value: string
  /** `local`, `default`, `received`, `temporary`, `none` (read-only), or `inherited` with `from`. */
  readonly source: 'local' | 'default' | 'received' | 'temporary' | 'none' | 'inherited'
  readonly from?: string
}

export interface Dataset {
  readonly name: string
  readonly type: DatasetType
  readonly properties: Readonly<Record<string, Property>>
}

export interface ListOptions {
  /** Start at this dataset; without it, every pool is listed. */
  readonly root?: string
  /** How many levels below the root: 0 the root alone, 1 its children too. Without it, all. */
  readonly depth?: number
  /** Default: filesystems and volumes. */
  readonly types?: readonly DatasetType[]
  /** Names of the properties to read; default none. */
  readonly properties?: readonly string[]
  readonly signal?: AbortSignal
}

export interface SignalOption {
  readonly signal?: AbortSignal
}

/**
 * libzfs_core, one to one (names without `lzc_`, in camel case).
 * Errors follow pyzfs: `FilesystemNotFound`, `SnapshotIsCloned`, `SnapshotFailure` with `errors` …
 * Property values are native: a bigint for numbers, a string only for string and user properties.
 */
export interface LzcCalls
  extends BookmarkCalls,
    SendCalls,
    ReceiveCalls,
    KeyCalls,
    PoolCalls,
    WaitCalls,
    VdevCalls,
    ProgramCalls {
  create(name: string, options?: { type?: 'zfs' | 'zvol'; props?: NvInput; key?: Uint8Array }): void
  clone(name: string, origin: string, options?: { props?: NvInput }): void
  /** All or nothing, in one transaction group; every name must be of one pool. */
  snapshot(names: readonly string[], options?: { props?: Readonly<Record<string, string>> }): void
  /** A filesystem or volume, not mounted, without children and snapshots; else DatasetBusy. */
  destroy(name: string): void
  /** Missing snapshots are ignored; without `defer` a cloned or held one fails the call. */
  destroySnaps(names: readonly string[], options?: { defer?: boolean }): void
  /** Of a filesystem, volume or snapshot. False for names that are not valid, and for bookmarks: C cannot tell. */
  exists(name: string): boolean
  /** Also of a snapshot, within its filesystem. What is mounted stays where it is until it is unmounted. */
  rename(from: string, to: string): void
  /** Throws SnapshotExists, which names the clone's own snapshot, when a name would be taken twice. */
  promote(name: string): void
  /** `{ 'tank/a@x': 'tag' }`; returns the names of the snapshots that do not exist. */
  hold(holds: Readonly<Record<string, string>>, options?: { cleanupFd?: number }): string[]
  /** `{ 'tank/a@x': ['tag'] }`; returns what does not exist, as `snapshot` or `snapshot#tag`. */
  release(holds: Readonly<Record<string, readonly string[]>>): string[]
  /** Tag to time of creation, in seconds since 1970. */
  getHolds(snapshot: string): Record<string, bigint>
}

/** Each call twice: `snapshot()` returns a promise, `snapshotSync()` blocks. */
export type Lzc = {
  readonly [K in keyof LzcCalls]: (...args: Parameters<LzcCalls[K]>) => Promise<ReturnType<LzcCalls[K]>>
} & { readonly [K in keyof LzcCalls as `${K}Sync`]: LzcCalls[K] }

/** What libzfs_core lacks and every user of datasets needs. */
export interface ZfsCalls extends DelegationCalls, UsageCalls {
  list(options?: ListOptions): Dataset[]
  /** One dataset with the named properties. Throws DatasetNotFound. */
  get(name: string, properties: readonly string[]): Dataset
  /** Sets properties as `zfs set` does, remounting where that is needed. */
  set(name: string, properties: Readonly<Record<string, string>>): void
  /** Clears a local value, as `zfs inherit` does. */
  inherit(name: string, property: string): void
  /** Mounts at the `mountpoint` property; nothing happens when it is mounted already. */
  mount(name: string): void
  /** Nothing happens when it is not mounted. */
  unmount(name: string, options?: { force?: boolean }): void
}

/** ZFS as the rest of Gaoler sees it: real (OpenZFS) or embedded (datasets as directories). */
export type Zfs = Lzc & {
  readonly [K in keyof ZfsCalls]: (...args: Parameters<ZfsCalls[K]>) => Promise<ReturnType<ZfsCalls[K]>>
} & { readonly [K in keyof ZfsCalls as `${K}Sync`]: ZfsCalls[K] } & {
  readonly kind: 'openzfs' | 'embedded'
  /**
   * Whether this ZFS has a call: the library that is installed may be older, and the embedded ZFS has not all.
   * A kernel module that is older than its library is noticed by the call itself (CallNotSupported). Loads the library.
   */
  isSupported(call: keyof LzcCalls | keyof ZfsCalls): boolean
}

export type { NvInput, NvList }
