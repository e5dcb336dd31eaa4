const TOKEN =
  /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy

/** What may come next; `item` and `key` are the first ones of their brackets, which may be empty. */
type Expected = 'value' | 'item' | 'key' | 'next key' | 'colon' | 'separator' | 'end'

/** Where a text stops being JSON: JSON.parse says that of some faults only. */
export function jsonFault(text: string): number {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (!found) return skipSpace(text, at)
    const [whole, mark, string] = found
    const next = after(expected, mark ?? (string === undefined ? 'scalar' : 'string'), open)
    if (next === null) return skipSpace(text, at)
    expected = next
    at += whole.length
  }
}

function after(expected: Expected, token: string, open: ('{' | '[')[]): Expected | null {
  const closes = token === (open.at(-1) === '{' ? '}' : ']') && open.length > 0
  if (closes && (expected === 'separator' || expected === 'key' || expected === 'item')) {
    open.pop()
    return open.length === 0 ? 'end' : 'separator'
  }
  if (expected === 'key' || expected === 'next key') return token === 'string' ? 'colon' : null
  if (expected === 'colon') return token === ':' ? 'value' : null
  if (expected === 'separator') return token === ',' ? (open.at(-1) === '{' ? 'next key' : 'value') : null
  if (expected === 'end') return null
  if (token === '{' || token === '[') {
    open.push(token)
    return token === '{' ? 'key' : 'item'
  }
  if (token !== 'string' && token !== 'scalar') return null
  return open.length === 0 ? 'end' : 'separator'
}

function skipSpace(text: string, at: number): number {
  let next = at
  while (' \t\n\r'.includes(text[next] ?? 'x')) next++
  return next
}
