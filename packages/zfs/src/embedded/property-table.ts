import { canonicalName, type PropertyRow, propertyRow } from '../properties/names.ts'

/** FreeBSD calls `zoned` jailed; it is one property here. */
export function canonical(property: string): string {
  return property === 'jailed' ? 'zoned' : canonicalName(property)
}

/** Properties of encryption, which is not done here. */
const encryption: ReadonlySet<string> = new Set(['encryption', 'keyformat', 'keylocation', 'pbkdf2iters', 'pbkdf2salt'])

/** What is known of a property that can be set here; what it would do is not done: it is kept and handed down. */
export function settableRow(property: string): PropertyRow | undefined {
  const row = propertyRow(canonical(property))
  return row?.access === 'read' || encryption.has(canonical(property)) ? undefined : row
}

/** Properties that are computed, and those that nothing here can change. */
export function isReadOnly(property: string): boolean {
  return propertyRow(canonical(property)) !== undefined && settableRow(property) === undefined
}

/** Whether a property is not handed down to children. */
export function isOwn({ access }: PropertyRow): boolean {
  return access === 'own' || access === 'onceOwn'
}
