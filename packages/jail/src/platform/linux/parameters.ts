import { JailParameterRefused } from '../../errors.ts'
import type { JailParameter, LaunchParameters } from '../platform.ts'

/** What parameters of jail(8) change in a jail of this platform. */
export interface Grants {
  /** Capabilities beside the usual ones, or without one of them. */
  readonly rawSockets: boolean
  readonly ownNetwork: boolean
  readonly reservedPorts: boolean
  /** Address families beside local, IPv4, IPv6 and routing. */
  readonly anySocket: boolean
  /** To manage datasets that it is given. */
  readonly datasets: boolean
}

const always = 'on linux the jail always has this of its own'
const never = 'on linux a jail cannot be allowed this'
const noNetwork = 'on linux a jail has a network stack of its own, in which only the loopback interface is up'

/**
 * Every parameter that is known, with what is wrong with a value, if anything. A value that is off (false, 0, '', [])
 * and that nobody could miss is never wrong; nor is one that only asks for what every jail has.
 */
const known: Readonly<Record<string, (value: JailParameter) => string | null>> = {
  persist: accept,
  vnet: unless(['inherit'], noNetwork),
  ip4: unless(['inherit'], noNetwork),
  ip6: unless(['inherit'], noNetwork),
  'ip4.addr': unlessOff(noNetwork),
  'ip6.addr': unlessOff(noNetwork),
  'ip4.saddrsel': accept,
  'ip6.saddrsel': accept,
  host: unless(['inherit'], always),
  'host.hostname': utsName,
  'host.domainname': utsName,
  'host.hostuuid': accept,
  'host.hostid': accept,
  sysvmsg: unless(['inherit'], always),
  sysvsem: unless(['inherit'], always),
  sysvshm: unless(['inherit'], always),
  // FreeBSD's default for every jail is on. Programs that set the host name anyway are told EPERM.
  'allow.set_hostname': accept,
  'allow.raw_sockets': accept,
  'allow.reserved_ports': accept,
  'allow.socket_af': accept,
  'allow.suser': unlessOn(always),
  'allow.unprivileged_proc_debug': unlessOn(always),
  // Everybody may, within RLIMIT_MEMLOCK.
  'allow.mlock': accept,
  'allow.sysvipc': accept,
  'children.max': unlessOff('on linux a jail cannot have jails of its own'),
  // Comes with every launch; a ruleset that was set is refused by the table of properties.
  devfs_ruleset: accept,
  enforce_statfs: unless(['0'], 'on linux a jail sees its own mounts and no others'),
  // 2 is the default of every jail and comes with its launch; -1 and 0 ask for nothing.
  securelevel: unless(['1', '3'], 'Linux has no security levels'),
}

/** What the parameters grant. Throws JailParameterRefused for what was asked for and cannot be given. */
export function grantsOf({
  name,
  parameters,
  managesDatasets = false,
}: Pick<LaunchParameters, 'name' | 'parameters' | 'managesDatasets'>): Grants {
  for (const [parameter, value] of Object.entries(parameters)) {
    if (value === undefined) continue
    const reason = parameterRefusal(parameter, value)
    if (reason) throw new JailParameterRefused({ jail: name, parameter: `${parameter}=${value}`, reason })
  }
  return {
    rawSockets: isOn(parameters['allow.raw_sockets']),
    ownNetwork: isOn(parameters.vnet),
    reservedPorts: parameters['allow.reserved_ports'] === undefined || isOn(parameters['allow.reserved_ports']),
    anySocket: isOn(parameters['allow.socket_af']),
    datasets: managesDatasets,
  }
}

/** Why a parameter cannot have a value, or null. */
export function parameterRefusal(parameter: string, value: JailParameter): string | null {
  return (known[parameter] ?? unlessOff(never))(value)
}

/** jail(8) writes one value in many ways; `disable` is what new/inherit/disable parameters call off. */
export function isOn(value: JailParameter): boolean {
  if (Array.isArray(value)) return value.length > 0
  return !(['false', '0', '', 'no', 'off', 'none', 'disable', 'undefined'] as const).includes(String(value) as 'no')
}

function accept(): null {
  return null
}

/** __NEW_UTS_LEN of linux/utsname.h. */
function utsName(value: JailParameter): string | null {
  return String(value).length > 64 ? 'on linux it has at most 64 characters' : null
}

function unlessOff(reason: string): (value: JailParameter) => string | null {
  return (value) => (isOn(value) ? reason : null)
}

function unlessOn(reason: string): (value: JailParameter) => string | null {
  return (value) => (isOn(value) ? null : reason)
}

function unless(values: readonly string[], reason: string): (value: JailParameter) => string | null {
  return (value) => (values.includes(String(value)) ? reason : null)
}
