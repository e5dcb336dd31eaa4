import { IocError } from '@gaoler/core'
import { Terms } from '../../filter/terms.ts'
import { isComma, splitList } from './lists.ts'
import { checkLine, isNone, textOf, type ValueType, valueType } from './value-type.ts'

/**
 * What a jail depends on: names, or terms of the filter language (`tag=db`, `tag=db,cache`), separated by spaces; names
 * also by commas. A jail that matches one of them is needed.
 */
export const terms: ValueType<readonly string[]> = valueType<readonly string[]>({
  name: 'terms',
  expected: 'names of jails or filters such as tag=db, separated by spaces',
  parse: (written) => {
    if (isNone(written)) return Object.freeze([])
    const items = Array.isArray(written) ? written.map(textOf) : [textOf(written)]
    const all = items
      .flatMap((each) => splitTerms(each))
      .flatMap((each) => (each.includes('=') ? [each] : splitList(each, isComma)))
    for (const each of all) {
      if (!isTerm(each))
        throw new RangeError(`${JSON.stringify(each.slice(0, 100))} is neither the name of a jail nor a filter`)
    }
    return Object.freeze(all)
  },
  format: (items) => (items.length === 0 ? 'none' : items.join(' ')),
  schema: { type: ['string', 'array', 'null'], items: { type: 'string' } },
})

function isTerm(text: string): boolean {
  // Names were separated at their commas: what is left of one was escaped, and no name has it.
  if (!text.includes('=') && /[,\\]/.test(text)) return false
  try {
    return new Terms(checkLine(text)).size === 1
  } catch (error) {
    if (error instanceof RangeError || error instanceof IocError) return false
    throw error
  }
}

/** At spaces without a backslash before them; escapes stay, they are the filter's. */
function splitTerms(text: string): string[] {
  return text.split(/(?<!\\)\s+/).filter((each) => each !== '')
}
