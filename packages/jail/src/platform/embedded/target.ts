import { join } from 'node:path'
import { InsecureJailPath } from '../../errors.ts'
import { lookAt } from './files.ts'
import type { JailRecord } from './jail-table.ts'

/** Where something is mounted, or shall be. */
export interface Target {
  /** The path inside the jail: `/dev/fd`. */
  readonly inside: string
  readonly path: string
  /** Directories that are missing on the way, outermost first; not the target itself. */
  readonly missing: readonly string[]
  /** What is at the path; a symbolic link is seen as such. */
  readonly is: 'file' | 'directory' | 'link' | null
}

/**
 * Looks at every component between the jail's root and `target`, without following a link. Throws InsecureJailPath
 * when the target is not below the root, or when what is on the way is a symbolic link or no directory.
 *
 * That keeps out links that came with a release or an archive. A process of the jail that changes the path meanwhile
 * is not kept out: it has its user's rights on the host anyway.
 */
export function inspectTarget(jail: Pick<JailRecord, 'root' | 'path'>, target: string): Target {
  const inside = insideOf(jail, target)
  const parts = inside.slice(1).split('/')
  const missing: string[] = []
  let path = jail.root
  for (const part of parts.slice(0, -1)) {
    path = join(path, part)
    const found = lookAt(path)
    if (found === null) missing.push(path)
    else if (found.isSymbolicLink()) throw new InsecureJailPath({ path: target, reason: `${path} is a symbolic link` })
    else if (!found.isDirectory()) throw new InsecureJailPath({ path: target, reason: `${path} is not a directory` })
  }
  path = join(jail.root, ...parts)
  const found = lookAt(path)
  const is = found && (found.isSymbolicLink() ? 'link' : found.isDirectory() ? 'directory' : 'file')
  return { inside, path, missing, is }
}

/** The path inside the jail, `/dev/fd`, of a target on the host; nothing on disk is looked at. */
export function insideOf({ root, path }: Pick<JailRecord, 'root' | 'path'>, target: string): string {
  const base = [path, root].find((one) => target.startsWith(`${one.replace(/\/+$/, '')}/`))
  const below = base === undefined ? '' : target.slice(base.length)
  const parts = below.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0 || parts.includes('..')) {
    throw new InsecureJailPath({ path: target, reason: `it is not below the jail's root ${path}` })
  }
  return `/${parts.join('/')}`
}
