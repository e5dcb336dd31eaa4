import { isJailName } from '../name.ts'
import { isNone, textOf, type ValueType, valueType } from './value-type.ts'

/** `host_hostuuid`: a UUID, or as iocage has it the name of a jail. */
export const hostuuid: ValueType<string | null> = valueType({
  name: 'UUID',
  expected: 'a UUID, or none',
  parse: (written) => {
    if (isNone(written)) return null
    const text = textOf(written)
    if (!isJailName(text)) throw new RangeError('expected a UUID')
    return text
  },
  format: (value) => value ?? 'none',
})

/** `devfs_ruleset`: the number of a ruleset (devfs(8): 0 to 65535), the name of one, or none. */
export const devfsRuleset: ValueType<number | string | null> = valueType<number | string | null>({
  name: 'devfs ruleset',
  expected: 'the number or name of a ruleset of devfs, or none',
  parse: (written) => {
    if (isNone(written)) return null
    const text = textOf(written)
    if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/.test(text)) throw new RangeError('expected a number up to 65535, or a name')
    return text
  },
  format: (value) => (value === null ? 'none' : String(value)),
  schema: { type: ['string', 'integer', 'null'] },
})
