import { PoolsDiffer } from '../../errors.ts'
import { poolOf } from '../../names.ts'

/** What was asked, for a call with many names. */
export function several(verb: string, names: readonly string[]): string {
  const rest = names.length > 1 ? ` and ${names.length - 1} more` : ''
  return `${verb} ${names[0]}${rest}`
}

/** The error for the first name that is not of the first one's pool. */
export function otherPool(names: readonly string[]): PoolsDiffer | undefined {
  const stranger = names.find((name) => poolOf(name) !== poolOf(names[0] as string))
  return stranger === undefined ? undefined : new PoolsDiffer({ name: stranger })
}
