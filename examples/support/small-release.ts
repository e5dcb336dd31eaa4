import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packTar, type TarEntry } from 'modern-tar'
import { storedXz } from './stored-xz.ts'

/** Of every file: a release made twice is the same, byte for byte. */
const mtime = new Date('2025-06-10T00:00:00Z')

/** Directories of the release, parents first; the three that show that a release was fetched are among them. */
const directories: Readonly<Record<string, number>> = {
  '.': 0o755,
  bin: 0o755,
  dev: 0o755,
  etc: 0o755,
  'etc/rc.d': 0o755,
  lib: 0o755,
  root: 0o750,
  sbin: 0o755,
  tmp: 0o1777,
  usr: 0o755,
  'usr/bin': 0o755,
  'usr/local': 0o755,
  var: 0o755,
  'var/log': 0o755,
  'var/run': 0o755,
  'var/tmp': 0o1777,
}

const programs: Readonly<Record<string, string>> = {
  // An embedded jail has no isolation and runs on any system: its shell is the host's.
  'bin/sh': '#!/bin/sh\nexec /bin/sh "$@"\n',
  'bin/hello': '#!/bin/sh\necho Hello "$@"\n',
  'etc/rc': '#!/bin/sh\necho "Starting services of $(cat etc/hostname 2>/dev/null || echo this jail)."\n',
  'etc/rc.shutdown': '#!/bin/sh\necho "Stopping services."\n',
}

const symlinks: Readonly<Record<string, string>> = {
  // One that is absolute, so means the jail's own root, and one that is relative.
  'var/motd': '/etc/motd',
  'usr/bin/hello': '../../bin/hello',
}

export interface SmallRelease {
  /** URL of the mirror, for `file:`. */
  readonly mirror: string
  readonly name: string
}

/**
 * Makes a mirror in the directory `directory`, in the layout of FreeBSD's, with one release of a few kilobytes.
 *
 * It is meant for the embedded platform, which runs the commands of a jail as ordinary processes in the jail's root:
 * everything in it is a script for the host's shell, with paths relative to the root. It starts no process.
 */
export async function makeSmallRelease(
  directory: string,
  { name = '14.3-RELEASE' }: { name?: string } = {},
): Promise<SmallRelease> {
  const files = { 'etc/motd': `Welcome to ${name}.\n`, 'etc/rc.conf': '', 'bin/freebsd-version': version(name) }
  const entries: TarEntry[] = [
    ...Object.entries(directories).map(([path, mode]) => entry('directory', `./${path}/`, mode)),
    ...Object.entries({ ...programs, ...files }).map(([path, text]) =>
      entry('file', `./${path}`, text.startsWith('#!') ? 0o555 : 0o644, { text }),
    ),
    ...Object.entries(symlinks).map(([path, linkname]) => entry('symlink', `./${path}`, 0o755, { linkname })),
  ]
  const base = storedXz(await packTar(entries))
  const digest = createHash('sha256').update(base).digest('hex')
  const manifest = ['base.txz', digest, entries.length, 'base', '"Base system (MANDATORY)"', 'on'].join('\t')
  const release = join(directory, name)
  await mkdir(release, { recursive: true })
  await writeFile(join(release, 'base.txz'), base)
  await writeFile(join(release, 'MANIFEST'), `${manifest}\n`)
  return { mirror: pathToFileURL(directory).href, name }
}

function version(name: string): string {
  return `#!/bin/sh\necho ${name}\n`
}

function entry(
  type: 'file' | 'directory' | 'symlink',
  name: string,
  mode: number,
  { text = '', linkname = '' }: { text?: string; linkname?: string } = {},
): TarEntry {
  const size = Buffer.byteLength(text)
  return { header: { type, name, mode, mtime, uid: 0, gid: 0, size, linkname }, body: text }
}
