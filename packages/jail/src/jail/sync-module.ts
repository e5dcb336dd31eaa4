// What `Jail` calls: runs in its worker thread.
import type { Operation } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { type Descriptor, hostOf } from '../host/sync.ts'
import type { CommandResult } from '../platform/platform.ts'
import type { CloneOptions } from './clone-to-dataset.ts'
import type { CreateOptions } from './create.ts'
import type { DestroyOptions } from './destroy.ts'
import type { ExecOptions } from './exec.ts'
import { JailGenerator } from './jail-generator.ts'
import type { Started, StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'

const open = (jail: Descriptor): JailGenerator => new JailGenerator(jail.name, { host: hostOf(jail) })

export const createFromRelease = (
  call: SyncCall,
  jail: Descriptor,
  release: string,
  options: CreateOptions,
): Operation<void> => open(jail).createFromRelease(release, { ...options, ...call })

export const start = (call: SyncCall, jail: Descriptor, options: StartOptions): Operation<Started> =>
  open(jail).start({ ...options, ...call })

export const stop = (call: SyncCall, jail: Descriptor, options: StopOptions): Operation<void> =>
  open(jail).stop({ ...options, ...call })

export const exec = (
  call: SyncCall,
  jail: Descriptor,
  argv: readonly string[],
  options: ExecOptions,
): Operation<CommandResult> => open(jail).exec(argv, { ...options, ...call })

export const cloneToDataset = (
  call: SyncCall,
  jail: Descriptor,
  target: string,
  options: CloneOptions,
): Operation<void> => open(jail).cloneToDataset(target, { ...options, ...call })

export const destroy = (call: SyncCall, jail: Descriptor, options: DestroyOptions): Operation<void> =>
  open(jail).destroy({ ...options, ...call })
