import type { CommandResult } from '../command/run.ts'
import { type Handle, isNull, libzfs } from './library.ts'
import type { Calls } from './process.ts'

/** ZFS_TYPE_FILESYSTEM of OpenZFS's include/sys/fs/zfs.h. */
const FILESYSTEM = 1
/** MS_FORCE of lib/libspl/include/os: MNT_FORCE of FreeBSD's and of Linux's sys/mount.h. */
const FORCE = process.platform === 'freebsd' ? 0x8_0000 : 1
/** ZFS_MAXPROPLEN of OpenZFS's include/libzfs.h, which was 4096 before 2.2: the longest value, in bytes. */
const LONGEST = 8192

const done: CommandResult = { stdout: '', stderr: '', exitCode: 0 }

/** What share_mount_one() of cmd/zfs/zfs_main.c does for `zfs mount NAME`. */
export function* mountCalls(handle: Handle, name: string): Calls {
  return yield* withFilesystem(handle, name, function* (filesystem) {
    if ((yield ['zfs_is_mounted', filesystem, null]) !== 0) return done
    // The command refuses what was received in part; libzfs would mount it.
    if (BigInt((yield ['zfs_prop_get_int', filesystem, property('inconsistent')]) as Handle) !== 0n) return undefined
    if ((yield ['zfs_mount', filesystem, null, 0]) !== 0) return failed(handle)
    // What is not to be mounted (canmount, mountpoint, zoned, redacted) is left out without a word: the command has words.
    return (yield ['zfs_is_mounted', filesystem, null]) === 0 ? undefined : done
  })
}

/** What unshare_unmount() of cmd/zfs/zfs_main.c does for `zfs unmount NAME`: nothing where it is not mounted. */
export function* unmountCalls(handle: Handle, name: string, force: boolean): Calls {
  return yield* withFilesystem(handle, name, function* (filesystem) {
    if ((yield ['zfs_is_mounted', filesystem, null]) === 0) return done
    const text = Buffer.alloc(LONGEST)
    yield ['zfs_prop_get', filesystem, property('mountpoint'), text, LONGEST, null, null, 0, 0]
    if (text.toString('utf8', 0, text.indexOf(0)) === 'legacy') return undefined
    return (yield ['zfs_unmountall', filesystem, force ? FORCE : 0]) === 0 ? done : failed(handle)
  })
}

function* withFilesystem(handle: Handle, name: string, body: (filesystem: Handle) => Calls): Calls {
  const filesystem = (yield ['zfs_open', handle, name, FILESYSTEM]) as Handle
  if (isNull(filesystem)) return failed(handle)
  const result = yield* body(filesystem)
  yield ['zfs_close', filesystem]
  // A pool of this name may be another one the next time, or read-only.
  yield ['zpool_free_handles', handle]
  return result
}

/** As the command prints it: both texts are from libzfs's fixed tables. */
function failed(handle: Handle): CommandResult {
  const [action, description] = [libzfs('libzfs_error_action')(handle), libzfs('libzfs_error_description')(handle)]
  return { stdout: '', stderr: `${action}: ${description}\n`, exitCode: 1 }
}

/** The number of a property: it differs between versions, its name does not. */
function property(name: string): number {
  return libzfs('zfs_name_to_prop')(name) as number
}
