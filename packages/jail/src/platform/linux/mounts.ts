import { lstatSync, readlinkSync } from 'node:fs'
import { JailNotRunning, MountFailed } from '../../errors.ts'
import type { Mount } from '../platform.ts'
import type { LinuxHost } from './host.ts'
import { attachInJail, detachInJail } from './hot-mount.ts'
import { filesOf } from './layout.ts'
import { pathInJail } from './oci-config.ts'
import { parseMountInfo, readProc } from './proc.ts'
import { findRunning } from './record.ts'

/** The type that the kernel has for a mount; nullfs has that of its source. */
const kernelTypes: Readonly<Record<string, string>> = { devfs: 'tmpfs', procfs: 'proc', tmpfs: 'tmpfs' }

/** What is at these places comes and goes with the jail. */
const system = ['/dev', '/dev/fd', '/proc']

/**
 * Looks for a mount that the jail was created with, as the jail's own kernel tables show it; what is not there is
 * mounted now. Throws MountFailed, InsecureJailPath, JailNotRunning.
 */
export async function mountInJail(host: LinuxHost, mount: Mount & { name: string }): Promise<void> {
  const { running, target } = find(host, mount)
  if (running === null) throw new JailNotRunning({ jail: mount.name })
  const root = `/proc/${running.init.pid}`
  const problem = mount.type === 'fdescfs' ? descriptorProblem(root) : mountProblem(root, target, mount)
  if (problem === null) return
  if (problem !== NOTHING || system.includes(target)) {
    throw new MountFailed({ mountpoint: mount.target, reason: problem })
  }
  await attachInJail(running.init.pid, running.path, mount, target)
}

/**
 * Mounts are part of the jail's mount namespace: nobody else sees them, and they go with the jail. So there is something
 * to do only while it runs.
 */
export async function unmountInJail(host: LinuxHost, mount: { name: string; target: string }): Promise<void> {
  const { running, target } = find(host, mount)
  if (running === null || system.includes(target)) return
  const mounts = parseMountInfo(readProc(`/proc/${running.init.pid}/mountinfo`) ?? '')
  if (!mounts.some(({ mountpoint }) => mountpoint === target)) return
  await detachInJail(running.init.pid, mount, target)
}

function find(
  host: LinuxHost,
  { name, target }: { name: string; target: string },
): {
  running: ReturnType<typeof findRunning>
  target: string
} {
  const running = findRunning(filesOf(host.layout, name))
  return { running, target: running === null ? target : pathInJail(running.path, target) }
}

const NOTHING = 'nothing is mounted there'

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
  if (!found) return NOTHING
  const type = kernelTypes[mount.type]
  if (type !== undefined && found.type !== type) return `it is of the type ${found.type} and not ${type}`
  if (mount.readOnly && !found.options.includes('ro')) return 'it can be written'
  return null
}
