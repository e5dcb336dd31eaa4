import type { Step } from '@gaoler/core'
import { JailConfig } from '../config/config.ts'
import { writeJson } from '../config/json.ts'
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
  return ['hostid', 'host_hostuuid', 'template'].includes(property) || /^vnet\d+_mac$/.test(property)
}

/**
 * The configuration of a new jail: what is given (with the name, or for its creation), then what is fixed by where it comes from, then what `from` has and
 * may be shared. Throws UnknownConfigProperty, InvalidJailConfigValue.
 */
export function initialConfig(jail: JailBase, given: Values = {}, fixed: Values, from?: JailBase): InitialConfig {
  const config = new JailConfig(jail.name)
  for (const [name, value] of Object.entries({ ...jail.initial, ...given, ...fixed })) config.set(name, value)
  for (const [name, value] of from?.config.entries() ?? []) {
    if (!config.isSet(name) && !isOwn(name)) config.set(name, value)
  }
  if (!config.isSet('hostid')) config.set('hostid', jail.host.platform.hostUuid())
  if (!config.isSet('host_hostuuid')) config.set('host_hostuuid', jail.derivedHostuuid)
  return { config, storage: storageFor(config) }
}

/** The step that writes a jail's configuration. */
export function writeConfig(s: HostScope, jail: JailBase, config: JailConfig): Step<unknown> {
  const path = jail.configFile
  return s.step('JailConfigWrite', (t) => {
    const previous = jail.host.files.readText(path)
    return t.host.writeFile({ path, content: writeJson(config), previous, mode: 0o600 })
  })
}
