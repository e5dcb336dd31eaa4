import type { BookmarkCalls } from './calls/bookmarks.ts'
import type { DelegationCalls } from './calls/delegation.ts'
import type { KeyCalls } from './calls/keys.ts'
import type { PoolCalls, ProgramCalls, VdevCalls, WaitCalls } from './calls/pools.ts'
import type { ReceiveCalls, SendCalls } from './calls/streams.ts'
import type { UsageCalls } from './calls/usage.ts'
import type { NvInput, NvList } from './nvlist/types.ts'
import type { Pools } from './pool/pools.ts'
import type { PropertyInput, PropertyValue, ValueOf } from './properties/types.ts'

export type * from './calls/bookmarks.ts'
export type * from './calls/delegation.ts'
export type * from './calls/keys.ts'
export type * from './calls/pools.ts'
export type * from './calls/streams.ts'
export type * from './calls/usage.ts'
export type * from './pool/pools.ts'

/** What a dataset can be, as `zfs list -t` names it. */
export type DatasetType = 'filesystem' | 'volume' | 'snapshot' | 'bookmark'

/** A property's value, by its name: a bigint, a word, a boolean, a Date …; and where it came from. */
export interface Property<V = PropertyValue> {
  /** null: not set, or nothing that this dataset has. */
  readonly value: V
  /** `local`, `default`, `received`, `temporary`, `none` (read-only), or `inherited` with `from`. */
  readonly source: 'local' | 'default' | 'received' | 'temporary' | 'none' | 'inherited'
  readonly from?: string
}

/** The properties named P of a dataset of the type T: typed one by one where the names are known to the compiler. */
export type Properties<P extends string, T extends DatasetType> = string extends P
  ? Readonly<Record<string, Property>>
  : 'all' extends P
    ? Readonly<Record<string, Property>>
    : { readonly [K in P]: Property<ValueOf<K, T>> }

/** A dataset with the properties that were asked for. `type` narrows what they can be. */
export type Dataset<P extends string = string, T extends DatasetType = DatasetType> = T extends DatasetType
  ? { readonly name: string; readonly type: T; readonly properties: Properties<P, T> }
  : never

export interface ListOptions<P extends string = string, T extends DatasetType = DatasetType> {
  /** Start at this dataset; without it, every pool is listed. */
  readonly root?: string
  /** How many levels below the root: 0 the root alone, 1 its children too. Without it, all. */
  readonly depth?: number
  /** Default: filesystems and volumes. */
  readonly types?: readonly T[]
  /** Names of the properties to read, `all` for every one; default none. */
  readonly properties?: readonly P[]
  readonly signal?: AbortSignal
}

export interface SignalOption {
  readonly signal?: AbortSignal
}

/**
 * libzfs_core, one to one (names without `lzc_`, in camel case).
 * Errors follow pyzfs: `FilesystemNotFound`, `SnapshotIsCloned`, `SnapshotFailure` with `errors` …
 * Properties are native values (a bigint for numbers and words) or what stands for them: `10G`, `lz4`, true.
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
  /** A volume (`zvol`, with `volsize`) reserves nothing: `set(name, { refreservation: 'auto' })` does. Nothing is mounted. */
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

export interface NamesOptions {
  /** How many levels below the root; default: all. */
  readonly depth?: number
  /** Default: both. */
  readonly types?: readonly ('filesystem' | 'volume')[]
}

/** What libzfs_core lacks and every user of datasets needs. */
export interface ZfsCalls extends DelegationCalls, UsageCalls {
  list(options?: ListOptions): Dataset[]
  /**
   * The names of a filesystem or volume and of all below it, by name: the fastest way to know what there is.
   * Throws FilesystemNotFound, PropertyInvalid.
   */
  names(root: string, options?: NamesOptions): string[]
  /** One dataset with the named properties. Throws DatasetNotFound. */
  get(name: string, properties: readonly string[]): Dataset
  /** Sets properties as `zfs set` does, remounting where that is needed. Throws PropertyInvalid. */
  set(name: string, properties: Readonly<Record<string, PropertyInput>>): void
  /** Clears a local value, as `zfs inherit` does. */
  inherit(name: string, property: string): void
  /**
   * Throws away what an interrupted, resumable receive has kept; a filesystem that is nothing else goes with it. Nothing
   * happens when there is none. Throws FilesystemNotFound, PermissionDenied.
   */
  abortReceive(name: string): void
  /** Mounts at the `mountpoint` property; nothing happens when it is mounted already. */
  mount(name: string): void
  /** Nothing happens when it is not mounted. */
  unmount(name: string, options?: { force?: boolean }): void
}

/** The calls that read, whose results have the types of the properties that are asked for. */
export interface TypedReads {
  list<const P extends string = never, const T extends DatasetType = 'filesystem' | 'volume'>(
    options?: ListOptions<P, T>,
  ): Promise<Dataset<P, T>[]>
  listSync<const P extends string = never, const T extends DatasetType = 'filesystem' | 'volume'>(
    options?: ListOptions<P, T>,
  ): Dataset<P, T>[]
  /**
   * What `list` gives, one after the other: memory stays small, and what the consumer leaves is not read. User properties,
   * mountpoints and shares may hold line breaks: with them among the properties the answer is read as a whole.
   */
  iterate<const P extends string = never, const T extends DatasetType = 'filesystem' | 'volume'>(
    options?: ListOptions<P, T>,
  ): AsyncGenerator<Dataset<P, T>, void, void>
  get<const P extends string>(name: string, properties: readonly P[]): Promise<Dataset<P>>
  getSync<const P extends string>(name: string, properties: readonly P[]): Dataset<P>
}

/** ZFS as the rest of Gaoler sees it: real (OpenZFS) or embedded (datasets as directories). */
export type Zfs = Lzc &
  TypedReads & {
    readonly [K in Exclude<keyof ZfsCalls, 'list' | 'get'>]: (
      ...args: Parameters<ZfsCalls[K]>
    ) => Promise<ReturnType<ZfsCalls[K]>>
  } & { readonly [K in Exclude<keyof ZfsCalls, 'list' | 'get'> as `${K}Sync`]: ZfsCalls[K] } & {
    readonly kind: 'openzfs' | 'embedded'
    /** What is done to pools and their devices. */
    readonly pools: Pools
    /**
     * Whether this ZFS has a call: the library that is installed may be older, and the embedded ZFS has not all.
     * A kernel module that is older than its library is noticed by the call itself (CallNotSupported). Loads the library.
     */
    isSupported(call: keyof LzcCalls | keyof ZfsCalls): boolean
  }

export type { NvInput, NvList }
