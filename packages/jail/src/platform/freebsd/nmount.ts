import { MountFailed } from '../../errors.ts'
import type { Mount } from '../platform.ts'
import { cString, errmsgSize, type OptionList, option } from './iovec.ts'

/** MNT_FORCE of sys/mount.h, for unmount(2). */
export const forceUnmount = 0x80000

/** MNAMELEN of sys/mount.h; vfs_donmount refuses a path that, with its NUL, fills the buffer up to its last byte. */
const longestPath: number = 1024 - 2

/** A call of nmount(2), ready to be made; its flags are 0, what is wanted is said by options. */
export interface MountCall {
  readonly options: OptionList
  readonly errmsg: Buffer
}

/**
 * The call that mounts.
 *
 * nullfs takes what it shows as `target`, all others take a name for mount(8)'s list as `from`. The ruleset of devfs is
 * text, which the kernel scans (devfs_mount in sys/fs/devfs/devfs_vfsops.c).
 * Throws MountFailed for paths that the kernel would refuse.
 */
export function encodeMount(mount: Mount): MountCall {
  const errmsg = Buffer.alloc(errmsgSize)
  const refuse = (reason: string): never => {
    throw new MountFailed({ mountpoint: mount.target, reason })
  }
  const path = (text: string): Buffer => {
    if (text.includes('\0')) return refuse('a path has a NUL')
    const bytes = cString(text)
    if (bytes.length > longestPath)
      return refuse(`a path has ${bytes.length - 1} bytes, at most ${longestPath - 1} are allowed`)
    return bytes
  }
  const from = (): OptionList => {
    if (mount.type !== 'nullfs') return option('from', cString(mount.type))
    return option('target', path(mount.source ?? refuse('it does not say what to show')))
  }
  const ruleset = mount.type === 'devfs' ? mount.ruleset : undefined
  if (ruleset !== undefined && !(Number.isInteger(ruleset) && ruleset >= 0 && ruleset <= 65_535)) {
    return refuse(`${ruleset} is not the number of a ruleset`)
  }
  const options = [
    ...option('fstype', cString(mount.type)),
    ...option('fspath', path(mount.target)),
    ...from(),
    ...(mount.readOnly ? option('ro', null) : []),
    ...(ruleset === undefined ? [] : option('ruleset', cString(`${ruleset}`))),
    ...option('errmsg', errmsg),
  ]
  return { options, errmsg }
}
