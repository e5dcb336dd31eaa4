import type { Step } from '@gaoler/core'
import { MountFailed } from '../errors.ts'
import type { HostScope } from '../host/host-base.ts'
import type { JailBase } from '../jail/jail-base.ts'
import type { Mount } from '../platform/platform.ts'
import { readFstab } from './jail-fstab-base.ts'
import type { FstabLine } from './line.ts'

/** The file systems that a jail's fstab can name, by what systems call them. */
const types: ReadonlyMap<string, Mount['type']> = new Map([
  ['nullfs', 'nullfs'],
  ['tmpfs', 'tmpfs'],
  ['procfs', 'procfs'],
  ['proc', 'procfs'],
  ['devfs', 'devfs'],
  ['fdescfs', 'fdescfs'],
])

/** Whether the line is mounted when the jail starts, fstab(5). */
export function isMounted(line: FstabLine): boolean {
  return !line.options.includes('noauto')
}

/** What a line asks the platform for. Throws MountFailed for a file system or an option that no platform takes. */
export function mountOf({ source, destination, type, options }: FstabLine): Mount {
  const known = types.get(type)
  if (known === undefined) {
    const reason = `file systems of the type ${type} cannot be mounted for a jail: use ${[...types.keys()].join(', ')}`
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

/**
 * What the fstab of a jail mounts when it starts, beside what its storage does. iocage has written the directories of a
 * basejail into its fstab: where `base` has the place, such a line asks for nothing more.
 * Throws InvalidFstabLine, MountFailed, InsecureJailPath.
 */
export function fstabMounts(t: HostScope, jail: JailBase, base: readonly Mount[] = []): Mount[] {
  const fstab = readFstab(jail).requireReadable()
  const { files, datasets } = jail.host
  const releases = [...datasets].map(([, root]) => `${root.path(root.releases)}/`)
  const isBase = ({ source, destination }: FstabLine): boolean =>
    base.some(({ target }) => target === destination) && releases.some((path) => source.startsWith(path))
  const mounts = fstab.lines.filter((line) => isMounted(line) && !isBase(line)).map(mountOf)
  for (const { target, source } of mounts) {
    if (source !== undefined && !files.exists(source)) {
      throw new MountFailed({ mountpoint: target, reason: `its source ${source} does not exist` })
    }
    // A link on the way may lead anywhere, also below a mount that comes before it.
    files.kind(target, jail.rootPath)
  }
  t.set({ path: fstab.file })
  return mounts
}

/** Takes away what `fstabMounts` has mounted, the last first. */
export function unmountFstab(s: HostScope, jail: JailBase): Step<unknown> {
  const targets = readFstab(jail)
    .lines.filter(isMounted)
    .map(({ destination }) => destination)
  return s.step(
    'UnmountFstab',
    async (t) => {
      for (const target of targets.reverse()) await t.host.unmount({ name: jail.identifier, target })
    },
    { unless: targets.length === 0 && 'nothing is mounted' },
  )
}
