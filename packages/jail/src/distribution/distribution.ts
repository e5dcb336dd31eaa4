import { type SyncOptions, syncBridge } from '@gaoler/core/sync'
import { Release } from '../release/release.ts'
import { DistributionBase } from './distribution-base.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** Where releases come from, for scripts: its questions to the network block. */
export class Distribution extends DistributionBase {
  /** What the mirror has, the oldest first. Throws UnsupportedMirror, ReleaseListUnavailable, DownloadFailed. */
  releases(options: SyncOptions = {}): Release[] {
    const names = bridge.drain('releases', [this.mirrorUrl], options)
    return names.map((name) => new Release(name, { host: this.host }))
  }

  /** Names of releases that get no more updates. Throws DownloadFailed. */
  eol(options: SyncOptions = {}): string[] {
    return bridge.drain('eol', [this.eolUrl], options)
  }
}
