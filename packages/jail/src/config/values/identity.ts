import { isJailName } from '../name.ts'
import { line } from './scalars.ts'
import { isNone, textOf, type ValueType, valueType } from './value-type.ts'

/** The name of a release with its source and patch level, where it has them; of whoever wrote it, so that the rules are few. */
export const release: ValueType<string | null> = line(
  'release',
  'the name of a release, such as 14.3-RELEASE-p2',
  (text) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._+:-]*(?:\/[A-Za-z0-9][A-Za-z0-9._+:-]*)?$/.test(text) || text.length > 128)
      throw new RangeError('it has letters, digits, dots and dashes')
  },
)

/** hostname(7); 255 characters are the most that FreeBSD takes (MAXHOSTNAMELEN of sys/param.h, with the NUL). */
export const hostname: ValueType<string | null> = line('host name', 'a host name', (text) => {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/.test(text))
    throw new RangeError('it has at most 255 letters, digits, dots and dashes')
})

/** passwd(5); useradd(8) and pw(8) have no others. */
export const userName: ValueType<string | null> = line('user', 'the name of a user', (text) => {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?$/.test(text))
    throw new RangeError('it has at most 32 letters, digits, dots and dashes')
})

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
