/** A value as JSON has it, and how the row of a table begins that has it too. */
export interface JsonValue {
  /** Everything before the value. */
  readonly head: string
  readonly value: string
  /** Takes the whole value. */
  readonly restore: (whole: string) => void
}

/**
 * OpenZFS's JSON silently leaves out every character beyond U+FFFF (nvlist_print_json_string of lib/libnvpair). A table has
 * them, and cannot be read for certain where values have line breaks; what JSON has of the values tells where each ends.
 * Changes nothing from where on the two do not agree: something was changed between them.
 */
export function restoreBeyondBmp(table: string, values: Iterable<JsonValue>): void {
  let at = 0
  for (const { head, value, restore } of values) {
    if (!table.startsWith(head, at)) return
    const begin = at + head.length
    const end = endOf(table, begin, value)
    if (end === undefined || table[end] !== '\n') return
    if (end - begin > value.length) restore(table.slice(begin, end))
    at = end + 1
  }
}

/** Where the text ends that has this value and only characters beyond U+FFFF besides. */
function endOf(table: string, begin: number, value: string): number | undefined {
  let at = begin
  for (const unit of [...value, undefined]) {
    while ((table.codePointAt(at) ?? 0) > 0xffff) at += 2
    if (unit === undefined) return at
    if (table[at] !== unit) return undefined
    at += 1
  }
  return undefined
}
