import { join } from 'node:path'
import { inspect } from 'node:util'
import {
  type Body,
  type Completion,
  type EventType,
  type Logger,
  type Operation,
  type OperationOptions,
  operation,
  type Scope,
  type StepOptions,
  UsageError,
} from '@gaoler/core'
import type { Zfs } from '@gaoler/zfs'
import { DefaultResourceBase } from '../config/default-resource-base.ts'
import { parseIdentifier } from '../jail/identifier.ts'
import { plannedZfs, World } from '../plan/world.ts'
import { withJailNames } from '../platform/jail-names.ts'
import type { Platform, PlatformEffects } from '../platform/platform.ts'
import { refuseUnrecovered } from '../recovery/dead.ts'
import { FileJournal } from '../recovery/journal.ts'
import { recovering } from '../recovery/recovering.ts'
import { type CopyEffects, copyEffects } from '../release/copy-effects.ts'
import { type ReleaseEffects, releaseEffects } from '../release/effects.ts'
import { type ZfsEffects, zfsEffects } from '../storage/effects.ts'
import { type ShareEffects, shareEffects } from '../storage/share-effects.ts'
import { type TreeEffects, treeEffects } from '../storage/tree-effects.ts'
import { Datasets } from './datasets.ts'
import { processor, releaseVersion, userlandVersion } from './facts.ts'
import { type FileEffects, fileEffects } from './files.ts'
import { acquireLock, HostLock } from './lock.ts'
import { type HostOptions, type HostParts, openParts } from './parts.ts'
import { findSources, hasLegacySupport } from './sources.ts'
import { type HostFiles, realFiles } from './view.ts'

/** Every effect that an operation of a host can have. */
export type HostEffects = ZfsEffects &
  TreeEffects &
  ShareEffects &
  FileEffects &
  ReleaseEffects &
  CopyEffects &
  PlatformEffects

export type HostScope = Scope<HostEffects>

/**
 * What both faces of a host share: a machine that jails live on, with its platform, its ZFS, its sources.
 * Opening it changes nothing on a real platform; the embedded one makes its own pool when it is opened for the first time.
 */
export class HostBase {
  readonly platform: Platform
  readonly zfs: Zfs
  /** Whether that was given, and is not what `options` open. */
  readonly zfsGiven: boolean
  readonly datasets: Datasets
  /** What holds for every jail that does not say otherwise. */
  readonly defaults: DefaultResourceBase
  readonly effects: HostEffects
  readonly runDirectory: string
  /** Where the journals of operations are: of those that run, and of those whose process has died. */
  readonly journalDirectory: string
  /** The files that verbs may ask for. */
  readonly files: HostFiles
  /** Of a planned host: what its operations change instead of the machine. */
  readonly world: World | null
  /** Why this platform was taken, when none was asked for. */
  readonly chosenBecause: string | null
  /** The options that it was opened with, completed. */
  readonly opened: HostOptions
  /** Logs every operation that is given no logger of its own. */
  readonly logger: Logger | undefined

  constructor(parts: HostParts, logger?: Logger) {
    this.platform = parts.platform
    this.zfs = parts.zfs
    this.zfsGiven = parts.zfsGiven ?? false
    this.runDirectory = parts.runDirectory
    this.chosenBecause = parts.chosenBecause
    this.journalDirectory = join(parts.stateDirectory, 'journal')
    this.world = parts.world ?? null
    this.files = parts.world?.files ?? realFiles
    this.opened = parts.options
    const { sources } = parts.options
    this.datasets = new Datasets(parts.zfs, () => findSources(parts.zfs, { sources, rcConf: parts.rcConf }))
    this.defaults = new DefaultResourceBase(this)
    this.effects = {
      ...zfsEffects(parts.zfs),
      ...treeEffects(parts.zfs),
      ...shareEffects(parts.zfs, parts.platform),
      ...fileEffects,
      ...releaseEffects,
      ...copyEffects,
      ...withJailNames(parts.platform.effects, (kernelName) => this.#nameOf(kernelName)),
    }
    this.logger = logger
    this.#parts = parts
  }

  readonly #parts: HostParts

  /** Opens the host. Throws PlatformUnavailable, ZFSInitializationFailed. */
  static open<T extends HostBase>(this: new (parts: HostParts) => T, options: HostOptions = {}): T {
    return new this(openParts(options))
  }

  // What console.log shows: all else is functions.
  static {
    const shown = function (this: HostBase): string {
      return `${this.constructor.name} ${inspect({ platform: this.platform.name })}`
    }
    Object.defineProperty(HostBase.prototype, inspect.custom, { value: shown })
  }

  /** The host's own UUID, lower case with dashes. */
  get uuid(): string {
    return this.platform.hostUuid()
  }

  /** As `uname -m` has it. */
  get processor(): string {
    return processor()
  }

  /** The release that the kernel is of, `14.3-RELEASE`. Throws HostReleaseUnknown where that is no FreeBSD. */
  get releaseVersion(): string {
    return releaseVersion()
  }

  /** The version of the userland as a number, 14.3. Throws HostUserlandVersionUnknown where that is no FreeBSD. */
  get userlandVersion(): number {
    return userlandVersion()
  }

  /** Whether `ioc_legacy_support` of rc.conf asks for base datasets, which basejails of the type zfs need. Throws InvalidRcConf. */
  get legacySupport(): boolean {
    return hasLegacySupport(this.#parts.rcConf)
  }

  /** What opens the same host again with the same sources, in another thread or process. */
  get options(): HostOptions {
    return this.datasets.size === 0 ? this.opened : { ...this.opened, sources: this.datasets.toSources() }
  }

  /** The same host seen through another ZFS, or with a logger for all its operations. */
  with({ zfs, logger }: { readonly zfs?: Zfs; readonly logger?: Logger }): HostBase {
    if ((zfs === undefined || zfs === this.zfs) && logger === undefined) return this
    const options = this.options
    const zfsGiven = this.zfsGiven || (zfs !== undefined && zfs !== this.zfs)
    return new HostBase({ ...this.#parts, zfs: zfs ?? this.zfs, zfsGiven, options }, logger ?? this.logger)
  }

  /**
   * The same host for operations that change nothing: what they plan is seen by the queries of this host and by the
   * operations that are planned after them. It takes no locks.
   */
  planned(): HostBase {
    if (this.world) return this
    const world = new World(this.zfs, this.platform, this.files)
    const platform = { ...this.platform, findJail: (name: string) => world.findJail(name) }
    const zfs = plannedZfs(this.zfs, world)
    return new HostBase({ ...this.#parts, options: this.options, zfs, platform, world }, this.logger)
  }

  /**
   * The lock of a jail or release: one operation at a time changes it, in all processes. Throws ResourceLocked, and
   * RecoveryNeeded when a process has died while it held the lock; operations of this host then recover first.
   * With `shared` any number may have it at once, who only need that nobody changes it.
   */
  lock(dataset: string, purpose: string, { shared }: { readonly shared?: boolean } = {}): Disposable {
    if (this.world) return { [Symbol.dispose]() {} }
    const lock = new HostLock(dataset, acquireLock(this.lockPath(dataset), { purpose, shared, resource: dataset }))
    try {
      refuseUnrecovered(this.journalDirectory, dataset)
      return lock
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  }

  /** As `fullName` of the jail that has this identifier; what is no identifier stays. */
  #nameOf(kernelName: string): string {
    const { source, name } = parseIdentifier(kernelName) ?? { source: null, name: kernelName }
    return source !== null && this.datasets.size > 1 ? `${source}/${name}` : name
  }

  /** The key with which journals keep environments. */
  get sealFile(): string {
    return join(this.runDirectory, 'seal')
  }

  lockPath(dataset: string): string {
    return `${this.runDirectory}/locks/${encodeURIComponent(dataset)}.lock`
  }

  /** Begins an operation with this host's effects; on a planned host it is planned. */
  operation<K extends EventType, R>(
    type: K,
    body: Body<HostEffects, R>,
    options: OperationOptions & StepOptions<K> & { readonly completion?: () => Completion | null } = {},
  ): Operation<R> {
    const { effects, world } = this
    if (options.plan && !world) {
      throw new UsageError(`${type}: a plan needs a planned host; begin it with host.planned().operation()`)
    }
    const logger = options.logger ?? this.logger
    const { identifier = null } = options
    const journal = world ? undefined : () => new FileJournal(this.journalDirectory, { type, identifier })
    const init = { ...options, logger, effects, world, plan: world !== null, journal }
    return operation<K, R, HostEffects>(type, world ? body : recovering(this, body), init)
  }
}
