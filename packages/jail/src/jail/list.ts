import { isJailName } from '../config/name.ts'
import type { HostBase } from '../host/host-base.ts'
import { JailGenerator } from './jail-generator.ts'
import { childrenOf } from './locate.ts'

/** The jails of a host, by name; nothing of a jail is read until it is asked for. */
export function listJails(host: HostBase): JailGenerator[] {
  return [...host.datasets].flatMap(([rootDatasetsName, { jails }]) =>
    childrenOf(host.zfs, jails)
      .filter(isJailName)
      .map((name) => new JailGenerator({ name }, { host, rootDatasetsName })),
  )
}
