import { statSync } from 'node:fs'
import { HostNotSuitable } from '../../errors.ts'
import type { OciMount } from './oci-config.ts'
import type { Grants } from './parameters.ts'
import { seccomp } from './security.ts'

/** A rule of the device controller, as the runtime specification has it. */
export interface DeviceRule {
  readonly allow: boolean
  readonly type?: 'c'
  readonly major?: number
  readonly minor?: number
  readonly access: string
}

const device = '/dev/zfs'
/** Where programs of ZFS look whether the kernel has it, and which properties it knows. */
const module = '/sys/module/zfs'
const restricted = ['bind', 'private', 'nosuid', 'noexec']

/** What a jail needs to manage datasets: the kernel decides by its user namespace which it sees and which it may change. */
export const datasetMounts: readonly OciMount[] = [
  { destination: device, type: 'bind', source: device, options: [...restricted, 'rw'] },
  { destination: module, type: 'bind', source: module, options: [...restricted, 'nodev', 'ro'] },
]

/** No device but the runtime's usual ones and ZFS's. */
export function deviceRules(): DeviceRule[] {
  const { rdev } = statSync(device)
  // makedev(3) of Linux.
  const major = (rdev >>> 8) & 0xfff
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)
  return [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'c', major, minor, access: 'rw' },
  ]
}

/** Throws HostNotSuitable where datasets cannot be managed in a jail, or not without giving away too much. */
export function requireDatasets(grants: Grants): void {
  if (!grants.datasets) return
  const refuse = (reason: string): never => {
    throw new HostNotSuitable({ reason: `a jail here cannot manage datasets: ${reason}` })
  }
  if (seccomp(grants) === null) refuse(`the system calls of ${process.arch} cannot be filtered`)
  const found = statSync(device, { throwIfNoEntry: false })
  if (!found?.isCharacterDevice()) refuse(`there is no ${device}: load the module zfs`)
  if (((found?.mode ?? 0) & 0o006) !== 0o006) {
    refuse(`others may not open ${device}: make its mode 0666, as the udev rules of OpenZFS do`)
  }
  if (!statSync(module, { throwIfNoEntry: false })?.isDirectory()) refuse(`there is no ${module}: mount sysfs`)
}
