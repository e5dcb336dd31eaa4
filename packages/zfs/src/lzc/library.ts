import type { LibraryHandle } from 'koffi'
import { errnoName } from '../errno.ts'
import { CallNotSupported, ZFSInitializationFailed } from '../errors.ts'
import { loadKoffi } from './koffi.ts'

/** A C function as koffi gives it: called directly it blocks, `async` runs it in libuv's pool of threads. */
export type CFunction = ((...args: unknown[]) => unknown) & {
  async: (...args: [...unknown[], (error: Error | null, result: unknown) => void]) => void
}

// libzfs's number grows with its series. The others are 3 on Linux and in FreeBSD's port since OpenZFS 2.0, and 2 in FreeBSD's base
// system (cddl/lib/Makefile.inc of its sources).
const versions = (name: string): readonly number[] => (name === 'zfs' ? [7, 6, 5, 4] : [3, 2])
const names = (name: string): readonly string[] => [
  ...versions(name).map((version) => `lib${name}.so.${version}`),
  `lib${name}.so`,
]

const loaded = new Map<string, LibraryHandle>()
const paths = new Map<string, string>()
const functions = new Map<string, CFunction>()
let initialised = false

/**
 * A function of libzfs_core, looked up when it is first needed, so that an older library serves what it has.
 * Throws ZFSInitializationFailed where ZFS is not usable, CallNotSupported where the library lacks the symbol.
 */
export function coreFunction(symbol: string, result: string, parameters: readonly string[], since: string): CFunction {
  // First, so that an age is told also where there is no device.
  const found = look('zfs_core', symbol, result, parameters, since)
  initialise()
  return found
}

/** Whether the library that is installed has a symbol; false too where there is none, or none that can be loaded. */
export function coreHas(symbol: string): boolean {
  try {
    return Boolean(load('zfs_core').symbol(symbol))
  } catch {
    return false
  }
}

/** The name by which libzfs_core was loaded, once `coreFunction` has been called. */
export function corePath(): string {
  return paths.get('zfs_core') as string
}

/** A function of libnvpair. */
export function nvpairFunction(symbol: string, result: string, parameters: readonly string[]): CFunction {
  return look('nvpair', symbol, result, parameters)
}

/** A function of libzfs; which ones are called is said by `libzfs/library.ts`. */
export function libzfsFunction(symbol: string, result: string, parameters: readonly string[]): CFunction {
  return look('zfs', symbol, result, parameters, '2.0')
}

/** Opens /dev/zfs once for this thread. It is never closed: a call may be under way in another thread. */
function initialise(): void {
  if (initialised) return
  const errno = look('zfs_core', 'libzfs_core_init', 'int', [])() as number
  // Any other lzc_ call would now end the process; and a module that is loaded later is found by the next try.
  if (errno !== 0)
    throw new ZFSInitializationFailed({ errno, reason: `/dev/zfs cannot be opened (${errnoName(errno)})` })
  initialised = true
}

function look(
  library: string,
  symbol: string,
  result: string,
  parameters: readonly string[],
  since?: string,
): CFunction {
  const known = functions.get(symbol)
  if (known) return known
  const handle = load(library)
  try {
    const found = handle.func(symbol, result, [...parameters]) as CFunction
    functions.set(symbol, found)
    return found
  } catch (cause) {
    throw new CallNotSupported({ name: symbol, since }, { cause })
  }
}

function load(library: string): LibraryHandle {
  const known = loaded.get(library)
  if (known) return known
  const koffi = loadKoffi()
  let cause: unknown
  for (const name of names(library)) {
    try {
      const handle = koffi.load(name)
      loaded.set(library, handle)
      paths.set(library, name)
      return handle
    } catch (error) {
      // The first name's reason is the telling one.
      cause ??= error
    }
  }
  throw new ZFSInitializationFailed({ reason: `${names(library)[0]} cannot be loaded` }, { cause })
}
