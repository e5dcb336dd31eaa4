import type { SyncOptions } from '@gaoler/core/sync'
import { Distribution } from '../distribution/distribution.ts'
import { childrenOfSync, foldersOf } from '../jail/children.ts'
import { Release } from './release.ts'
import { ReleasesBase } from './releases-base.ts'

/** The releases that this host has, for scripts; what a mirror has says `Distribution`. */
export class Releases extends ReleasesBase implements Iterable<Release> {
  *[Symbol.iterator](): Generator<Release, void, void> {
    for (const { source, dataset } of foldersOf(this.host, this.filters, 'releases')) {
      for (const name of this.names(source, childrenOfSync(this.host.zfs, dataset))) {
        const release = new Release(name, { host: this.host, rootDatasetsName: source })
        if (this.filters.matchResource(release)) yield release
      }
    }
  }

  /** How many there are now; asks for all of them. */
  get length(): number {
    return [...this].length
  }

  /** Those that this host has: the list itself. */
  get local(): this {
    return this
  }

  /** Those that the distribution's mirror has. Throws what Distribution.releases throws. */
  available(options: SyncOptions = {}): Release[] {
    return new Distribution({ host: this.host }).releases(options)
  }
}
