// What `Release` calls: runs in its worker thread.
import type { Operation } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { hostOf, type ReleaseDescriptor } from '../host/sync.ts'
import type { FetchOptions } from './fetch.ts'
import { ReleaseGenerator } from './release-generator.ts'

export const fetch = (call: SyncCall, release: ReleaseDescriptor, options: FetchOptions): Operation<void> =>
  new ReleaseGenerator(release.name, { ...release.init, host: hostOf(release) }).fetch({ ...options, ...call })
