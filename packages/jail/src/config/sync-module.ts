// What `DefaultResource` calls: runs in its worker thread.
import type { Operation, OperationOptions } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { type Descriptor, hostOf } from '../host/sync.ts'
import { DefaultResourceGenerator } from './default-resource-generator.ts'

export const set = (
  call: SyncCall,
  host: Descriptor,
  properties: Readonly<Record<string, unknown>>,
  options: OperationOptions,
): Operation<void> => new DefaultResourceGenerator(hostOf(host)).set(properties, { ...options, ...call })
