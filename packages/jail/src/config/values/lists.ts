import { checkLine, isNone, textOf, type ValueType, valueType } from './value-type.ts'

/** Items between unescaped separators; `\,` is a comma and `\\` a backslash within one. */
export function splitList(written: string, separator: (character: string) => boolean): string[] {
  const items: string[] = []
  let item = ''
  let escaped = false
  for (const character of written) {
    if (escaped) {
      // A backslash before anything else is what it is: `C:\temp`, or an escape of whoever reads the item.
      item += character === '\\' || separator(character) ? character : `\\${character}`
      escaped = false
    } else if (character === '\\') {
      escaped = true
    } else if (separator(character)) {
      items.push(item)
      item = ''
    } else {
      item += character
    }
  }
  items.push(escaped ? `${item}\\` : item)
  return items.map((each) => each.trim()).filter((each) => each !== '')
}

export const isComma = (character: string): boolean => character === ','
const isSpace = (character: string): boolean => /\s/.test(character)
export const isCommaOrSpace = (character: string): boolean => isComma(character) || isSpace(character)

interface ListOptions {
  readonly name: string
  readonly expected: string
  readonly separator: (character: string) => boolean
  readonly join: string
  /** Throws RangeError for an item that cannot be. */
  readonly check?: (item: string) => void
}

/** A list that is written as one text. */
export function listOf({ name, expected, separator, join, check }: ListOptions): ValueType<readonly string[]> {
  return valueType<readonly string[]>({
    name,
    expected,
    parse: (written) => {
      if (isNone(written)) return Object.freeze([])
      const items = (Array.isArray(written) ? written : splitList(textOf(written), separator)).map(item)
      for (const each of items) check?.(each)
      return Object.freeze(items)
    },
    format: (items) => (items.length === 0 ? 'none' : items.map((each) => escaped(each, separator)).join(join)),
    schema: { type: ['string', 'array', 'null'], items: { type: 'string' } },
  })
}

function item(written: unknown): string {
  const text = textOf(written)
  if (text === '') throw new RangeError('an item is empty')
  return checkLine(text)
}

function escaped(text: string, separator: (character: string) => boolean): string {
  return [...text]
    .map((character) => (character === '\\' || separator(character) ? `\\${character}` : character))
    .join('')
}

/** Written with commas; `\,` is a comma of an item. */
export const list: ValueType<readonly string[]> = listOf({
  name: 'list',
  expected: 'a list, separated by commas',
  separator: isComma,
  join: ',',
})

/** Written with spaces, as a command line is, without quotes. */
export const words: ValueType<readonly string[]> = listOf({
  name: 'words',
  expected: 'words, separated by spaces',
  separator: isSpace,
  join: ' ',
})

/** Names of ZFS datasets (zfs(8), "ZFS File System Hierarchy"): none may be read as an option or name a snapshot. */
export const datasets: ValueType<readonly string[]> = listOf({
  name: 'datasets',
  expected: 'names of datasets, separated by spaces',
  separator: isCommaOrSpace,
  join: ' ',
  check: (name) => {
    const components = name.split('/')
    const valid =
      name.length < 256 && components.every((each) => /^[A-Za-z0-9_.:-]+$/.test(each) && !/^\.{1,2}$/.test(each))
    if (!valid || name.startsWith('-'))
      throw new RangeError(`${JSON.stringify(name.slice(0, 100))} is not the name of a dataset`)
  },
})
