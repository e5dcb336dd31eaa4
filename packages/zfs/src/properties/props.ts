import { PropertyInvalid } from '../errors.ts'
import type { NvInput } from '../nvlist/types.ts'
import { canonicalName, propertyRow } from './names.ts'
import { toNative } from './native.ts'

/** What properties are given to, and for what. */
export interface Target {
  readonly name: string
  readonly asked: string
  /** When it is known: a property of the other type is refused. */
  readonly type?: 'filesystem' | 'volume'
}

/**
 * Properties as the kernel takes them: words, units and booleans become numbers, short names whole ones. What the table
 * does not have is left to the kernel. Throws PropertyInvalid.
 */
export function nativeProps(props: NvInput, { name, asked, type }: Target): Map<string, unknown> {
  const entries: Iterable<[string, unknown]> = props instanceof Map ? props : Object.entries(props)
  return new Map(
    Array.from(entries, ([property, given]) => {
      const refuse = (reason: string): PropertyInvalid => new PropertyInvalid({ name, property, asked, reason })
      const row = propertyRow(property)
      if (row?.access === 'read') throw refuse('it is read-only')
      if (row && type && !row.on.includes(type[0] as string)) throw refuse(`it is no property of a ${type}`)
      // A flag, or a type that the caller has chosen: the codec's matter.
      if (typeof given === 'object') return [canonicalName(property), given]
      const native = toNative(property, given)
      if ('reason' in native) throw refuse(native.reason)
      return [canonicalName(property), native.value]
    }),
  )
}
