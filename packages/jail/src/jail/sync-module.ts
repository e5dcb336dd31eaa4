// What `Jail` calls: runs in its worker thread.
import type { Operation, OperationOptions } from '@gaoler/core'
import type { SyncCall } from '@gaoler/core/sync'
import { hostOf, type JailDescriptor, type ReleaseDescriptor } from '../host/sync.ts'
import type { CommandResult } from '../platform/platform.ts'
import { ReleaseBase } from '../release/release-base.ts'
import type { CloneOptions } from './clone-to-dataset.ts'
import type { CreateOptions } from './create.ts'
import type { DestroyOptions } from './destroy.ts'
import type { ExecOptions } from './exec.ts'
import type { ForkExecOptions } from './fork-exec.ts'
import { JailGenerator } from './jail-generator.ts'
import type { RestartOptions } from './restart.ts'
import type { SaveOptions } from './save.ts'
import type { Started, StartOptions } from './start.ts'
import type { StopOptions } from './stop.ts'

const open = (jail: JailDescriptor): JailGenerator => new JailGenerator(jail.data, { ...jail.init, host: hostOf(jail) })

const openRelease = (release: ReleaseDescriptor): ReleaseBase =>
  new ReleaseBase(release.name, { ...release.init, host: hostOf(release) })

const source = (from: JailDescriptor | ReleaseDescriptor): JailGenerator | ReleaseBase =>
  'data' in from ? open(from) : openRelease(from)

type Created = Operation<void>

export const create = (
  call: SyncCall,
  jail: JailDescriptor,
  from: string | JailDescriptor | ReleaseDescriptor | undefined,
  options: CreateOptions,
): Created => open(jail).create(typeof from === 'object' ? source(from) : from, { ...options, ...call })

export const createFromRelease = (
  call: SyncCall,
  jail: JailDescriptor,
  release: string | ReleaseDescriptor,
  options: CreateOptions,
): Created =>
  open(jail).createFromRelease(typeof release === 'object' ? openRelease(release) : release, { ...options, ...call })

export const createFromTemplate = (
  call: SyncCall,
  jail: JailDescriptor,
  template: JailDescriptor,
  options: CreateOptions,
): Created => open(jail).createFromTemplate(open(template), { ...options, ...call })

export const createFromScratch = (call: SyncCall, jail: JailDescriptor, options: CreateOptions): Created =>
  open(jail).createFromScratch({ ...options, ...call })

export const cloneFromJail = (
  call: SyncCall,
  jail: JailDescriptor,
  source: JailDescriptor,
  options: OperationOptions,
): Operation<void> => open(jail).cloneFromJail(open(source), { ...options, ...call })

export const cloneToDataset = (
  call: SyncCall,
  jail: JailDescriptor,
  target: string,
  options: CloneOptions,
): Operation<void> => open(jail).cloneToDataset(target, { ...options, ...call })

export const promote = (call: SyncCall, jail: JailDescriptor, options: OperationOptions): Operation<void> =>
  open(jail).promote({ ...options, ...call })

export const rename = (
  call: SyncCall,
  jail: JailDescriptor,
  name: string,
  options: OperationOptions,
): Operation<void> => open(jail).rename(name, { ...options, ...call })

export const start = (call: SyncCall, jail: JailDescriptor, options: StartOptions): Operation<Started> =>
  open(jail).start({ ...options, ...call })

export const stop = (call: SyncCall, jail: JailDescriptor, options: StopOptions): Operation<void> =>
  open(jail).stop({ ...options, ...call })

export const restart = (call: SyncCall, jail: JailDescriptor, options: RestartOptions): Operation<void> =>
  open(jail).restart({ ...options, ...call })

export const exec = (
  call: SyncCall,
  jail: JailDescriptor,
  argv: readonly string[],
  options: ExecOptions,
): Operation<CommandResult> => open(jail).exec(argv, { ...options, ...call })

export const execConsole = (
  call: SyncCall,
  jail: JailDescriptor,
  options: OperationOptions,
): Operation<CommandResult> => open(jail).execConsole({ ...options, ...call })

export const forkExec = (
  call: SyncCall,
  jail: JailDescriptor,
  command: string,
  options: ForkExecOptions,
): Operation<CommandResult> => open(jail).forkExec(command, { ...options, ...call })

export const destroy = (call: SyncCall, jail: JailDescriptor, options: DestroyOptions): Operation<void> =>
  open(jail).destroy({ ...options, ...call })

export const set = (
  call: SyncCall,
  jail: JailDescriptor,
  properties: Readonly<Record<string, unknown>>,
  options: SaveOptions,
): Operation<void> => open(jail).set(properties, { ...options, ...call })
