import { checkLine, checkText, isNone, textOf, type ValueType, valueType } from './value-type.ts'

/** Any text; the words for none are null. */
export const text: ValueType<string | null> = valueType({
  name: 'text',
  expected: 'text',
  parse: (written) => {
    if (isNone(written)) return null
    if (typeof written !== 'string') throw new RangeError('it is not text')
    return checkText(written)
  },
  format: (value) => value ?? 'none',
})

/** Text of one line, which `check` may refuse further with a RangeError. */
export function line(
  name: string = 'text',
  expected: string = 'text of one line',
  check: (text: string) => void = () => {},
): ValueType<string | null> {
  return valueType({
    ...text,
    name,
    expected,
    parse: (written) => {
      const parsed = text.parse(written)
      if (parsed !== null) check(checkLine(parsed))
      return parsed
    },
  })
}

/** As `text`, of whoever writes numbers for it as well. */
export const loose: ValueType<string | null> = valueType({
  ...text,
  parse: (written) => {
    const isScalar = typeof written === 'number' || typeof written === 'boolean'
    return text.parse(isScalar ? String(Number(written)) : written)
  },
  schema: { type: ['string', 'number', 'boolean', 'null'] },
})

const YES = new Set(['yes', 'true', 'on', '1'])
const NO = new Set(['no', 'false', 'off', '0'])

/** Written `yes` and `no`; iocage writes 1 and 0. */
export const boolean: ValueType<boolean> = valueType({
  name: 'boolean',
  expected: 'yes or no',
  parse: (written) => {
    if (typeof written === 'boolean') return written
    const word = textOf(written).toLowerCase()
    if (!YES.has(word) && !NO.has(word)) throw new RangeError('expected yes or no')
    return YES.has(word)
  },
  format: (value) => (value ? 'yes' : 'no'),
  iocage: Number,
  schema: {
    anyOf: [
      { type: 'boolean' },
      { enum: [0, 1] },
      {
        type: 'string',
        pattern: '^([Yy][Ee][Ss]|[Tt][Rr][Uu][Ee]|[Oo][Nn]|1|[Nn][Oo]|[Ff][Aa][Ll][Ss][Ee]|[Oo][Ff][Ff]|0)$',
      },
    ],
  },
})

/** The same, as libioc writes what its own table has as an integer or as text: 1 and 0. */
export const bit: ValueType<boolean> = Object.freeze({ ...boolean, format: (value: boolean) => (value ? '1' : '0') })

export interface Range {
  readonly from?: number
  readonly to?: number
}

export function integer({ from = 0, to = Number.MAX_SAFE_INTEGER }: Range = {}): ValueType<number> {
  const upTo = to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`
  const expected =
    from === 0 && to === Number.MAX_SAFE_INTEGER ? 'a whole number that is not negative' : `a whole number ${upTo}`
  return valueType({
    name: 'integer',
    expected,
    parse: (written) => {
      const written_ = textOf(written)
      const number = /^[+-]?\d{1,15}$/.test(written_) ? Number(written_) : Number.NaN
      if (!(number >= from && number <= to)) throw new RangeError(`expected ${expected}`)
      return number
    },
    format: String,
    schema: {
      anyOf: [
        { type: 'integer', minimum: from, maximum: to },
        { type: 'string', pattern: '^[+-]?[0-9]{1,15}$' },
      ],
    },
  })
}

export function choice<const W extends string>(...words: readonly W[]): ValueType<W> {
  return valueType({
    name: words.join(', '),
    expected: `one of ${words.join(', ')}`,
    parse: (written) => {
      const word = words.find((each) => each === textOf(written).toLowerCase())
      if (word === undefined) throw new RangeError(`expected one of ${words.join(', ')}`)
      return word
    },
    format: (value) => value,
    schema: { type: 'string', enum: words },
  })
}
