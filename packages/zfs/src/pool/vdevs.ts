import { VdevLayoutInvalid } from '../errors.ts'
import { checkDevice } from './check.ts'

/** Devices that hold data together. */
export type VdevSpec =
  /** One device, without redundancy. */
  | string
  | { readonly type: 'mirror' | 'raidz1' | 'raidz2' | 'raidz3'; readonly devices: readonly string[] }
  /** `data`: devices for data in each group (default 8 or what there is); `spares`: how much is set aside for spares. */
  | {
      readonly type: 'draid1' | 'draid2' | 'draid3'
      readonly devices: readonly string[]
      readonly data?: number
      readonly spares?: number
    }

/**
 * Devices of a pool by what they are for, as zpoolconcepts(7) has it. A device is the absolute path of a disk or file, or
 * the name of a disk below /dev.
 */
export interface VdevLayout {
  readonly data?: readonly VdevSpec[]
  /** For synchronous writes. */
  readonly log?: readonly VdevSpec[]
  /** For metadata and small blocks. */
  readonly special?: readonly VdevSpec[]
  /** For the table of deduplication. */
  readonly dedup?: readonly VdevSpec[]
  /** A second level of the ARC. */
  readonly cache?: readonly string[]
  readonly spares?: readonly string[]
}

/** The classes in the order in which they are given, with the word that begins each; `data` needs none. */
const classes = [
  ['data', undefined],
  ['log', 'log'],
  ['special', 'special'],
  ['dedup', 'dedup'],
  ['cache', 'cache'],
  ['spares', 'spare'],
] as const

const groups: readonly string[] = ['mirror', 'raidz1', 'raidz2', 'raidz3', 'draid1', 'draid2', 'draid3']

/** A layout as words of `zpool create` and `zpool add`. Throws VdevLayoutInvalid, DeviceNameInvalid. */
export function layoutWords(layout: VdevLayout, name: string, asked: string): string[] {
  const invalid = (reason: string): never => {
    throw new VdevLayoutInvalid({ name, asked, reason })
  }
  const known: readonly string[] = classes.map(([key]) => key)
  for (const key of Object.keys(layout)) if (!known.includes(key)) invalid(`"${key}" is no class of devices`)
  const words = classes.flatMap(([key, word]) => {
    const vdevs: readonly VdevSpec[] = layout[key] ?? []
    if (!Array.isArray(vdevs)) return invalid(`${key} must be an array`)
    const each = vdevs.flatMap((vdev) => {
      if (typeof vdev === 'string') return [checkDevice(vdev, asked)]
      if (key === 'cache' || key === 'spares') return invalid(`${key} takes devices only, no groups`)
      return groupWords(vdev, asked, invalid)
    })
    return each.length === 0 || word === undefined ? each : [word, ...each]
  })
  return words.length === 0 ? invalid('no device is given') : words
}

function groupWords(
  vdev: Exclude<VdevSpec, string>,
  asked: string,
  invalid: (reason: string) => never,
): readonly string[] {
  if (!groups.includes(vdev.type)) invalid(`"${String(vdev.type)}" is not one of ${groups.join(', ')}`)
  if (!Array.isArray(vdev.devices) || vdev.devices.length === 0) invalid(`a ${vdev.type} must have devices`)
  const devices = vdev.devices.map((device) => checkDevice(device, asked))
  if (!('data' in vdev || 'spares' in vdev) || !vdev.type.startsWith('draid')) return [vdev.type, ...devices]
  const { data, spares } = vdev
  for (const number of [data, spares]) {
    if (number !== undefined && !(Number.isInteger(number) && number >= 0 && number < 256)) {
      invalid(`${String(number)} is no number of devices`)
    }
  }
  const parts = [vdev.type, data === undefined ? '' : `:${data}d`, `:${devices.length}c`]
  return [`${parts.join('')}${spares === undefined ? '' : `:${spares}s`}`, ...devices]
}
