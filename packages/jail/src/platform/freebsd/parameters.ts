import type { JailParameter } from '../platform.ts'
import { in6Addresses, inAddresses } from './addresses.ts'
import { cString, int, type OptionList, option, unsignedLong } from './iovec.ts'

/**
 * The types of the kernel's parameters: SYSCTL_JAIL_PARAM in sys/kern/kern_jail.c, sysv_*.c, linux_mib.c, zfs_vfsops.c.
 * The kernel compares sizes and refuses a value of another one with EINVAL and without a word, so they must be known.
 */
type Type = 'boolean' | 'jailsys' | 'int' | 'ulong' | 'ip4' | 'ip6' | { readonly string: number }

/** sys/param.h, sys/jail.h, linux_mib.c; each with the NUL. */
const limits = { hostname: 256, hostuuid: 64, osrelease: 31, path: 1024, linux: 65, rules: 1024 } as const

const types: Readonly<Record<string, Type>> = {
  persist: 'boolean',
  'ip4.saddrsel': 'boolean',
  'ip6.saddrsel': 'boolean',
  host: 'jailsys',
  vnet: 'jailsys',
  ip4: 'jailsys',
  ip6: 'jailsys',
  sysvmsg: 'jailsys',
  sysvsem: 'jailsys',
  sysvshm: 'jailsys',
  linux: 'jailsys',
  zfs: 'jailsys',
  mdo: 'jailsys',
  jid: 'int',
  securelevel: 'int',
  devfs_ruleset: 'int',
  enforce_statfs: 'int',
  'children.max': 'int',
  osreldate: 'int',
  'linux.oss_version': 'int',
  'zfs.mount_snapshot': 'int',
  'host.hostid': 'ulong',
  'ip4.addr': 'ip4',
  'ip6.addr': 'ip6',
  name: { string: limits.hostname },
  path: { string: limits.path },
  'host.hostname': { string: limits.hostname },
  'host.domainname': { string: limits.hostname },
  'host.hostuuid': { string: limits.hostuuid },
  osrelease: { string: limits.osrelease },
  'linux.osname': { string: limits.linux },
  'linux.osrelease': { string: limits.linux },
  'mdo.rules': { string: limits.rules },
}

/** JAIL_SYS_* of sys/jail.h. A wrong number is not refused: 2 for `new` would give a jail all addresses of the host. */
const jailsys = { disable: 0, new: 1, inherit: 2 } as const

/** CTLFLAG_RD in kern_jail.c. */
const readOnly = new Set(['dying', 'parent', 'children.cur', 'cpuset.id'])

/** What jail(8) carries out itself: the kernel answers "unknown parameter" (usr.sbin/jail/config.c). */
const ofJailProgram =
  /^(exec\..*|mount|mount\..*|command|depend|interface|ip_hostname|vnet\.interface|zfs\.dataset|stop\.timeout|allow\.dying)$/

/** The options for one parameter; none for a value that only says the default. Throws RangeError with the reason. */
export function encodeParameter(name: string, value: JailParameter): OptionList {
  if (value === undefined) return []
  if (!/^[a-z0-9_]+(\.[a-z0-9_]+)*$/.test(name)) throw new RangeError('it is not the name of a parameter')
  if (readOnly.has(name)) throw new RangeError('it can only be read')
  if (ofJailProgram.test(name)) throw new RangeError('it belongs to the program jail(8), the kernel does not know it')
  const type = types[name] ?? (name.startsWith('allow.') ? 'boolean' : undefined)
  if (type === 'boolean') return flag(name, value)
  if (type === 'jailsys') return system(name, value)
  if (type === 'int') return option(name, int(integer(value, -(2 ** 31), 2 ** 31 - 1)))
  if (type === 'ulong') return option(name, unsignedLong(integer(value, 0, 2 ** 32 - 1)))
  if (type === 'ip4') return addresses(name, value, inAddresses)
  if (type === 'ip6') return addresses(name, value, in6Addresses)
  if (type) return option(name, text(value, type.string))
  // A module may bring parameters of its own; its value tells the type.
  if (typeof value === 'boolean') return flag(name, value)
  if (typeof value === 'number') return option(name, int(integer(value, -(2 ** 31), 2 ** 31 - 1)))
  return option(name, text(value, limits.path))
}

/**
 * A boolean is set by being there and cleared by its name with `no`: a value is never looked at (vfs_flagopt), so an
 * int of 0 would switch it on. The `no` stands before the last component: `allow.mount.nodevfs`.
 */
function flag(name: string, value: JailParameter): OptionList {
  if (typeof value !== 'boolean') throw new RangeError(`expected true or false, not ${JSON.stringify(value)}`)
  const last = name.lastIndexOf('.') + 1
  if (/^no/.test(name.slice(last)))
    throw new RangeError(`say ${name.slice(0, last)}${name.slice(last + 2)} and its value`)
  return option(value ? name : `${name.slice(0, last)}no${name.slice(last)}`, null)
}

function system(name: string, value: JailParameter): OptionList {
  const word = name === 'vnet' && typeof value === 'boolean' ? (value ? 'new' : 'inherit') : value
  if (word !== 'new' && word !== 'inherit' && word !== 'disable') {
    throw new RangeError(`expected new, inherit or disable, not ${JSON.stringify(value)}`)
  }
  if (word === 'disable' && (name === 'host' || name === 'vnet')) throw new RangeError('it cannot be disabled')
  // Inherited is the default of vnet; saying so makes the kernel refuse addresses (the check of PR_VNET in ch_flags).
  if (name === 'vnet' && word === 'inherit') return []
  return option(name, int(jailsys[word]))
}

function integer(value: JailParameter, from: number, to: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to) {
    throw new RangeError(`expected a whole number from ${from} to ${to}, not ${JSON.stringify(value)}`)
  }
  return value
}

function text(value: JailParameter, limit: number): Buffer {
  if (typeof value !== 'string') throw new RangeError(`expected text, not ${JSON.stringify(value)}`)
  if (value.includes('\0')) throw new RangeError('it has a NUL')
  const bytes = cString(value)
  if (bytes.length > limit) throw new RangeError(`it has ${bytes.length - 1} bytes, at most ${limit - 1} are allowed`)
  return bytes
}

/** No addresses are no parameter: a jail that is given none has none. */
function addresses(name: string, value: JailParameter, encode: (list: readonly string[]) => Buffer): OptionList {
  if (!Array.isArray(value)) throw new RangeError(`expected a list of addresses, not ${JSON.stringify(value)}`)
  return value.length === 0 ? [] : option(name, encode(value))
}
