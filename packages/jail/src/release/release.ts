import type { IocEvent, OperationOptions } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { type Sync, splitSync } from '../host/sync.ts'
import type { FetchOptions } from './fetch.ts'
import { ReleaseBase } from './release-base.ts'

const bridge = syncBridge<typeof import('./sync-module.ts')>('./sync-module.ts', import.meta.url)

/** A release for scripts: each call blocks until the operation has ended, and returns its events. */
export class Release extends ReleaseBase {
  /** Downloads, verifies and unpacks the release; skipped when it is there already. Throws DownloadFailed … */
  fetch(options: Sync<FetchOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this.host, options)
    return bridge.collect('fetch', [this.descriptor, rest], call)
  }

  /** Brings the datasets that basejails of the type zfs are cloned from to the release's newest patch level. Throws ReleaseNotFetched. */
  updateBase(options: Sync<OperationOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this.host, options)
    return bridge.collect('updateBase', [this.descriptor, rest], call)
  }

  /** Destroys the release with its snapshots. Throws ReleaseNotFetched, ReleaseHasDependents. */
  destroy(options: Sync<OperationOptions> = {}): IocEvent[] {
    const [call, rest] = splitSync(this.host, options)
    return bridge.collect('destroy', [this.descriptor, rest], call)
  }
}
