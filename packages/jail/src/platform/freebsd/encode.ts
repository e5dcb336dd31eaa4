import { JailParameterRefused } from '../../errors.ts'
import type { JailParameter, LaunchParameters } from '../platform.ts'
import { errmsgSize, int, maximumSize, type OptionList, option, sizeOf } from './iovec.ts'
import { encodeParameter } from './parameters.ts'

/** Flags of jail_set(2) and jail_get(2) (sys/jail.h). */
export const jailFlag = { create: 0x01, update: 0x02, attach: 0x04, dying: 0x08 } as const

/** A call of jail_set(2) or jail_get(2), ready to be made. */
export interface JailCall {
  readonly options: OptionList
  readonly flags: number
  /** Where the kernel writes why it refused; the last option, so that no other can push it from its place. */
  readonly errmsg: Buffer
}

/** Own to LaunchParameters, or always said. */
const reserved = new Set(['name', 'path', 'host.hostname', 'host.hostuuid', 'errmsg'])

/**
 * The call that creates a jail, persistent and without a process.
 *
 * Throws JailParameterRefused for what the kernel would refuse without a word, and for names and paths that are too
 * long (kern_jail_set in sys/kern/kern_jail.c).
 */
export function encodeCreate({ name, path, hostname, hostuuid, parameters }: LaunchParameters): JailCall {
  const own: Record<string, JailParameter> = { name, path }
  // A jail that inherits the host's names gets its own all the same if one of them is there.
  if (parameters.host !== 'inherit') Object.assign(own, { 'host.hostname': hostname, 'host.hostuuid': hostuuid })
  const options = Object.entries(own).flatMap(([key, value]) => encodeOne(name, key, value))
  for (const [key, value] of Object.entries(parameters)) {
    if (reserved.has(key)) refuse(name, key, 'it is no extra parameter: it has a field of its own')
    if (!superseded(key, parameters)) options.push(...encodeOne(name, key, value))
  }
  // A jail without a process goes away at once unless it persists.
  if (parameters.persist === false) refuse(name, 'persist', 'a jail is created without a process, so it must persist')
  if (parameters.persist === undefined) options.push(...option('persist', null))
  const errmsg = Buffer.alloc(errmsgSize)
  options.push(...option('errmsg', errmsg))
  if (sizeOf(options) > maximumSize) refuse(name, 'its parameters', `they exceed the kernel's ${maximumSize} bytes`)
  return { options, flags: jailFlag.create, errmsg }
}

function encodeOne(jail: string, parameter: string, value: JailParameter): OptionList {
  if (value === '' && (parameter === 'name' || parameter === 'path')) refuse(jail, parameter, 'it is empty')
  try {
    return encodeParameter(parameter, value)
  } catch (error) {
    if (error instanceof RangeError) refuse(jail, parameter, error.message)
    throw error
  }
}

/** Whether a parameter must not be said beside others, because the kernel would refuse it or go by it alone. */
function superseded(key: string, parameters: LaunchParameters['parameters']): boolean {
  const ownNetwork = parameters.vnet === true || parameters.vnet === 'new'
  // "vnet jails cannot have IP address restrictions" (EINVAL), whatever their value.
  if (ownNetwork && /^ip[46](\.|$)/.test(key)) return true
  // The list alone makes the kernel give the jail addresses of its own.
  if (key === 'ip4.addr') return parameters.ip4 === 'inherit' || parameters.ip4 === 'disable'
  if (key === 'ip6.addr') return parameters.ip6 === 'inherit' || parameters.ip6 === 'disable'
  return parameters.host === 'inherit' && key.startsWith('host.')
}

function refuse(jail: string, parameter: string, reason: string): never {
  throw new JailParameterRefused({ jail, parameter, reason })
}

/** A call that asks for one jail; the kernel writes into `jid` and `dying`, both an int. */
export interface JailQuery extends JailCall {
  readonly jid: Buffer
  readonly dying: Buffer
}

/**
 * The call that looks for a jail by its name.
 * With `dying`, a jail that is going away is found too; without, the kernel answers ENOENT for it.
 */
export function encodeQuery(name: string, { dying = false }: { dying?: boolean } = {}): JailQuery {
  const errmsg = Buffer.alloc(errmsgSize)
  // A jid of 0 asks for none: the kernel then goes by the name and writes the number here.
  const jid = int(0)
  const isDying = int(0)
  const options = [
    ...encodeOne(name, 'name', name),
    ...option('jid', jid),
    ...option('dying', isDying),
    ...option('errmsg', errmsg),
  ]
  return { options, flags: dying ? jailFlag.dying : 0, errmsg, jid, dying: isDying }
}
