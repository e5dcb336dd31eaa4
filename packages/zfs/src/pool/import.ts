import type { Program } from '../command/run.ts'
import { checkPool } from '../lzc/checks.ts'
import type { PropertyInput } from '../properties/types.ts'
import { assignments, checkNewPool, checkPath } from './check.ts'
import { succeed } from './failure.ts'

/** Where to look for the devices of pools; by default where `zpool import` does. */
export interface DeviceSearch {
  /** Directories: the files and devices in them. */
  readonly directories?: readonly string[]
  /** Single devices or files. */
  readonly devices?: readonly string[]
}

export interface ImportPoolOptions extends DeviceSearch {
  readonly newName?: string
  readonly readonly?: boolean
  readonly altroot?: string
  readonly properties?: Readonly<Record<string, PropertyInput>>
  /** Take a pool that was last used by another system and not exported there. */
  readonly force?: boolean
  /** Mount its filesystems; default true. */
  readonly mount?: boolean
}

type Exists = (pool: string) => boolean

/** `zpool import` of one pool by its name or guid. */
export function* importPool(pool: string | bigint, options: ImportPoolOptions): Program<void> {
  const asked = `import the pool "${pool}"`
  if (typeof pool !== 'bigint') checkPool(pool, asked)
  const { directories = [], devices = [], newName, altroot, properties = {}, force = false, mount = true } = options
  if (newName !== undefined) checkNewPool(newName, asked)
  const given = { ...properties, ...(options.readonly && { readonly: true }) }
  const words = assignments(given, String(pool), asked)
  const args = [
    'import',
    ...(force ? ['-f'] : []),
    ...(mount ? [] : ['-N']),
    ...[...directories, ...devices].flatMap((path) => ['-d', checkPath(path, 'the place to look', asked)]),
    ...(altroot === undefined ? [] : ['-R', checkPath(altroot, 'altroot', asked)]),
    ...words.flatMap((word) => ['-o', word]),
    String(pool),
    ...(newName === undefined ? [] : [newName]),
  ]
  yield* succeed(args, { name: String(pool), newName, asked, properties: Object.keys(properties) })
}

/** `zpool export`. Throws PoolNotFound, and DatasetBusy when something in it is in use. */
export function* exportPool(name: string, force: boolean, exists: Exists): Program<void> {
  const asked = `export the pool "${name}"`
  checkPool(name, asked)
  yield* succeed(['export', ...(force ? ['-f'] : []), name], { name, asked, exists })
}
