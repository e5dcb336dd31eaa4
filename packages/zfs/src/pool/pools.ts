import type { PropertyInput } from '../properties/types.ts'
import type { CreatePoolOptions } from './create.ts'
import type { SplitPoolOptions, VdevName } from './devices.ts'
import type { PoolEvent, PoolEventsOptions } from './events.ts'
import type { PoolHistoryEntry, PoolHistoryOptions } from './history.ts'
import type { DeviceSearch, ImportPoolOptions } from './import.ts'
import type { ImportablePool } from './importable.ts'
import type { IostatOptions, PoolIostat } from './iostat.ts'
import type { ListPoolsOptions, Pool } from './list.ts'
import type { PoolStatus } from './status.ts'
import type { VdevLayout } from './vdevs.ts'
import type { InitializePoolOptions, ScrubPoolOptions, TrimPoolOptions } from './work.ts'

export type { CreatePoolOptions } from './create.ts'
export type { SplitPoolOptions, VdevName } from './devices.ts'
export type { PoolEvent, PoolEventsOptions } from './events.ts'
export type { PoolHistoryEntry, PoolHistoryOptions } from './history.ts'
export type { DeviceSearch, ImportPoolOptions } from './import.ts'
export type { ImportablePool } from './importable.ts'
export type { IostatOptions, PoolIostat } from './iostat.ts'
export type { ListPoolsOptions, Pool, PoolState } from './list.ts'
export type { PoolProperty, PoolPropertyValue } from './properties.ts'
export type { PoolRemoval, PoolScan, PoolStatus, Vdev, VdevClass, VdevWork } from './status.ts'
export type { VdevLayout, VdevSpec } from './vdevs.ts'
export type { InitializePoolOptions, ScrubPoolOptions, TrimPoolOptions } from './work.ts'

export interface ForceOptions {
  readonly force?: boolean
}
export interface ResilverOptions extends ForceOptions {
  /** Rebuild one behind the other instead of by walking the tree: faster, without verifying (mirrors, draid). */
  readonly sequential?: boolean
}

/**
 * What `zpool` does and libzfs_core does not. All but create and import throw PoolNotFound; what changes something is
 * root's (PermissionDenied) and throws ReadOnlyPool. A vdev is named by its path, by its name in `status`, or by its guid.
 * Checkpoints, `reopen`, `sync`, `wait` and others are libzfs_core's: they are on the ZFS itself.
 */
export interface PoolCommands {
  /** The pools that are imported, by name. */
  list(options?: ListPoolsOptions): Pool[]
  get(name: string, properties: readonly string[]): Pool
  /** Throws PropertyInvalid. */
  set(name: string, properties: Readonly<Record<string, PropertyInput>>): void
  /** Devices, errors, scrubs, as a tree. OpenZFS 2.3, else CallNotSupported: what is older prints it for people only. */
  status(name: string): PoolStatus
  /**
   * Throws PoolExists, NameInvalid, DeviceNameInvalid, DeviceNotFound, DeviceInUse, DeviceTooSmall, VdevLayoutInvalid,
   * PropertyInvalid.
   */
  create(name: string, options?: CreatePoolOptions): void
  /** With everything in it. Throws DatasetBusy when a filesystem is in use and `force` is not given. */
  destroy(name: string, options?: ForceOptions): void
  /**
   * Pools on devices that are not imported, read from the devices' labels. By default all disks are looked at, on Linux;
   * elsewhere say where. Throws PermissionDenied when none of them may be read.
   */
  importable(search?: DeviceSearch): ImportablePool[]
  /** By name, or guid where names are not unique. Throws PoolNotFound, PoolExists, PoolForeign, PoolDevicesMissing. */
  import(pool: string | bigint, options?: ImportPoolOptions): void
  /** Throws DatasetBusy. */
  export(name: string, options?: ForceOptions): void
  /** Throws as `create` does. */
  add(name: string, vdevs: VdevLayout, options?: ForceOptions): void
  /** A new device beside another; the resilver goes on in the background. */
  attach(name: string, vdev: VdevName, device: string, options?: ResilverOptions): void
  /** Throws VdevNotFound, VdevNotSupported (not in a mirror), VdevNeeded. */
  detach(name: string, vdev: VdevName): void
  /** By another device, or by a new one at the same path; the resilver goes on in the background. */
  replace(name: string, vdev: VdevName, device?: string, options?: ResilverOptions): void
  /** What is on them is moved in the background: `zfs.wait(name, 'remove')`. Throws VdevNotFound, NoSpace. */
  remove(name: string, vdevs: readonly VdevName[]): void
  /** Throws VdevIdle when none is being removed. */
  cancelRemove(name: string): void
  /** A device of each mirror becomes the pool `newName`, which is exported. Throws VdevLayoutInvalid, PoolExists. */
  split(name: string, newName: string, options?: SplitPoolOptions): void
  /** `expand`: use what the device has grown by. */
  online(name: string, vdev: VdevName, options?: { readonly expand?: boolean }): void
  /** `temporary`: until the next import. Throws VdevNeeded when no other device has its data. */
  offline(name: string, vdev: VdevName, options?: { readonly temporary?: boolean }): void
  /** Forgets counted errors and tries failed devices again; of one vdev, or of all. */
  clear(name: string, vdev?: VdevName): void
  /** Enables all features. Older versions of ZFS may then be unable to import the pool. */
  upgrade(name: string): void
  /** In the background. Throws PoolBusy while one runs, ScanNotRunning when there is none to pause or stop. */
  scrub(name: string, options?: ScrubPoolOptions): void
  /** In the background. Throws VdevBusy, VdevIdle, VdevNotFound, VdevNotSupported. */
  trim(name: string, options?: TrimPoolOptions): void
  /** Writes to all free space, in the background. Throws as `trim`. */
  initialize(name: string, options?: InitializePoolOptions): void
  /** From the oldest on; with `internal` also what the kernel noted. Root only. */
  history(name: string, options?: PoolHistoryOptions): PoolHistoryEntry[]
}

/** What goes on until the consumer leaves. */
export interface PoolStreams {
  /** A sample each interval; it counts from the moment of asking. */
  iostat(name: string, options?: IostatOptions): AsyncGenerator<PoolIostat, void, void>
  iostatSync(name: string, options?: Omit<IostatOptions, 'signal'>): Generator<PoolIostat, void, void>
  /** What happens to pools, as the kernel tells it. Root only. */
  events(options?: PoolEventsOptions): AsyncGenerator<PoolEvent, void, void>
  eventsSync(options?: Omit<PoolEventsOptions, 'signal'>): Generator<PoolEvent, void, void>
}

/** Each command twice: `list()` returns a promise, `listSync()` blocks. */
export type Pools = {
  readonly [K in keyof PoolCommands]: (...args: Parameters<PoolCommands[K]>) => Promise<ReturnType<PoolCommands[K]>>
} & { readonly [K in keyof PoolCommands as `${K}Sync`]: PoolCommands[K] } & PoolStreams & {
    /** Whether this ZFS has a command of pools. */
    isSupported(command: keyof PoolCommands | 'iostat' | 'events'): boolean
  }
