import type { Privilege } from '../lzc/call.ts'
import { coreHas } from '../lzc/library.ts'
import type { ZfsCalls } from '../zfs.ts'

/** What is known of a call that goes through a command. */
export interface CommandCall {
  readonly command: string
  /** The first OpenZFS release that has it. */
  readonly since: string
  readonly privilege: Privilege
  /** Where alone it exists. */
  readonly system?: 'linux' | 'freebsd'
  /** A symbol of libzfs_core that came in the same release. */
  readonly marker?: string
}

/** Every call that goes through a command, as docs/status.md lists them. */
export const commandTable: { readonly [K in keyof ZfsCalls]: CommandCall } = {
  list: { command: 'zfs list', since: '2.0', privilege: 'any' },
  names: { command: 'zfs list', since: '2.0', privilege: 'any' },
  get: { command: 'zfs get', since: '2.0', privilege: 'any' },
  set: { command: 'zfs set', since: '2.0', privilege: 'delegated' },
  inherit: { command: 'zfs inherit', since: '2.0', privilege: 'delegated' },
  abortReceive: { command: 'zfs receive -A', since: '2.0', privilege: 'delegated' },
  mount: { command: 'zfs mount', since: '2.0', privilege: 'delegated' },
  unmount: { command: 'zfs unmount', since: '2.0', privilege: 'delegated' },
  zone: { command: 'zfs zone', since: '2.2', privilege: 'root', system: 'linux', marker: 'lzc_scrub' },
  unzone: { command: 'zfs unzone', since: '2.2', privilege: 'root', system: 'linux', marker: 'lzc_scrub' },
  jail: { command: 'zfs jail', since: '2.0', privilege: 'root', system: 'freebsd' },
  unjail: { command: 'zfs unjail', since: '2.0', privilege: 'root', system: 'freebsd' },
  allow: { command: 'zfs allow', since: '2.0', privilege: 'delegated' },
  unallow: { command: 'zfs unallow', since: '2.0', privilege: 'delegated' },
  permissions: { command: 'zfs allow', since: '2.0', privilege: 'any' },
  userspace: { command: 'zfs userspace', since: '2.0', privilege: 'delegated' },
  groupspace: { command: 'zfs groupspace', since: '2.0', privilege: 'delegated' },
  projectspace: { command: 'zfs projectspace', since: '2.0', privilege: 'delegated' },
  diff: { command: 'zfs diff', since: '2.0', privilege: 'delegated' },
}

/** Whether this system has a call, as far as its library tells. */
export function commandSupports(name: string): boolean {
  if (!Object.hasOwn(commandTable, name)) return false
  const { system, marker } = commandTable[name as keyof ZfsCalls]
  return (system === undefined || system === process.platform) && (marker === undefined || coreHas(marker))
}
