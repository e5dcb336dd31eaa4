// What `Release` calls: runs in its worker thread.
import type { Operation, OperationOptions } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { hostOf, type ReleaseDescriptor } from '../host/sync.ts'
import type { FetchOptions } from './fetch.ts'
import { ReleaseGenerator } from './release-generator.ts'

const open = (release: ReleaseDescriptor): ReleaseGenerator =>
  new ReleaseGenerator(release.name, { ...release.init, host: hostOf(release) })

export const fetch = (call: SyncCall, release: ReleaseDescriptor, options: FetchOptions): Operation<void> =>
  open(release).fetch({ ...options, ...call })

export const destroy = (call: SyncCall, release: ReleaseDescriptor, options: OperationOptions): Operation<void> =>
  open(release).destroy({ ...options, ...call })

export const updateBase = (call: SyncCall, release: ReleaseDescriptor, options: OperationOptions): Operation<void> =>
  open(release).updateBase({ ...options, ...call })
