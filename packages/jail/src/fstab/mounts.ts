import { MountFailed } from '../errors.ts'
import type { Mount } from '../platform/platform.ts'
import type { FstabLine } from './line.ts'

/** The file systems that a jail's fstab can name, by what systems call them. */
const types: Readonly<Record<string, Mount['type']>> = {
  nullfs: 'nullfs',
  tmpfs: 'tmpfs',
  procfs: 'procfs',
  proc: 'procfs',
  devfs: 'devfs',
  fdescfs: 'fdescfs',
}

/** Whether the line is mounted when the jail starts, fstab(5). */
export function isMounted(line: FstabLine): boolean {
  return !line.options.includes('noauto')
}

/** What a line asks the platform for. Throws MountFailed for a file system or an option that no platform takes. */
export function mountOf({ source, destination, type, options }: FstabLine): Mount {
  const known = types[type]
  if (known === undefined) {
    const reason = `file systems of the type ${type} cannot be mounted for a jail: use ${Object.keys(types).join(', ')}`
    throw new MountFailed({ mountpoint: destination, reason })
  }
  const readOnly = options.includes('ro')
  if (readOnly && options.includes('rw')) {
    throw new MountFailed({ mountpoint: destination, reason: 'it is to be read-only and writable at once' })
  }
  // `late` tells rc(8) of the host when to mount; a jail mounts when it starts.
  const others = options.filter((option) => !['ro', 'rw', 'late', 'noauto'].includes(option))
  return {
    type: known,
    target: destination,
    ...(known === 'nullfs' ? { source } : {}),
    readOnly,
    ...(others.length > 0 ? { options: others } : {}),
  }
}
