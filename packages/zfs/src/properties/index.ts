import { ArgumentInvalid } from '../errors.ts'
import { toNative } from './native.ts'
import type { PropertyInput } from './types.ts'

export { canonicalName, isUserProperty } from './names.ts'
export { propertyText } from './native.ts'
export { readValue as propertyValue } from './read.ts'
export type { PropertyInput, PropertyName, PropertyValue, ValueOf } from './types.ts'

/**
 * A value as the kernel keeps it: `nativeProperty('recordsize', '128k')` is 131072n, `('compression', 'lz4')` 15n,
 * `('quota', 'none')` 0n, `('atime', true)` 1n; texts stay what they are. Throws ArgumentInvalid.
 */
export function nativeProperty(property: string, value: PropertyInput): bigint | string {
  const native = toNative(property, value)
  if (!('reason' in native)) return native.value as bigint | string
  throw new ArgumentInvalid({ argument: property, reason: native.reason, asked: `convert "${String(value)}"` })
}
