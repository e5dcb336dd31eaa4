import type { Operation } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { Host, type HostOptions } from '../host/host.ts'
import type { CommandResult } from '../platform/platform.ts'
import type { CloneOptions } from './clone-to-dataset.ts'
import type { CreateOptions } from './create.ts'
import type { DestroyOptions } from './destroy.ts'
import type { ExecOptions } from './exec.ts'
import { JailGenerator } from './jail-generator.ts'
import type { Started, StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'

/** What names a jail in another thread: its name, and what opens its host. */
export interface JailDescriptor {
  readonly name: string
  readonly host: HostOptions
}

// Runs in the worker thread of `Jail`. One host for each set of options: opening it again would only cost time.
const hosts = new Map<string, Host>()

function open({ name, host: options }: JailDescriptor): JailGenerator {
  const key = JSON.stringify(options)
  const host = hosts.get(key) ?? Host.open(options)
  hosts.set(key, host)
  return new JailGenerator(name, { host })
}

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
