import { type OperationOptions, UsageError } from '@gaoler/core'
import type { SyncOptions } from '@gaoler/core/sync'
import type { ConfigFormat } from '../config/config.ts'
import { HostBase } from './host-base.ts'
import type { HostOptions } from './parts.ts'

/** Options of a blocking call: those of the operation, of which `signal`, `onEvent` and `logger` stay on the caller's side. */
export type Sync<O extends OperationOptions = OperationOptions> = Omit<O, keyof OperationOptions> &
  SyncOptions &
  Pick<O, 'plan'>

/**
 * What the blocked caller deals with, and what crosses to the thread that runs the operation. That thread opens the host anew:
 * throws UsageError for a host that would be another one there.
 */
export function splitSync<O extends SyncOptions>(
  host: HostBase,
  options: O,
): [call: SyncOptions, rest: Omit<O, keyof SyncOptions>] {
  const hindrance = host.world ? 'a host that only plans' : host.zfsGiven ? 'the option zfs' : null
  if (hindrance !== null) {
    const instead = host.world ? 'give the option plan to each operation' : 'use the class …Generator for it'
    throw new UsageError(`${hindrance} cannot be taken to the thread where blocking operations run: ${instead}`)
  }
  const { onEvent, logger = host.logger, signal, timeout, grace, ...rest } = options
  return [{ onEvent, logger, signal, timeout, grace }, rest]
}

/** What opens a host in another thread. */
export interface Descriptor {
  readonly host: HostOptions
}

/** What names a jail in another thread: what its constructor takes, as plain data. */
export interface JailDescriptor extends Descriptor {
  readonly data: Readonly<Record<string, unknown>>
  readonly init: {
    readonly datasetName?: string
    readonly new: boolean
    readonly changes: Readonly<Record<string, unknown>>
    readonly configFile?: string
    readonly configType?: ConfigFormat | 'auto'
    readonly skipInvalidConfig?: boolean
    readonly fstab?: string
  }
}

/** What names a release in another thread. */
export interface ReleaseDescriptor extends Descriptor {
  readonly name: string
  readonly init: { readonly datasetName?: string }
}

const hosts = new Map<string, HostBase>()

/** The host of a descriptor, in the thread that runs the operations: opened once for each set of options. */
export function hostOf({ host: options }: Descriptor): HostBase {
  const key = JSON.stringify(options)
  const host = hosts.get(key) ?? HostBase.open(options)
  hosts.set(key, host)
  return host
}
