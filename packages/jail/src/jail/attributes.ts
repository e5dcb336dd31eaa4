import { JailConfig } from '../config/config.ts'
import type { JailProperties, PropertyName } from '../config/properties/index.ts'
import type { JailBase } from './jail-base.ts'

/** What is asked for as `running`, `full_name` … and is no property; libioc's names. */
export interface JailAttributes {
  readonly id: string
  readonly name: string
  readonly full_name: string
  readonly humanreadable_name: string
  readonly identifier: string
  readonly source: string
  readonly dataset_name: string
  readonly root_dataset_name: string
  readonly path: string
  readonly root_path: string
  readonly hostuuid: string
  /** Null while it does not run. */
  readonly jid: number | null
  readonly running: boolean
  readonly stopped: boolean
}

/** The type of an attribute, else of the property of that name; names of `user.*`, and those known at run time only, have none. */
export type JailValue<K extends string> = K extends keyof JailAttributes
  ? JailAttributes[K]
  : K extends PropertyName
    ? JailProperties[K]
    : unknown

const attributes: {
  readonly [K in keyof JailAttributes]: (jail: JailBase, jid: () => number | null) => JailAttributes[K]
} = {
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

export function isAttribute(key: string): key is keyof JailAttributes {
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
