import { generated, sources } from './source.ts'

/** The packages whose README is the comment at the head of their `src/index.ts`. */
export const documented: readonly string[] = ['core', 'zfs', 'jail', 'cli']

/** README.md of a package: what its source says of the package, so that both cannot drift apart. */
export function readmePage(name: string): string {
  const path = `packages/${name}/src/index.ts`
  const text = sources(path)[0]?.text ?? ''
  const [, comment] = /^\/\*\*\n([\s\S]*?)\n \* @packageDocumentation\n \*\/\n/.exec(text) ?? []
  if (comment === undefined) throw new Error(`${path} does not begin with a comment that ends in @packageDocumentation`)
  return `${generated}\n\n${comment.replace(/^ \* ?/gm, '').trimEnd()}\n`
}
