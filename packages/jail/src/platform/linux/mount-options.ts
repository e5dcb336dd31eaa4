import { MountFailed } from '../../errors.ts'
import type { Mount } from '../platform.ts'
import { mountAttribute } from './syscalls.ts'

/** Options of a mount whatever its file system, mount(8); nosuid and nodev every mount of a jail has. */
const attributes: Readonly<Record<string, bigint>> = {
  nosuid: mountAttribute.noSuid,
  nodev: mountAttribute.noDevices,
  noexec: mountAttribute.noExec,
  noatime: mountAttribute.noAccessTime,
}

/** Options of tmpfs(5) that change nothing outside. */
const ofTmpfs = /^(size=\d+[kmg]?|nr_inodes=\d+[kmg]?|mode=[0-7]{3,4})$/i

/** The options of a mount beside ro and rw. Throws MountFailed for one that cannot be kept. */
export function requireOptions({ type, target, options = [] }: Mount): readonly string[] {
  const allowed = (option: string): boolean => {
    return (
      (['nullfs', 'tmpfs'].includes(type) && Object.hasOwn(attributes, option)) ||
      (type === 'tmpfs' && ofTmpfs.test(option))
    )
  }
  const refused = options.find((option) => !allowed(option))
  if (refused === undefined) return options
  throw new MountFailed({ mountpoint: target, reason: `on linux ${type} has no option ${refused}` })
}

/** The attributes of a mount as mount_setattr(2) has them. */
export function attributesOf({ readOnly, options = [] }: Mount): bigint {
  const all = options.map((option) => attributes[option] ?? 0n)
  const always = mountAttribute.noSuid | mountAttribute.noDevices | (readOnly ? mountAttribute.readOnly : 0n)
  return all.reduce((sum, each) => sum | each, always)
}
