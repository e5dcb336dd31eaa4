// What `Jail` calls: runs in its worker thread.
import type { Operation } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { hostOf, type JailDescriptor } from '../host/sync.ts'
import type { CommandResult } from '../platform/platform.ts'
import type { CloneOptions } from './clone-to-dataset.ts'
import type { CreateOptions } from './create.ts'
import type { DestroyOptions } from './destroy.ts'
import type { ExecOptions } from './exec.ts'
import { JailGenerator } from './jail-generator.ts'
import type { Started, StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'

const open = (jail: JailDescriptor): JailGenerator => new JailGenerator(jail.data, { ...jail.init, host: hostOf(jail) })

export const createFromRelease = (
  call: SyncCall,
  jail: JailDescriptor,
  release: string,
  options: CreateOptions,
): Operation<void> => open(jail).createFromRelease(release, { ...options, ...call })

export const start = (call: SyncCall, jail: JailDescriptor, options: StartOptions): Operation<Started> =>
  open(jail).start({ ...options, ...call })

export const stop = (call: SyncCall, jail: JailDescriptor, options: StopOptions): Operation<void> =>
  open(jail).stop({ ...options, ...call })

export const exec = (
  call: SyncCall,
  jail: JailDescriptor,
  argv: readonly string[],
  options: ExecOptions,
): Operation<CommandResult> => open(jail).exec(argv, { ...options, ...call })

export const cloneToDataset = (
  call: SyncCall,
  jail: JailDescriptor,
  target: string,
  options: CloneOptions,
): Operation<void> => open(jail).cloneToDataset(target, { ...options, ...call })

export const destroy = (call: SyncCall, jail: JailDescriptor, options: DestroyOptions): Operation<void> =>
  open(jail).destroy({ ...options, ...call })
