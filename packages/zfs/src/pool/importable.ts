import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ArgumentInvalid, PermissionDenied } from '../errors.ts'
import type { NvList } from '../nvlist/types.ts'
import { checkPath } from './check.ts'
import type { DeviceSearch } from './import.ts'
import { labelOf } from './labels.ts'

/** A pool that is on devices and not imported, as their labels tell. */
export interface ImportablePool {
  readonly name: string
  readonly guid: bigint
  /** `exported`: given back. `active`: it was not; a system that used it has failed, or is using it now. */
  readonly state: 'exported' | 'active'
  /** The system that had it last. */
  readonly host: string | null
  readonly txg: bigint
  /** The devices that were found. */
  readonly devices: readonly string[]
  /** How many of its top-level vdevs have no device among these; above 0 it cannot be imported, or only in part. */
  readonly missing: number
}

/** pool_state_t of sys/fs/zfs.h: what else there is was destroyed, or is a spare or cache. */
const states: Readonly<Record<string, ImportablePool['state']>> = { 0: 'active', 1: 'exported' }

export interface LabelledDevice {
  readonly path: string
  readonly label: NvList | undefined
}

/** The devices to look at. Throws ArgumentInvalid, PermissionDenied. */
export function candidates({ directories, devices }: DeviceSearch): string[] {
  const asked = 'look for pools to import'
  for (const path of [...(directories ?? []), ...(devices ?? [])]) checkPath(path, 'the place to look', asked)
  const paths = [
    ...(devices ?? []),
    ...(directories ?? []).flatMap((directory) => entries(directory, asked)),
    ...(directories || devices ? [] : blockDevices(asked)),
  ]
  const refused = paths.filter((path) => !mayRead(path))
  if (paths.length > 0 && refused.length === paths.length) throw new PermissionDenied({ asked, privilege: 'root' })
  return [...new Set(paths)]
}

function mayRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch (error) {
    return !['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')
  }
}

/** Files and devices of a directory; a pipe or terminal would be waited for. */
function entries(directory: string, asked: string): string[] {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch (cause) {
    const reason = `${directory} cannot be read`
    throw new ArgumentInvalid({ argument: 'a directory', asked, reason }, { cause })
  }
  return names
    .map((name) => join(directory, name))
    .filter((path) => {
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats?.isFile() || stats?.isBlockDevice() || (process.platform === 'freebsd' && stats?.isCharacterDevice())
    })
}

/** Disks and their parts, of Linux; memory disks and ZFS's own volumes left out. */
function blockDevices(asked: string): string[] {
  if (process.platform !== 'linux') {
    throw new ArgumentInvalid({ argument: 'directories or devices', asked, reason: 'must be given on this system' })
  }
  return readdirSync('/sys/class/block')
    .filter((name) => !/^(?:ram|zram|zd|sr|fd)\d/.test(name))
    .map((name) => join('/dev', name.replaceAll('!', '/')))
}

/** Puts the labels of devices together to pools; those that are imported are left out. */
export function* poolsOn(
  paths: readonly string[],
  imported: ReadonlySet<bigint>,
): Generator<string, ImportablePool[], readonly Buffer[]> {
  const found = new Map<bigint, LabelledDevice[]>()
  for (const path of paths) {
    const label = yield* labelOf(path)
    const guid = label?.get('pool_guid')
    if (typeof guid !== 'bigint' || imported.has(guid)) continue
    found.set(guid, [...(found.get(guid) ?? []), { path, label }])
  }
  return [...found].flatMap(([guid, devices]) => describe(guid, devices) ?? [])
}

function describe(guid: bigint, devices: readonly LabelledDevice[]): ImportablePool | undefined {
  const labels = devices.flatMap(({ label }) => label ?? [])
  const txg = (label: NvList): bigint => (label.get('txg') as bigint | undefined) ?? 0n
  const [newest] = labels.toSorted((a, b) => (txg(a) < txg(b) ? 1 : -1))
  const name = newest?.get('name')
  const state = states[String(newest?.get('state'))]
  if (!newest || typeof name !== 'string' || state === undefined) return undefined
  const host = newest.get('hostname')
  const tops = new Set(labels.map((label) => label.get('top_guid')))
  const wanted = newest.get('vdev_children')
  return {
    name,
    guid,
    state,
    host: typeof host === 'string' ? host : null,
    txg: txg(newest),
    devices: devices.map(({ path }) => path),
    missing: typeof wanted === 'bigint' ? Math.max(0, Number(wanted) - tops.size) : 0,
  }
}
