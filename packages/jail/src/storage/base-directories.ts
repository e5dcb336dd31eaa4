import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { EmbeddedZfs, Zfs } from '@gaoler/zfs'
import { filesystemOf } from '@gaoler/zfs'
import type { HostBase } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import { ReleaseBase } from '../release/release-base.ts'

/** What belongs to the system and not to a jail: libioc's list for FreeBSD, and what Linux has besides. */
export const SYSTEM: readonly string[] = [
  ...['bin', 'boot', 'lib', 'lib32', 'lib64', 'libexec', 'libx32', 'rescue', 'sbin'],
  ...['bin', 'include', 'lib', 'lib32', 'lib64', 'libdata', 'libexec', 'libx32', 'sbin', 'share'].map(
    (n) => `usr/${n}`,
  ),
]

/**
 * The system directories that a release has, relative to its root. Where one is a link, as Debian's /bin into /usr, the
 * link is in the jail's own root too, and what it leads to is in this list.
 */
export function baseDirectories(root: string): string[] {
  const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  return SYSTEM.filter((name) => {
    const parts = name.split('/')
    return parts.every((_, index) => isDirectory(join(root, ...parts.slice(0, index + 1))))
  })
}

/** The release that a basejail's system is: its newest patch level, whatever the jail was created from. Throws ReleaseNotFetched. */
export function baseRelease(jail: JailBase): ReleaseBase {
  const { host } = jail
  const own = new ReleaseBase(jail.release ?? '', { host, ...(jail.managed ? { rootDatasetsName: jail.source } : {}) })
  return own.fetched ? own : new ReleaseBase(jail.release ?? '', { host })
}

/** The directory with the files of a snapshot, to be read only. */
export function snapshotPath(host: HostBase, snapshot: string): string {
  const zfs: Zfs = host.zfs
  if (zfs.kind === 'embedded') return (zfs as EmbeddedZfs).snapshotDirectory(snapshot)
  const filesystem = filesystemOf(snapshot)
  return join(host.datasets.path(filesystem), '.zfs/snapshot', snapshot.slice(filesystem.length + 1))
}
