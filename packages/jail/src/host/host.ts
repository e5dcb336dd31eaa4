import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  type Body,
  type EventType,
  type Operation,
  type OperationOptions,
  operation,
  type Scope,
  type StepOptions,
} from '@gaoler/core'
import { embeddedZfs, openZfs, type Zfs } from '@gaoler/zfs'
import { embeddedPlatform } from '../platform/embedded/index.ts'
import { linuxPlatform } from '../platform/linux/index.ts'
import type { Platform, PlatformEffects, PlatformName } from '../platform/platform.ts'
import { type ReleaseEffects, releaseEffects } from '../release/effects.ts'
import { type ZfsEffects, zfsEffects } from '../storage/effects.ts'
import { activatePool, RootDatasets } from './datasets.ts'
import { detectPlatform, requirePlatform } from './detect.ts'
import { type FileEffects, fileEffects } from './files.ts'
import { acquireLock } from './lock.ts'

export interface HostOptions {
  /** Default: the real platform where there is one, else embedded (`host.chosenBecause` says why). */
  readonly platform?: PlatformName
  /** The dataset that holds jails and releases; default: `iocage` of the active pool. */
  readonly dataset?: string
  /** Where the embedded platform keeps its datasets and processes; default `$XDG_DATA_HOME/gaoler`. */
  readonly directory?: string
  /** Where running jails and locks are recorded; default /run/gaoler, embedded: below `directory`. */
  readonly runDirectory?: string
}

/** Every effect that an operation of this host can have. */
export type HostEffects = ZfsEffects & FileEffects & ReleaseEffects & PlatformEffects

export type HostScope = Scope<HostEffects>

/** A machine that jails live on: its platform, its ZFS, its root dataset. Opening it changes nothing on a real platform. */
export class Host {
  readonly platform: Platform
  readonly zfs: Zfs
  readonly datasets: RootDatasets
  readonly effects: HostEffects
  readonly runDirectory: string
  /** Why this platform was taken, when none was asked for. */
  readonly chosenBecause: string | null
  /** What opens the same host again, in another thread or process. */
  readonly options: HostOptions

  private constructor(base: HostBase, datasets: RootDatasets) {
    this.platform = base.platform
    this.zfs = base.zfs
    this.datasets = datasets
    this.runDirectory = base.runDirectory
    this.chosenBecause = base.chosenBecause
    this.options = { ...base.options, platform: base.platform.name, dataset: datasets.name }
    this.effects = { ...zfsEffects(base.zfs), ...fileEffects, ...releaseEffects, ...base.platform.effects }
  }

  /**
   * Opens the host. Throws PlatformUnavailable, ZFSInitializationFailed, IocageNotActivated, DatasetNotMounted.
   * The embedded platform makes its own pool when it is opened for the first time.
   */
  static open(options: HostOptions = {}): Host {
    const base = openBase(options)
    return new Host(
      base,
      options.dataset ? RootDatasets.open(base.zfs, options.dataset) : RootDatasets.findActive(base.zfs),
    )
  }

  /** Makes `pool` the active one (no other stays active), creates its root dataset where there is none, and opens it. */
  static activate(pool: string, options: Omit<HostOptions, 'dataset'> = {}): Host {
    const base = openBase(options)
    return new Host(base, activatePool(base.zfs, pool))
  }

  /** The lock of a jail or release: one operation at a time changes it, in all processes. Throws ResourceLocked. */
  lock(dataset: string, purpose: string): Disposable {
    return acquireLock(`${this.runDirectory}/locks/${encodeURIComponent(dataset)}.lock`, { purpose })
  }

  /** Begins an operation with this host's effects. */
  operation<K extends EventType, R>(
    type: K,
    body: Body<HostEffects, R>,
    options: OperationOptions & StepOptions<K> = {},
  ): Operation<R> {
    return operation<K, R, HostEffects>(type, body, { ...options, effects: this.effects })
  }
}

interface HostBase {
  readonly platform: Platform
  readonly zfs: Zfs
  readonly runDirectory: string
  readonly chosenBecause: string | null
  readonly options: HostOptions
}

/** The pool of the embedded ZFS. */
const EMBEDDED_POOL = 'embedded'

function openBase(options: HostOptions): HostBase {
  const detected = options.platform ? null : detectPlatform()
  const name = options.platform ?? detected?.platform ?? 'embedded'
  const chosenBecause = detected?.reason ?? null
  if (name === 'embedded') {
    const directory = options.directory ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'gaoler')
    const runDirectory = options.runDirectory ?? join(directory, 'run')
    const zfs = embeddedZfs({ directory: join(directory, 'zfs') })
    if (!zfs.existsSync(EMBEDDED_POOL)) {
      zfs.createPool(EMBEDDED_POOL)
      activatePool(zfs, EMBEDDED_POOL)
    }
    return {
      platform: embeddedPlatform({ directory: runDirectory }),
      zfs,
      runDirectory,
      chosenBecause,
      options: { ...options, directory },
    }
  }
  requirePlatform(name)
  const runDirectory = options.runDirectory ?? '/run/gaoler'
  return { platform: linuxPlatform({ runDirectory }), zfs: openZfs(), runDirectory, chosenBecause, options }
}
