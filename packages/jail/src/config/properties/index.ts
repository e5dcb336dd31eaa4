import type { MacPair } from '../values/mac.ts'
import { type ExecProperties, execProperties } from './exec.ts'
import { type IdentityProperties, identityProperties } from './identity.ts'
import { type IocageProperties, iocageProperties } from './iocage.ts'
import { type KernelProperties, kernelProperties } from './kernel.ts'
import { type LimitProperties, limitProperties } from './limits.ts'
import { type MountProperties, mountProperties } from './mounts.ts'
import { macProperty, type NetworkProperties, networkProperties } from './network.ts'
import { type ProvisionProperties, provisionProperties } from './provision.ts'
import type { PropertyRow, PropertyRows } from './row.ts'

/** The type of every property that a jail can have, as `config.get` returns it. */
export interface JailProperties
  extends IdentityProperties,
    ExecProperties,
    MountProperties,
    KernelProperties,
    NetworkProperties,
    LimitProperties,
    ProvisionProperties,
    IocageProperties {}

export type PropertyName = keyof JailProperties

export type PropertyValue = JailProperties[PropertyName] | MacPair | UserValue

/** Properties to set, by their names or by names below `user.*`; values as files have them or as TypeScript has them. */
export type PropertyInput = { readonly [K in PropertyName]?: unknown } & { readonly [name: string]: unknown }

/** What users keep under `user.*` is theirs: it is written as it was set, "1" and "on" as well. */
export type UserValue = string | number | boolean | readonly string[] | null

/** The rows by subject, as docs/properties.md shows them. */
export const propertyGroups: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'The jail itself': identityProperties,
  Commands: execProperties,
  'Mounts and datasets': mountProperties,
  'Rights and the kernel': kernelProperties,
  Network: networkProperties,
  Limits: limitProperties,
  Provisioning: provisionProperties,
  'Properties of python-iocage': iocageProperties,
}

/** One row for every property. */
export const properties: PropertyRows<JailProperties> = Object.freeze({
  ...identityProperties,
  ...execProperties,
  ...mountProperties,
  ...kernelProperties,
  ...networkProperties,
  ...limitProperties,
  ...provisionProperties,
  ...iocageProperties,
})

// Everybody is given the same default.
for (const row of Object.values(properties)) Object.freeze(row.default)

/** Names of the jail itself: they come from its dataset, and are only read here. */
export const nameAliases: readonly string[] = ['id', 'name', 'uuid']

const byParameter = new Map(
  Object.entries(properties).flatMap(([name, { parameter }]) => (parameter === undefined ? [] : [[parameter, name]])),
)
// They are passed on by the steps that make them, and are known by their dotted names as well.
for (const name of ['host_hostname', 'host_hostuuid']) byParameter.set(name.replace('_', '.'), name)

/** The property's own name for a parameter's dotted one (`allow.raw_sockets`); any other as it is. */
export function canonicalName(name: string): string {
  return byParameter.get(name) ?? name
}

/** Whether `name` is a property of the table; `user.*` is the user's own and not in it. */
function isPropertyName(name: string): name is PropertyName {
  return Object.hasOwn(properties, name)
}

export function isUserProperty(name: string): boolean {
  return name.length < 256 && /^user(\.[A-Za-z0-9_-]+){1,63}$/.test(name)
}

/** The interface of a `<interface>_mac`, else null. */
export function interfaceOfMac(name: string): string | null {
  return name === 'mac_prefix' ? null : (/^([A-Za-z][A-Za-z0-9.-]{0,14})_mac$/.exec(name)?.[1] ?? null)
}

/** What is known of a property; undefined for `user.*` and what is unknown. */
export function rowOf(name: string): PropertyRow<PropertyValue> | undefined {
  if (isPropertyName(name)) return properties[name] as PropertyRow<PropertyValue>
  return interfaceOfMac(name) === null ? undefined : (macProperty as unknown as PropertyRow<PropertyValue>)
}

/** Properties whose names are near to an unknown one, the nearest first, for its error. */
export function similarProperties(name: string): string[] {
  const letters = lettersOf(name.slice(0, 100))
  // No name of the table is as long as the latter.
  if (letters.length < 3 || letters.length > 40) return []
  const near = Object.keys(properties).flatMap((known) => {
    const plain = lettersOf(known)
    const distance = editDistance(letters, plain)
    const contains = plain.length > 2 && (plain.includes(letters) || letters.includes(plain))
    return contains || distance <= letters.length / 4 ? [{ known, distance }] : []
  })
  return near
    .sort((a, b) => a.distance - b.distance)
    .map(({ known }) => known)
    .slice(0, 5)
}

function lettersOf(name: string): string {
  return name.replace(/[^a-z0-9]/gi, '').toLowerCase()
}

/** How many letters must be put in, taken away or replaced to come from one to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1]
    for (const [index, other] of [...to].entries()) {
      const [left, above, diagonal] = [next[index], row[index + 1], row[index]] as [number, number, number]
      next.push(Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) as number
}
