import { DistributionGenerator } from '../distribution/distribution-generator.ts'
import { childrenOf, foldersOf } from '../jail/children.ts'
import { ReleaseGenerator } from './release-generator.ts'
import { ReleasesBase } from './releases-base.ts'

/** The releases that this host has, one after the other; what a mirror has says `Distribution`. */
export class ReleasesGenerator extends ReleasesBase implements AsyncIterable<ReleaseGenerator> {
  async *[Symbol.asyncIterator](): AsyncGenerator<ReleaseGenerator, void, void> {
    for (const { source, dataset } of foldersOf(this.host, this.filters, 'releases')) {
      for (const name of this.names(source, await childrenOf(this.host.zfs, dataset))) {
        const release = new ReleaseGenerator(name, { host: this.host, rootDatasetsName: source })
        if (this.filters.matchResource(release)) yield release
      }
    }
  }

  /** Those that this host has: the list itself. */
  get local(): this {
    return this
  }

  /** Those that the distribution's mirror has. Throws what DistributionGenerator.releases throws. */
  available(options: { readonly signal?: AbortSignal } = {}): Promise<ReleaseGenerator[]> {
    return new DistributionGenerator({ host: this.host }).releases(options)
  }
}
