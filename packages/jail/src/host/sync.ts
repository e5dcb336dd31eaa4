import type { OperationOptions } from '@gaoler/core'
import type { SyncOptions } from '@gaoler/core/sync'
import { Host, type HostOptions } from './host.ts'

/** Options of a blocking call: those of the operation, of which `signal`, `onEvent` and `logger` stay on the caller's side. */
export type Sync<O extends OperationOptions = OperationOptions> = Omit<O, keyof OperationOptions> & SyncOptions

/** What the blocked caller deals with, and what crosses to the thread that runs the operation. */
export function splitSync<O extends SyncOptions>(options: O): [call: SyncOptions, rest: Omit<O, keyof SyncOptions>] {
  const { onEvent, logger, signal, timeout, grace, ...rest } = options
  return [{ onEvent, logger, signal, timeout, grace }, rest]
}

/** What names a jail or release in another thread: its name, and what opens its host. */
export interface Descriptor {
  readonly name: string
  readonly host: HostOptions
}

const hosts = new Map<string, Host>()

/** The host of a descriptor, in the thread that runs the operations: opened once for each set of options. */
export function hostOf({ host: options }: Descriptor): Host {
  const key = JSON.stringify(options)
  const host = hosts.get(key) ?? Host.open(options)
  hosts.set(key, host)
  return host
}
