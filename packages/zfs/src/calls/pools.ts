import type { NvInput, NvList, NvValue } from '../nvlist/types.ts'

/** What a pool may be waited for; `raidz_expand` since OpenZFS 2.3. */
export type PoolActivity =
  | 'checkpoint_discard'
  | 'free'
  | 'initialize'
  | 'replace'
  | 'remove'
  | 'resilver'
  | 'scrub'
  | 'trim'
  | 'raidz_expand'

/** What initialising a vdev may be told; `uninit` forgets what was initialised. */
export type InitializeCommand = 'start' | 'cancel' | 'suspend' | 'uninit'
export type TrimCommand = 'start' | 'cancel' | 'suspend'

export interface ScrubOptions {
  /** `none` ends what is running; `errorscrub` reads only what had errors. Default `scrub`. */
  readonly type?: 'none' | 'scrub' | 'resilver' | 'errorscrub'
  /** `from_last_txg` (OpenZFS 2.3): only what was written since the last scrub. Default `normal`. */
  readonly command?: 'normal' | 'pause' | 'from_last_txg'
}

/** Pools as wholes. All throw PoolNotFound; those that change something are root's. */
export interface PoolCalls {
  /** Waits until what was written is on disk; `force` makes a transaction group even when nothing changed. */
  sync(pool: string, options?: { force?: boolean }): void
  /** Throws CheckpointExists, CheckpointDiscarding, DeviceRemovalRunning, DeviceTooBig, RaidzExpansionRunning. */
  poolCheckpoint(pool: string): void
  /** Throws CheckpointNotFound, CheckpointDiscarding. It goes on in the background: `wait(pool, 'checkpoint_discard')`. */
  poolCheckpointDiscard(pool: string): void
  /** Opens all devices anew; `restart` (default true) begins a running scrub from its start. */
  reopen(pool: string, options?: { restart?: boolean }): void
  /** The pool's properties: native values with the number of their source. OpenZFS 2.3. */
  getProps(pool: string): NvList
  /**
   * Starts, pauses or goes on with a scrub in the background. OpenZFS 2.2. Throws DatasetBusy while one is running,
   * VdevIdle when there is none to pause or end.
   */
  scrub(pool: string, options?: ScrubOptions): void
  /** Reads the table of deduplication (`ddt`) or block references (`brt`, OpenZFS 2.4) into memory. OpenZFS 2.3. */
  poolPrefetch(pool: string, type: 'ddt' | 'brt'): void
  /** Drops unique entries of deduplication: older than `amount` seconds, or that part (percent). OpenZFS 2.3. */
  ddtPrune(pool: string, unit: 'age' | 'percentage', amount: bigint | number): void
  /** Writes what the boot loader reads. `version` is needed: 0n (raw) or 1n (pairs). Throws PropertyInvalid. */
  setBootenv(pool: string, environment: NvInput): void
  getBootenv(pool: string): NvList
}

/** Waiting. The promise form does not hold up other calls. True when there was something to wait for. */
export interface WaitCalls {
  wait(pool: string, activity: PoolActivity): boolean
  /** For what goes on in one vdev: `tag` is its guid, for `initialize` and `trim`. */
  waitTag(pool: string, activity: PoolActivity, tag: bigint | number): boolean
  /** `deleteq`: until the files that were deleted are gone from the filesystem, which must be mounted. */
  waitFs(name: string, activity: 'deleteq'): boolean
}

/** Devices, each by its guid (`zpool status -g`). Root only, but for getVdevProp. */
export interface VdevCalls {
  /**
   * Writes a pattern over free space. Throws InitializeFailure of VdevNotFound, VdevNotLeaf, VdevBusy, VdevIdle,
   * VdevReadOnly, one for each vdev that failed. `value`: the pattern; a later OpenZFS than 2.4.
   */
  initialize(
    pool: string,
    command: InitializeCommand,
    vdevs: readonly bigint[],
    options?: { value?: bigint | number },
  ): void
  /**
   * Tells devices what is free. `rate` in bytes a second, default 0: as fast as they can. Throws TrimFailure of
   * VdevNotFound, VdevNotLeaf, VdevNotSupported, VdevBusy, VdevIdle, VdevReadOnly.
   */
  trim(
    pool: string,
    command: TrimCommand,
    vdevs: readonly bigint[],
    options?: { rate?: bigint | number; secure?: boolean },
  ): void
  /** Properties of a vdev: those that are set, or the named ones. Each is a list with `value` and `source`. OpenZFS 2.2. */
  getVdevProp(pool: string, vdev: bigint, properties?: readonly string[]): NvList
  /** Native values. OpenZFS 2.2. Throws VdevNotFound, PropertyInvalid. */
  setVdevProp(pool: string, vdev: bigint, props: NvInput): void
}

export interface ChannelProgramOptions {
  /**
   * Given to the program as `(...)["argv"]`: strings, booleans, integers (signed, 64 bits, all that Lua has there),
   * arrays of one of them, and objects or Maps of such values.
   */
  readonly params?: unknown
  /** Lua instructions; default 10,000,000. */
  readonly instructionLimit?: bigint | number
  /** Bytes; default 10 MiB. */
  readonly memoryLimit?: bigint | number
}

/**
 * Channel programs: Lua that the kernel runs (zfs-program(8)). Root only. The result is what the program returns;
 * undefined when that is nothing. Numbers are bigints, tables Maps. Throws ZCPSyntaxError and ZCPRuntimeError with
 * Lua's words in `details.message`, ZCPTimeout, ZCPSpaceError, ZCPMemoryError, ZCPLimitInvalid, ZCPPermissionError.
 */
export interface ProgramCalls {
  /** As one transaction: all that the program does, or nothing. The pool's other changes wait for it. */
  channelProgram(pool: string, program: string, options?: ChannelProgramOptions): NvValue | undefined
  /** For programs that only read: at once, and zfs.sync is refused. */
  channelProgramNosync(pool: string, program: string, options?: ChannelProgramOptions): NvValue | undefined
}
