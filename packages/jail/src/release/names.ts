/** Why an entry is refused; the caller adds the archive and the entry. */
export class Refusal extends Error {}

/**
 * The path of an entry below the root, as `a/b/c`, empty for the root itself.
 * Throws Refusal for every name that says something else than a path below the root.
 */
export function relativeName(name: string): string {
  if (name.includes('\0')) throw new Refusal('its name has a NUL')
  // The replacement character is what is left of bytes that were not UTF-8: two such names could be one.
  if (name.includes('\uFFFD')) throw new Refusal('its name is not in UTF-8')
  if (name === '') throw new Refusal('it has no name')
  if (name.startsWith('/')) throw new Refusal('its name is an absolute path')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new Refusal('its name goes up with ..')
  return parts.join('/')
}

/** The path without its last component, empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/**
 * Refuses a target of a symbolic link at `path` that climbs above the root.
 * An absolute target is data: it means the jail's own root to who lives in the jail, and nobody here follows it.
 */
export function checkSymlinkTarget(path: string, target: string): void {
  if (target === '') throw new Refusal('it is a symbolic link to nothing')
  if (target.includes('\0')) throw new Refusal('its target has a NUL')
  if (target.includes('\uFFFD')) throw new Refusal('its target is not in UTF-8')
  if (target.startsWith('/')) return
  let depth = path.split('/').length - 1
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    depth += part === '..' ? -1 : 1
    if (depth < 0) throw new Refusal(`its target ${target} is above the root`)
  }
}
