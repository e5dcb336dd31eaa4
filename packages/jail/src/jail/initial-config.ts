import type { Step } from '@gaoler/core'
import { JailConfig } from '../config/config.ts'
import { requireSettable } from '../config/honoured.ts'
import { interfaceOfMac } from '../config/properties/index.ts'
import type { HostScope } from '../host/host-base.ts'
import { type JailStorage, storageFor } from '../storage/storage.ts'
import type { JailBase } from './jail-base.ts'

export interface InitialConfig {
  readonly config: JailConfig
  readonly storage: JailStorage
}

type Values = Readonly<Record<string, unknown>>

/** What belongs to one jail on one host, so that no other may have it too. */
function isOwn(property: string): boolean {
  return ['hostid', 'host_hostuuid', 'template'].includes(property) || interfaceOfMac(property) !== null
}

/**
 * The configuration of a new jail: what is given (with the name, by `jail.config`, or for its creation), then what is fixed by where it comes
 * from, over what `from` has and may be shared. Throws UnknownConfigProperty, InvalidJailConfigValue, JailPropertyNotHonoured.
 */
export function initialConfig(
  jail: JailBase,
  given: Values | undefined,
  fixed: Values,
  from?: JailBase,
): InitialConfig {
  const config = from
    ? from.readConfig().config.clone(jail.name)
    : new JailConfig(jail.name, { defaults: jail.host.defaults.config })
  for (const [name] of config.entries()) if (isOwn(name)) config.set(name, undefined)
  requireSettable(config, config.setAll({ ...jail.initial, ...jail.changes, ...given }), jail.host.platform)
  config.setAll(fixed)
  if (!config.isSet('hostid')) config.set('hostid', jail.host.platform.hostUuid())
  if (!config.isSet('host_hostuuid')) config.set('host_hostuuid', jail.derivedHostuuid)
  return { config, storage: storageFor(config) }
}

/** The step that writes a jail's configuration; of a `fresh` jail there is none yet that would say in which format. */
export function writeConfig(
  s: HostScope,
  jail: JailBase,
  config: JailConfig,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Step<unknown> {
  return s.step('JailConfigWrite', (t) => (fresh ? jail.newConfigStore : jail.readConfig().store).write(t, config))
}
