/** What was asked, for a call with many names. */
export function several(words: string, names: readonly string[]): string {
  const [first, ...rest] = new Set(names)
  return `${words} "${first}"${rest.length > 0 ? ` and ${rest.length} more` : ''}`
}
