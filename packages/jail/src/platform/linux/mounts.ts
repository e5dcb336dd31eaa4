import { lstatSync, readlinkSync } from 'node:fs'
import { JailNotRunning, MountFailed } from '../../errors.ts'
import type { Mount } from '../platform.ts'
import type { LinuxHost } from './host.ts'
import { filesOf } from './layout.ts'
import { pathInJail } from './oci-config.ts'
import { parseMountInfo, readProc } from './proc.ts'
import { findRunning } from './record.ts'

/** The type that the kernel has for a mount; nullfs has that of its source. */
const kernelTypes: Readonly<Record<string, string>> = { devfs: 'tmpfs', procfs: 'proc', tmpfs: 'tmpfs' }

/**
 * Checks that a mount which the jail was created with is there, as the jail's own kernel tables show it.
 * Throws MountFailed, JailNotRunning.
 */
export function verifyMount(host: LinuxHost, mount: Mount & { name: string }): void {
  const running = findRunning(filesOf(host.layout, mount.name))
  if (running === null) throw new JailNotRunning({ jail: mount.name })
  const target = pathInJail(running.path, mount.target)
  const root = `/proc/${running.init.pid}`
  const reason = mount.type === 'fdescfs' ? descriptorProblem(root) : mountProblem(root, target, mount)
  if (reason) throw new MountFailed({ mountpoint: mount.target, reason })
}

/** fdescfs is a link on linux. */
function descriptorProblem(root: string): string | null {
  const link = `${root}/root/dev/fd`
  if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return 'there is no /dev/fd'
  return readlinkSync(link) === '/proc/self/fd' ? null : '/dev/fd does not lead to /proc/self/fd'
}

function mountProblem(root: string, target: string, mount: Mount): string | null {
  const mounts = parseMountInfo(readProc(`${root}/mountinfo`) ?? '')
  // What was mounted last at a place covers the others.
  const found = mounts.findLast(({ mountpoint }) => mountpoint === target)
  if (!found) return 'nothing is mounted there'
  const type = kernelTypes[mount.type]
  if (type !== undefined && found.type !== type) return `it is of the type ${found.type} and not ${type}`
  if (mount.readOnly && !found.options.includes('ro')) return 'it can be written'
  return null
}
