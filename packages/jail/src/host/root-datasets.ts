import type { Zfs } from '@gaoler/zfs'
import { DatasetNotMounted, IocageNotActivated, ZFSSourceMountpoint } from './errors.ts'

/** Where jails and releases of one source live: the tree of libioc and iocage below one root dataset. */
export class RootDatasets {
  /** Name of the root dataset: `tank/iocage`. */
  readonly root: string
  readonly #zfs: Zfs
  #mountpoint: string | undefined

  constructor(zfs: Zfs, root: string) {
    this.#zfs = zfs
    this.root = root
  }

  get releases(): string {
    return `${this.root}/releases`
  }

  /** The datasets that jails of the type `zfs` are cloned from, a folder for each release. */
  get base(): string {
    return `${this.root}/base`
  }

  get jails(): string {
    return `${this.root}/jails`
  }

  /** Mirrors of packages, one for each major version. */
  get pkg(): string {
    return `${this.root}/pkg`
  }

  /** The pool: the first component of the name. */
  get pool(): string {
    return this.root.split('/', 1)[0] as string
  }

  /**
   * The root's directory, below which all others are mounted by their names; looked up once.
   * Throws IocageNotActivated when there is no such dataset, ZFSSourceMountpoint, DatasetNotMounted.
   */
  get mountpoint(): string {
    this.#mountpoint ??= this.#findMountpoint()
    return this.#mountpoint
  }

  /** The directory of a dataset below the root. */
  path(dataset: string): string {
    return this.mountpoint + dataset.slice(this.root.length)
  }

  /** Whether `dataset` is the root or below it. */
  has(dataset: string): boolean {
    return dataset === this.root || dataset.startsWith(`${this.root}/`)
  }

  #findMountpoint(): string {
    const { root } = this
    if (!this.#zfs.existsSync(root)) throw new IocageNotActivated({ dataset: root })
    const { mountpoint, mounted } = this.#zfs.getSync(root, ['mountpoint', 'mounted']).properties
    if (!mountpoint.value?.startsWith('/')) throw new ZFSSourceMountpoint({ dataset: root })
    if (!mounted.value) throw new DatasetNotMounted({ dataset: root, mountpoint: mountpoint.value })
    return mountpoint.value
  }
}
