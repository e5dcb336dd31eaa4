import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname, join, parse, relative, sep } from 'node:path'
import { MountpointUnusable } from './errors.ts'
import type { State } from './state.ts'

/** Whether `path` is below `above`, or the same; both are absolute and normal. */
export function isWithin(path: string, above: string): boolean {
  return path === above || path.startsWith(above.endsWith(sep) ? above : above + sep)
}

/**
 * The path of a mountpoint without symbolic links. Outside of all datasets the way is the user's own and links are
 * followed; inside a mounted one, where anybody may have put them, they are refused. What is missing may be made.
 * Throws MountpointUnusable.
 */
export function wayTo(state: State, name: string, mountpoint: string): string {
  const mounted = [...state.entries()].flatMap(([, record]) => record.mounted ?? [])
  const { root } = parse(mountpoint)
  const parts = mountpoint.slice(root.length).split(sep).filter(Boolean)
  let at = root
  for (const [n, part] of parts.entries()) {
    const inside = mounted.some((path) => isWithin(at, path))
    const next = join(at, part)
    const stat = lstatSync(next, { throwIfNoEntry: false })
    if (!stat) return join(next, ...parts.slice(n + 1))
    if (stat.isSymbolicLink() && (inside || n === parts.length - 1)) {
      throw unusable(name, mountpoint, `${next} is a symbolic link`)
    }
    at = stat.isSymbolicLink() ? realPath(next) : next
    if (!lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) {
      throw unusable(name, mountpoint, `${next} is not a directory`)
    }
  }
  return at
}

/** The directories of the embedded ZFS itself must not be moved away. Throws MountpointUnusable. */
export function checkPlace(directory: string, name: string, path: string): void {
  const home = realPath(directory)
  if (isWithin(home, path)) throw unusable(name, path, 'the embedded ZFS itself is kept there')
  const free = join(home, 'mnt')
  if (isWithin(path, home) && (path === free || !isWithin(path, free))) {
    throw unusable(name, path, `of ${home} only what is below its folder "mnt" may be mounted at`)
  }
}

export function unusable(name: string, mountpoint: string, reason: string, cause?: unknown): MountpointUnusable {
  return new MountpointUnusable({ name, mountpoint, reason }, cause === undefined ? {} : { cause })
}

function realPath(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at) || at === dirname(at)) return join(realpathSync.native(at), relative(at, path))
  }
}
