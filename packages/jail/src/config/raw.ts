/** What a configuration file holds, before anything is known of its properties. */
export type RawValue = string | number | boolean | null | readonly RawValue[] | { readonly [key: string]: RawValue }

/** The file of one jail: dotted names with what was written, nested objects flattened. */
export type RawConfig = ReadonlyMap<string, RawValue>

/** Deeper than any name of a property; a file that is deeper must not fill the stack. */
export const MAX_DEPTH = 64

/** `a: {b: 1}` as `a.b: 1`; an empty object stays one, so that nothing is lost. Throws RangeError. */
export function flatten(data: object): Map<string, RawValue> {
  const flat = new Map<string, RawValue>()
  const visit = (prefix: string, object: object, depth: number): void => {
    if (depth >= MAX_DEPTH) throw new RangeError(`it is nested more than ${MAX_DEPTH} levels deep`)
    for (const key of Object.keys(object)) {
      const value = (object as Record<string, RawValue>)[key] as RawValue
      const name = prefix === '' ? key : `${prefix}.${key}`
      const hasNames =
        typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      if (hasNames) visit(name, value, depth + 1)
      else flat.set(name, value)
    }
  }
  if (!Array.isArray(data)) visit('', data, 0)
  return flat
}

/** The inverse, keys sorted at every level. Throws RangeError for a name that has both a value and names below it. */
export function nest(flat: RawConfig): { [key: string]: RawValue } {
  // Without a prototype: `user.__proto__` is a name like any other.
  const root: { [key: string]: RawValue } = Object.create(null)
  for (const [name, value] of [...flat].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = name.split('.')
    const last = path.pop() as string
    let at = root
    for (const key of path) {
      at[key] ??= Object.create(null) as { [key: string]: RawValue }
      const child = at[key]
      if (typeof child !== 'object' || child === null || Array.isArray(child))
        throw new RangeError(`${name} lies below a value`)
      at = child as { [key: string]: RawValue }
    }
    if (Object.hasOwn(at, last)) throw new RangeError(`${name} has a value and names below it`)
    at[last] = value
  }
  return sorted(root)
}

function sorted(object: { [key: string]: RawValue }): { [key: string]: RawValue } {
  const result: { [key: string]: RawValue } = Object.create(null)
  for (const key of Object.keys(object).sort()) {
    const value = object[key] as RawValue
    const nested = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
    result[key] = nested ? sorted(value as { [key: string]: RawValue }) : value
  }
  return result
}

/** As text, where a format has nothing else: iocage's words for yes, no and none, lists with commas. */
export function rawText(value: RawValue): string {
  if (typeof value === 'string') return value
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.map((item) => rawText(item).replace(/[\\,]/g, '\\$&')).join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
