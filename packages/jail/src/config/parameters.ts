import type { JailParameter, Platform } from '../platform/platform.ts'
import type { JailConfig } from './config.ts'
import { type PropertyName, properties, rowOf } from './properties/index.ts'
import type { InterfaceAddress } from './values/addresses.ts'

/**
 * The parameters of jail(8) that a configuration asks for. What only the host's defaults say, and the platform cannot
 * give, is left out: a default never fails (`requireHonoured` tells of it).
 */
export function launchParametersOf(config: JailConfig, platform: Platform): Record<string, JailParameter> {
  const parameters: Record<string, JailParameter> = {}
  for (const name of Object.keys(properties) as PropertyName[]) {
    const { parameter, honouredBy } = properties[name]
    const value = parameter === undefined || honouredBy[platform.name] !== true ? undefined : parameterOf(config, name)
    if (parameter === undefined || value === undefined) continue
    if (!config.isSet(name) && platform.parameterRefusal(parameter, value) !== null) continue
    parameters[parameter] = value
  }
  return parameters
}

/** The value of a property as its parameter has it; undefined where the parameter is left out. */
export function parameterOf(config: JailConfig, name: string): JailParameter {
  const row = rowOf(name)
  const value = config.get(name)
  if (name === 'allow_mount_zfs') return value === true || config.get('jail_zfs') || asked(config, name, value)
  if (name === 'vnet') return value === true || undefined
  // With a stack of its own the kernel takes no parameter of IP.
  if (/^ip[46]/.test(name) && config.get('vnet')) return undefined
  if (name === 'ip4_addr') return config.get('ip4') === 'new' ? plain(config.get('ip4_addr')) : undefined
  if (name === 'ip6_addr') return config.get('ip6') === 'new' ? plain(config.get('ip6_addr')) : undefined
  if (value === null) return undefined
  if (row?.always || config.isConfigured(name) || value !== row?.default) return value as JailParameter
  return undefined
}

function asked(config: JailConfig, name: string, value: unknown): JailParameter {
  return config.isConfigured(name) ? (value as boolean) : undefined
}

/** Addresses without their prefixes; undefined when there is none: the key's presence alone takes the host's away. */
function plain(all: readonly InterfaceAddress[]): readonly string[] | undefined {
  const addresses = all
    .map(({ address }) => address)
    .filter((address) => address !== 'dhcp' && address !== 'accept_rtadv')
  return addresses.length > 0 ? addresses : undefined
}
