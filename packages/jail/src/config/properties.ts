/** How a property's value is written in a configuration file and what it is in TypeScript. */
export type PropertyType = 'string' | 'boolean' | 'integer' | 'list'

export type PropertyValue = string | boolean | number | readonly string[] | null

/** The type of every property that this version honours: none is accepted and then ignored. */
export interface JailProperties {
  release: string | null
  depends: readonly string[]
  host_hostname: string | null
  host_hostuuid: string | null
  hostid: string | null
  hostid_strict_check: boolean
  exec_clean: boolean
  exec_prestart: string | null
  exec_created: string | null
  exec_start: string | null
  exec_poststart: string | null
  exec_prestop: string | null
  exec_stop: string | null
  exec_poststop: string | null
  exec_timeout: number
  stop_timeout: number
  mount_devfs: boolean
  mount_fdescfs: boolean
  resolver: string | null
  template: boolean
  basejail: boolean
  basejail_type: string | null
  jail_zfs: boolean
  jail_zfs_dataset: readonly string[]
  login_flags: readonly string[]
}

export type PropertyName = keyof JailProperties

export type TypeOf<V> = [V] extends [boolean]
  ? 'boolean'
  : [V] extends [number]
    ? 'integer'
    : [V] extends [string | null]
      ? 'string'
      : 'list'

export interface PropertyKind<V extends PropertyValue = PropertyValue> {
  readonly type: TypeOf<V>
  readonly default: V
  /** What it does, in a line for the documentation. */
  readonly about: string
}

/** Names, types and defaults are libioc's, but for those that say otherwise. */
export const properties: { readonly [K in PropertyName]: PropertyKind<JailProperties[K]> } = {
  release: { type: 'string', default: null, about: 'the release that the jail was created from' },
  depends: { type: 'list', default: [], about: 'names of jails that are started before this one' },
  host_hostname: { type: 'string', default: null, about: "the jail's host name; by default the jail's name" },
  host_hostuuid: { type: 'string', default: null, about: "the jail's host UUID; by default made from host and name" },
  hostid: { type: 'string', default: null, about: 'UUID of the host that the jail was created on' },
  hostid_strict_check: { type: 'boolean', default: false, about: 'refuse to start on another host than `hostid`' },
  exec_clean: { type: 'boolean', default: true, about: "hooks do not see the caller's environment" },
  exec_prestart: { type: 'string', default: null, about: 'host command before the jail is created' },
  exec_created: { type: 'string', default: null, about: 'host command after the kernel has the jail' },
  exec_start: { type: 'string', default: '/bin/sh /etc/rc', about: 'command in the jail that starts it' },
  exec_poststart: { type: 'string', default: null, about: 'host command after `exec_start`' },
  exec_prestop: { type: 'string', default: null, about: 'host command before the jail is stopped' },
  exec_stop: { type: 'string', default: '/bin/sh /etc/rc.shutdown', about: 'command in the jail that stops it' },
  exec_poststop: { type: 'string', default: null, about: 'host command after the jail is gone' },
  exec_timeout: { type: 'integer', default: 600, about: 'seconds that a hook may take; 0: no limit' },
  stop_timeout: { type: 'integer', default: 30, about: 'seconds that `exec_stop` may take; 0: no limit' },
  mount_devfs: { type: 'boolean', default: true, about: 'give the jail /dev' },
  mount_fdescfs: { type: 'boolean', default: false, about: 'give the jail /dev/fd' },
  resolver: {
    type: 'string',
    default: '/etc/resolv.conf',
    about: "what the jail's /etc/resolv.conf is: a file to copy, nameservers separated by `;`, or none to leave it",
  },
  template: { type: 'boolean', default: false, about: 'others are created from this jail, and it is not started' },
  basejail: { type: 'boolean', default: false, about: "the jail's system directories are those of its release" },
  basejail_type: { type: 'string', default: 'nullfs', about: 'how a basejail gets them: nullfs or zfs' },
  jail_zfs: { type: 'boolean', default: false, about: 'give the datasets of `jail_zfs_dataset` to the jail' },
  jail_zfs_dataset: { type: 'list', default: [], about: 'datasets that the jail administers' },
  login_flags: { type: 'list', default: ['-f', 'root'], about: 'arguments of login(1) on the console' },
}

/** Whether `name` is a property of the table; `user.*` is the user's own and not in it. */
export function isPropertyName(name: string): name is PropertyName {
  return Object.hasOwn(properties, name)
}

export function isUserProperty(name: string): boolean {
  return /^user(\.[A-Za-z0-9_-]+)+$/.test(name)
}

/** Properties whose names are near to an unknown one, for its error. */
export function similarProperties(name: string): string[] {
  const letters = name.replace(/[^a-z0-9]/gi, '').toLowerCase()
  return Object.keys(properties).filter((known) => {
    const plain = known.replaceAll('_', '')
    return letters.length > 2 && (plain.includes(letters) || letters.includes(plain))
  })
}
