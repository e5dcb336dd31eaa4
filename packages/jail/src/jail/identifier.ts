import { createHash } from 'node:crypto'

/** Of a jail in a source: libioc's form `source-name`. A dot has a meaning for kernels; a star is in no name. */
export function identifierOf(source: string, name: string): string {
  return `${source.replaceAll('-', '*')}-${name.replaceAll('.', '*')}`
}

/** Of a jail in any other dataset, which has the name of its last component: no source begins with a star. */
export function foreignIdentifier(dataset: string, name: string): string {
  const place = createHash('sha256').update(dataset).digest('hex').slice(0, 12)
  return `*${identifierOf(place, name)}`
}

/** What an identifier was made from, `source` null for a foreign jail; null for a name that is none of ours. */
export function parseIdentifier(identifier: string): { readonly source: string | null; readonly name: string } | null {
  const [, star, source, rest] = /^(\*?)([^-]+)-(.+)$/s.exec(identifier) ?? []
  if (source === undefined || rest === undefined) return null
  return { source: star ? null : source.replaceAll('*', '-'), name: rest.replaceAll('*', '.') }
}
