// What `Release` calls: runs in its worker thread.
import type { Operation } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { type Descriptor, hostOf } from '../host/sync.ts'
import type { FetchOptions } from './fetch.ts'
import { ReleaseGenerator } from './release-generator.ts'

export const fetch = (call: SyncCall, release: Descriptor, options: FetchOptions): Operation<void> =>
  new ReleaseGenerator(release.name, { host: hostOf(release) }).fetch({ ...options, ...call })
