import { isJailName } from '../config/name.ts'
import type { Host } from '../host/host.ts'
import { JailGenerator } from './jail-generator.ts'

/** The jails of a host, by name; nothing of a jail is read until it is asked for. */
export function listJails(host: Host): JailGenerator[] {
  const { jails } = host.datasets
  return host.zfs
    .listSync({ root: jails, depth: 1, types: ['filesystem'] })
    .map(({ name }) => name.slice(jails.length + 1))
    .filter(isJailName)
    .map((name) => new JailGenerator(name, { host }))
}
