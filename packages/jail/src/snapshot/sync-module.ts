// What `Snapshots` calls: runs in its worker thread.
import type { Operation, OperationOptions } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { hostOf, type JailDescriptor } from '../host/sync.ts'
import { JailBase } from '../jail/jail-base.ts'
import type { RollbackOptions } from './rollback.ts'
import { SnapshotsGenerator } from './snapshots-generator.ts'

const open = (jail: JailDescriptor): SnapshotsGenerator =>
  new SnapshotsGenerator(new JailBase(jail.data, { ...jail.init, host: hostOf(jail) }))

export const create = (
  call: SyncCall,
  jail: JailDescriptor,
  name: string,
  options: OperationOptions,
): Operation<void> => open(jail).create(name, { ...options, ...call })

export const remove = (
  call: SyncCall,
  jail: JailDescriptor,
  name: string,
  options: OperationOptions,
): Operation<void> => open(jail).delete(name, { ...options, ...call })

export const rollback = (
  call: SyncCall,
  jail: JailDescriptor,
  name: string,
  options: RollbackOptions,
): Operation<void> => open(jail).rollback(name, { ...options, ...call })
