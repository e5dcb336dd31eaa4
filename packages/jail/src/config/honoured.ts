import type { Platform } from '../platform/platform.ts'
import type { JailConfig } from './config.ts'
import { JailPropertyNotHonoured } from './errors.ts'
import { parameterOf } from './parameters.ts'
import { type PropertyValue, properties, rowOf } from './properties/index.ts'
import { writeValue } from './written.ts'

/** A property that was set and that a platform does not carry out. */
export interface NotHonoured {
  readonly property: string
  readonly value: string
  readonly reason: string
}

/**
 * Refuses what was set for the jail and is not carried out on this platform. What only files of others say (unknown keys,
 * python-iocage's, the host's defaults) is returned, for the caller to warn of. Throws JailPropertyNotHonoured.
 */
export function requireHonoured(config: JailConfig, platform: Platform): NotHonoured[] {
  const set = notHonoured(config, platform)
  const refused = set.filter(({ property }) => !rowOf(property)?.foreign)
  refuse(config, platform, refused)
  const byDefault = config.defaults ? notHonoured(config.defaults, platform) : []
  const inForce = byDefault.filter(({ property }) => !config.isSet(property))
  return [...set, ...inForce, ...[config, ...(config.defaults ? [config.defaults] : [])].flatMap(unknown)]
}

/** Refuses those of the properties that the caller sets now, python-iocage's as well. Throws JailPropertyNotHonoured. */
export function requireSettable(config: JailConfig, names: readonly string[], platform: Platform): void {
  const refused = notHonoured(config, platform).filter(({ property }) => names.includes(property))
  refuse(config, platform, refused)
}

function refuse({ jail }: JailConfig, { name }: Platform, refused: readonly NotHonoured[]): void {
  if (refused.length === 0) return
  const properties = refused.map(({ property }) => property)
  const reason = refused.map(({ property, value, reason }) => `${property}=${value} (${reason})`).join(', ')
  throw new JailPropertyNotHonoured({ jail, platform: name, properties, reason })
}

function notHonoured(config: JailConfig, platform: Platform): NotHonoured[] {
  return config.entries().flatMap(([property, value]) => {
    const reason = refusal(config, platform, property, value)
    return reason === null ? [] : [{ property, value: writeValue(property, value).slice(0, 100), reason }]
  })
}

/** Why a value is not carried out, or null. */
function refusal(config: JailConfig, platform: Platform, name: string, value: PropertyValue): string | null {
  const row = rowOf(name)
  if (!row) return null
  const written = row.type.format(value)
  if (row.type.equal(value, row.default) || row.neutral?.includes(written) || written === 'none') return null
  const honoured = row.honouredBy[platform.name]
  if (honoured !== true) return honoured
  if ((name === 'ip4_addr' || name === 'ip6_addr') && (config.get('vnet') || config.get(name).some(isGiven))) {
    const setUp = properties.interfaces.honouredBy[platform.name]
    if (setUp !== true) return setUp
  }
  // It is no parameter of a launch, but a field of it.
  if (name === 'host_hostname') return platform.parameterRefusal('host.hostname', value as string)
  const parameter = row.parameter && parameterOf(config, name)
  return parameter === undefined || parameter === ''
    ? null
    : platform.parameterRefusal(row.parameter as string, parameter)
}

/** The kernel gives addresses; whoever asks somebody for one needs an interface that is set up. */
function isGiven({ address }: { address: string }): boolean {
  return address === 'dhcp' || address === 'accept_rtadv'
}

function unknown(config: JailConfig): NotHonoured[] {
  return config.unknown.map((property) => ({ property, value: '…', reason: 'no such property is known; it is kept' }))
}
