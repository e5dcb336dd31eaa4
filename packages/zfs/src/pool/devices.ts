import type { Program } from '../command/run.ts'
import { checkPool } from '../lzc/checks.ts'
import type { PropertyInput } from '../properties/types.ts'
import { assignments, checkDevice, checkNewPool, checkPath, checkVdev, checkVdevs } from './check.ts'
import { succeed } from './failure.ts'
import { layoutWords, type VdevLayout } from './vdevs.ts'

type Exists = (pool: string) => boolean
/** The path of a device, a vdev's name as `status` gives it, or its guid. */
export type VdevName = string | bigint

export interface SplitPoolOptions {
  /** One device of each mirror; by default the last. */
  readonly devices?: readonly string[]
  readonly properties?: Readonly<Record<string, PropertyInput>>
  /** Imports the new pool at once, with its mountpoints below this path. */
  readonly altroot?: string
}

const optional = (flag: string, on: boolean | undefined): string[] => (on ? [flag] : [])

/** `zpool add`: more vdevs. */
export function* add(name: string, vdevs: VdevLayout, force: boolean, exists: Exists): Program<void> {
  const asked = `add devices to "${name}"`
  checkPool(name, asked)
  yield* succeed(['add', ...optional('-f', force), name, ...layoutWords(vdevs, name, asked)], { name, asked, exists })
}

/** `zpool attach`: makes a mirror of a device, or widens a mirror or raidz. */
export function* attach(
  name: string,
  vdev: VdevName,
  device: string,
  { force, sequential }: { force?: boolean; sequential?: boolean },
  exists: Exists,
): Program<void> {
  const asked = `attach ${device} to ${vdev} of "${name}"`
  checkPool(name, asked)
  const flags = [...optional('-f', force), ...optional('-s', sequential)]
  const words = [checkVdev(vdev, asked), checkDevice(device, asked)]
  yield* succeed(['attach', ...flags, name, ...words], { name, asked, exists, device, vdev: words[0] })
}

/** `zpool replace`: by another device, or by a new one at the same place. */
export function* replace(
  name: string,
  vdev: VdevName,
  device: string | undefined,
  { force, sequential }: { force?: boolean; sequential?: boolean },
  exists: Exists,
): Program<void> {
  const asked = `replace ${vdev} of "${name}"`
  checkPool(name, asked)
  const flags = [...optional('-f', force), ...optional('-s', sequential)]
  const words = [checkVdev(vdev, asked), ...(device === undefined ? [] : [checkDevice(device, asked)])]
  const request = { name, asked, exists, device: device ?? String(vdev), vdev: words[0] }
  yield* succeed(['replace', ...flags, name, ...words], request)
}

/** `zpool detach`, `offline`, `clear`: what is done to one vdev. */
export function* onVdev(
  command: 'detach' | 'offline' | 'clear',
  name: string,
  vdev: VdevName | undefined,
  flags: readonly string[],
  exists: Exists,
): Program<void> {
  const asked = command === 'clear' ? `clear errors of "${name}"` : `${command} ${vdev} of "${name}"`
  checkPool(name, asked)
  const words = vdev === undefined ? [] : [checkVdev(vdev, asked)]
  yield* succeed([command, ...flags, name, ...words], { name, asked, exists, device: words[0] })
}

/** `zpool online`. */
export function* online(name: string, vdev: VdevName, expand: boolean, exists: Exists): Program<void> {
  const asked = `bring ${vdev} of "${name}" online`
  checkPool(name, asked)
  const word = checkVdev(vdev, asked)
  yield* succeed(['online', ...optional('-e', expand), name, word], { name, asked, exists, device: word })
}

/** `zpool remove`: a log, cache or spare at once; data is evacuated in the background. */
export function* remove(name: string, vdevs: readonly VdevName[], exists: Exists): Program<void> {
  const asked = `remove devices of "${name}"`
  checkPool(name, asked)
  const words = checkVdevs(vdevs, asked)
  const device = words.length === 1 ? words[0] : undefined
  yield* succeed(['remove', name, ...words], { name, asked, exists, device })
}

/** `zpool remove -s`. */
export function* cancelRemove(name: string, exists: Exists): Program<void> {
  const asked = `cancel the removal of a device of "${name}"`
  checkPool(name, asked)
  yield* succeed(['remove', '-s', name], { name, asked, exists, device: name })
}

/** `zpool split`: a device of each mirror becomes a pool of its own. */
export function* split(name: string, newName: string, options: SplitPoolOptions, exists: Exists): Program<void> {
  const asked = `split "${name}" into "${newName}"`
  checkPool(name, asked)
  checkNewPool(newName, asked)
  const { devices = [], properties = {}, altroot } = options
  const args = [
    'split',
    ...assignments(properties, newName, asked).flatMap((word) => ['-o', word]),
    ...(altroot === undefined ? [] : ['-R', checkPath(altroot, 'altroot', asked)]),
    name,
    newName,
    ...devices.map((device) => checkDevice(device, asked)),
  ]
  yield* succeed(args, { name, newName, asked, exists, properties: Object.keys(properties) })
}
