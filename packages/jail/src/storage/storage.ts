import type { Step } from '@gaoler/core'
import type { JailConfig } from '../config/config.ts'
import { InvalidJailConfigValue } from '../config/errors.ts'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import type { Mount } from '../platform/platform.ts'
import { nullfsBasejail } from './nullfs-basejail.ts'
import { standalone } from './standalone.ts'
import { zfsBasejail } from './zfs-basejail.ts'

/** How a jail comes to the files of its root. */
export interface JailStorage {
  readonly name: 'standalone' | 'nullfs-basejail' | 'zfs-basejail'
  /** Makes the root, from a snapshot of a release or template, or empty. */
  setup(s: HostScope, jail: JailBase, snapshot: string | null): Step<unknown>
  /** Before the kernel makes the jail: puts the root in order; gives what must be mounted in it. */
  apply(s: HostScope, jail: JailBase): Step<readonly Mount[] | undefined> | null
  /** After the jail is gone: takes away what `apply` has asked for. */
  teardown(s: HostScope, jail: JailBase): Step<unknown> | null
}

/** The backend that a configuration asks for. Throws InvalidJailConfigValue. */
export function storageFor(config: JailConfig): JailStorage {
  if (!config.get('basejail')) return standalone
  const value = config.get('basejail_type')
  if (value === 'nullfs') return nullfsBasejail
  if (value === 'zfs') return zfsBasejail
  const reason = 'it is nullfs or zfs'
  throw new InvalidJailConfigValue({ property: 'basejail_type', jail: config.jail, value, reason })
}
