import { JailConfig } from '../config/config.ts'
import type { JailBase } from './jail-base.ts'

/** What is asked for as `running`, `full_name` … and is no property; libioc's names. */
const attributes: Readonly<Record<string, (jail: JailBase, jid: () => number | null) => unknown>> = {
  id: (jail) => jail.name,
  name: (jail) => jail.name,
  full_name: (jail) => jail.fullName,
  humanreadable_name: (jail) => jail.humanreadableName,
  identifier: (jail) => jail.identifier,
  source: (jail) => jail.source,
  dataset_name: (jail) => jail.datasetName,
  root_dataset_name: (jail) => jail.rootDatasetName,
  path: (jail) => jail.path,
  root_path: (jail) => jail.rootPath,
  hostuuid: (jail) => jail.hostuuid,
  jid: (_, jid) => jid(),
  running: (_, jid) => jid() !== null,
  stopped: (_, jid) => jid() === null,
}

/** The value of an attribute, else of the property of that name. Throws UnknownConfigProperty. */
export function attributeOf(jail: JailBase, key: string, jid: () => number | null): unknown {
  const attribute = isAttribute(key) ? attributes[key] : undefined
  return attribute ? attribute(jail, jid) : jail.config.get(key)
}

export function isAttribute(key: string): boolean {
  return Object.hasOwn(attributes, key)
}

/** Throws UnknownConfigProperty for what is neither an attribute nor a property, also where there is no jail to ask. */
export function requireKnown(key: string): void {
  if (!isAttribute(key)) new JailConfig('any jail').get(key)
}

/** Whether the value comes from the jail's configuration, which must be read for it. */
export function needsConfig(key: string): boolean {
  return !isAttribute(key) || key === 'hostuuid'
}
