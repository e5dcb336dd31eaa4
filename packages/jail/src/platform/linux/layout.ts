import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { HostNotSuitable } from '../../errors.ts'

/** Where this platform keeps what it must know of running jails; all of it may be gone after a reboot. */
export interface Layout {
  /** Absolute path of the folder that holds all the others. */
  readonly runDirectory: string
  /** crun's own records, as `crun --root`. */
  readonly records: string
  /** One folder for each jail: its OCI bundle. */
  readonly bundles: string
  readonly locks: string
  /** A link for each run of ids in use: its first id, and to the name of the bundle that has it. */
  readonly ids: string
  /** The cgroup whose children are jails, as a path below the root of cgroup v2. */
  readonly cgroup: string
}

/** The files of one jail. */
export interface JailFiles {
  readonly name: string
  /** The jail's name as crun, a file and a cgroup can have it. */
  readonly id: string
  readonly bundle: string
  /** Where the id-mapped root is mounted while the jail is created; empty before and after. */
  readonly root: string
  /** What a later process must know of the jail (`JailRecord`). */
  readonly record: string
  /** Shown at /dev when the jail is given no devfs. */
  readonly emptyDev: string
  /** Its user namespace, kept there for what has to be taken back from a jail that has ended by itself. */
  readonly namespace: string
  /** crun's records of it. */
  readonly crunRecords: string
  readonly lock: string
  /** Absolute path of its cgroup. */
  readonly cgroup: string
}

export const cgroupRoot = '/sys/fs/cgroup'

export function layoutOf(runDirectory: string, cgroup: string): Layout {
  const top = resolve(runDirectory)
  const base = join(top, 'linux')
  return {
    runDirectory: top,
    records: join(base, 'crun'),
    bundles: join(base, 'bundles'),
    locks: join(base, 'locks'),
    ids: join(base, 'ids'),
    cgroup,
  }
}

export function filesOf(layout: Layout, name: string): JailFiles {
  const id = encodeName(name)
  const bundle = join(layout.bundles, id)
  return {
    name,
    id,
    bundle,
    root: join(bundle, 'rootfs'),
    record: join(bundle, 'jail.json'),
    emptyDev: join(bundle, 'dev'),
    namespace: join(bundle, 'userns'),
    crunRecords: join(layout.records, id),
    lock: join(layout.locks, id),
    cgroup: join(cgroupRoot, layout.cgroup, id),
  }
}

/**
 * A jail's name as an identifier of letters, digits and inner dashes, so that it is no option, no path and no
 * special file of a cgroup. Every other byte of its UTF-8 becomes `_` and two hexadecimal digits: nothing is lost.
 */
export function encodeName(name: string): string {
  const bytes = [...Buffer.from(name, 'utf8')]
  const plain = (byte: number, index: number): boolean =>
    /[0-9A-Za-z]/.test(String.fromCharCode(byte)) || (byte === 0x2d && index > 0)
  return bytes.map((b, i) => (plain(b, i) ? String.fromCharCode(b) : `_${b.toString(16).padStart(2, '0')}`)).join('')
}

export function decodeName(id: string): string {
  const bytes = id.match(/_[0-9a-f]{2}|[^_]/g) ?? []
  return Buffer.from(bytes.map((b) => (b.length === 1 ? b.charCodeAt(0) : Number.parseInt(b.slice(1), 16)))).toString()
}

/**
 * Makes the folders. They are root's alone, except that the jail's own root must find the way to its bundle.
 * Throws HostNotSuitable when others may not pass the folders above.
 */
export function makeLayout(layout: Layout): void {
  mkdirSync(layout.bundles, { recursive: true, mode: 0o711 })
  mkdirSync(layout.records, { recursive: true, mode: 0o700 })
  mkdirSync(layout.locks, { recursive: true, mode: 0o700 })
  mkdirSync(layout.ids, { recursive: true, mode: 0o700 })
  for (const own of [layout.bundles, join(layout.bundles, '..'), layout.runDirectory]) {
    const { mode } = statSync(own)
    if ((mode & 0o001) === 0) chmodSync(own, (mode & 0o7777) | 0o011)
  }
  for (let path = layout.runDirectory; path !== '/'; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) !== 0) continue
    throw new HostNotSuitable({ reason: `others may not pass ${path}: choose a run directory elsewhere` })
  }
}
