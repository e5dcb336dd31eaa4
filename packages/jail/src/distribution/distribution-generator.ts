import { ReleaseGenerator } from '../release/release-generator.ts'
import { DistributionBase } from './distribution-base.ts'
import { readEol, readReleases } from './read.ts'

/** Where releases come from; its questions to the network are promises. */
export class DistributionGenerator extends DistributionBase {
  /** What the mirror has, the oldest first. Throws UnsupportedMirror, ReleaseListUnavailable, DownloadFailed. */
  async releases({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ReleaseGenerator[]> {
    const names = await readReleases(this.mirrorUrl, signal)
    return names.map((name) => new ReleaseGenerator(name, { host: this.host }))
  }

  /** Names of releases that get no more updates. Throws DownloadFailed. */
  eol({ signal }: { readonly signal?: AbortSignal } = {}): Promise<string[]> {
    return readEol(this.eolUrl, signal)
  }
}
