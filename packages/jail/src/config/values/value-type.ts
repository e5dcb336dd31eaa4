/** A JSON Schema, as far as the written forms of values need it. */
export type Schema = Readonly<Record<string, unknown>>

/**
 * How the value of a property is written and what it is in TypeScript. Values are frozen: nothing that a default or another
 * jail holds can be changed through them.
 */
export interface ValueType<V> {
  /** Its name in the documentation. */
  readonly name: string
  /** What is expected, for messages. */
  readonly expected: string
  /** From what files and users write, or from the value itself. Throws RangeError with the reason. */
  parse(written: unknown): V
  /** As libioc writes it into its files; `parse` reads it back. */
  format(value: V): string
  equal(a: V, b: V): boolean
  /** As python-iocage writes it, where that differs. */
  readonly iocage?: (value: V) => string | number
  /** The forms that a JSON file may have. */
  readonly schema: Readonly<Record<string, unknown>>
}

type Parts<V> = Omit<ValueType<V>, 'equal' | 'schema'> & { equal?: ValueType<V>['equal']; schema?: Schema }

/** A type of which two values are equal when they are written alike. */
export function valueType<V>(parts: Parts<V>): ValueType<V> {
  return Object.freeze({
    schema: { type: ['string', 'null'] },
    equal: (a: V, b: V) => parts.format(a) === parts.format(b),
    ...parts,
  })
}

/** The words for no value, as libioc and iocage write them. */
export function isNone(written: unknown): boolean {
  return written === null || (typeof written === 'string' && /^(none|-|)$/i.test(written.trim()))
}

/** Whether it is an object with names, as a value in TypeScript may be. */
export function isRecord(written: unknown): written is Record<string, unknown> {
  return typeof written === 'object' && written !== null && !Array.isArray(written)
}

/** What was written, as text without the space around it. Throws RangeError. */
export function textOf(written: unknown): string {
  if (typeof written === 'number' || typeof written === 'bigint') return String(written)
  if (typeof written !== 'string') throw new RangeError('it is not text')
  return checkText(written).trim()
}

/** Returns `text`; throws RangeError for what neither a file nor an environment can hold. */
export function checkText(text: string): string {
  if (text.includes('\0')) throw new RangeError('it contains a NUL character')
  if (!text.isWellFormed()) throw new RangeError('it contains half of a surrogate pair, which is no character')
  return text
}

/** Returns `text`; throws RangeError for what would move the cursor of whoever shows it, or begin another line. */
export function checkLine(text: string): string {
  if (/\p{Cc}/u.test(checkText(text))) throw new RangeError('it contains a control character')
  return text
}

/** The same type with null for the words that mean none. */
export function optional<V>(type: ValueType<V>): ValueType<V | null> {
  const { iocage } = type
  return valueType<V | null>({
    name: type.name,
    expected: `${type.expected}, or none`,
    parse: (written) => (isNone(written) ? null : type.parse(written)),
    format: (value) => (value === null ? 'none' : type.format(value)),
    equal: (a, b) => (a === null || b === null ? a === b : type.equal(a, b)),
    schema: { anyOf: [type.schema, { type: 'null' }] },
    ...(iocage && { iocage: (value: V | null) => (value === null ? 'none' : iocage(value)) }),
  })
}
