import { constants } from 'node:os'

const host = constants.errno as Readonly<Record<string, number | undefined>>
const freebsd = process.platform === 'freebsd'

// Where a system lacks a number (embedded ZFS runs everywhere) Linux's is taken, so that details always carry one.
const number = (name: string, linux: number): number => host[name] ?? linux

/** Names of the error numbers that Gaoler tells apart. */
export type ErrnoName =
  | 'EPERM'
  | 'ENOENT'
  | 'ESRCH'
  | 'EIO'
  | 'E2BIG'
  | 'EBADF'
  | 'EAGAIN'
  | 'ENOMEM'
  | 'EACCES'
  | 'EBUSY'
  | 'EEXIST'
  | 'EXDEV'
  | 'ENODEV'
  | 'EINVAL'
  | 'ETXTBSY'
  | 'EINTR'
  | 'EPIPE'
  | 'ENOSPC'
  | 'EROFS'
  | 'EDOM'
  | 'ERANGE'
  | 'ENAMETOOLONG'
  | 'ENOSYS'
  | 'ENOTSOCK'
  | 'ENOTSUP'
  | 'EDQUOT'
  | 'ECKSUM'
  | 'ECHRNG'
  | 'ETIME'
  | 'CHECKPOINT_EXISTS'
  | 'DISCARDING_CHECKPOINT'
  | 'NO_CHECKPOINT'
  | 'DEVRM_IN_PROGRESS'
  | 'VDEV_TOO_BIG'
  | 'IOC_CMD_UNAVAIL'
  | 'IOC_ARG_UNAVAIL'
  | 'IOC_ARG_REQUIRED'
  | 'IOC_ARG_BADTYPE'
  | 'WRONG_PARENT'
  | 'FROM_IVSET_GUID_MISSING'
  | 'FROM_IVSET_GUID_MISMATCH'
  | 'SPILL_BLOCK_FLAG_MISSING'
  | 'UNKNOWN_SEND_STREAM_FEATURE'
  | 'EXPORT_IN_PROGRESS'
  | 'BOOKMARK_SOURCE_NOT_ANCESTOR'
  | 'STREAM_TRUNCATED'
  | 'STREAM_LARGE_BLOCK_MISMATCH'
  | 'RESILVER_IN_PROGRESS'
  | 'REBUILD_IN_PROGRESS'
  | 'BADPROP'
  | 'VDEV_NOTSUP'
  | 'NOT_USER_NAMESPACE'
  | 'RESUME_EXISTS'
  | 'CRYPTO_NOTSUP'
  | 'RAIDZ_EXPAND_IN_PROGRESS'
  | 'ASHIFT_MISMATCH'
  | 'STREAM_LARGE_MICROZAP'
  | 'TOO_MANY_SITOUTS'
  | 'NO_USER_NS_SUPPORT'

/**
 * Error numbers of this system, as libzfs_core returns them.
 * ECKSUM, ECHRNG and ETIME are OpenZFS's aliases, which differ between Linux and FreeBSD; from 1024 up they are ZFS's
 * own (zfs_errno_t of OpenZFS's sys/fs/zfs.h).
 */
export const E: Readonly<Record<ErrnoName, number>> = {
  EPERM: number('EPERM', 1),
  ENOENT: number('ENOENT', 2),
  ESRCH: number('ESRCH', 3),
  EIO: number('EIO', 5),
  E2BIG: number('E2BIG', 7),
  EBADF: number('EBADF', 9),
  EAGAIN: number('EAGAIN', 11),
  ENOMEM: number('ENOMEM', 12),
  EACCES: number('EACCES', 13),
  EBUSY: number('EBUSY', 16),
  EEXIST: number('EEXIST', 17),
  EXDEV: number('EXDEV', 18),
  ENODEV: number('ENODEV', 19),
  EINVAL: number('EINVAL', 22),
  ETXTBSY: number('ETXTBSY', 26),
  EINTR: number('EINTR', 4),
  EPIPE: number('EPIPE', 32),
  ENOSPC: number('ENOSPC', 28),
  EROFS: number('EROFS', 30),
  EDOM: number('EDOM', 33),
  ERANGE: number('ERANGE', 34),
  ENAMETOOLONG: number('ENAMETOOLONG', 36),
  ENOSYS: number('ENOSYS', 38),
  ENOTSOCK: number('ENOTSOCK', 88),
  ENOTSUP: number('ENOTSUP', 95),
  EDQUOT: number('EDQUOT', 122),
  ECKSUM: freebsd ? 97 : 52,
  ECHRNG: freebsd ? 6 : 44,
  ETIME: freebsd ? 60 : 62,
  CHECKPOINT_EXISTS: 1024,
  DISCARDING_CHECKPOINT: 1025,
  NO_CHECKPOINT: 1026,
  DEVRM_IN_PROGRESS: 1027,
  VDEV_TOO_BIG: 1028,
  IOC_CMD_UNAVAIL: 1029,
  IOC_ARG_UNAVAIL: 1030,
  IOC_ARG_REQUIRED: 1031,
  IOC_ARG_BADTYPE: 1032,
  WRONG_PARENT: 1033,
  FROM_IVSET_GUID_MISSING: 1034,
  FROM_IVSET_GUID_MISMATCH: 1035,
  SPILL_BLOCK_FLAG_MISSING: 1036,
  UNKNOWN_SEND_STREAM_FEATURE: 1037,
  EXPORT_IN_PROGRESS: 1038,
  BOOKMARK_SOURCE_NOT_ANCESTOR: 1039,
  STREAM_TRUNCATED: 1040,
  STREAM_LARGE_BLOCK_MISMATCH: 1041,
  RESILVER_IN_PROGRESS: 1042,
  REBUILD_IN_PROGRESS: 1043,
  BADPROP: 1044,
  VDEV_NOTSUP: 1045,
  NOT_USER_NAMESPACE: 1046,
  RESUME_EXISTS: 1047,
  CRYPTO_NOTSUP: 1048,
  RAIDZ_EXPAND_IN_PROGRESS: 1049,
  ASHIFT_MISMATCH: 1050,
  STREAM_LARGE_MICROZAP: 1051,
  TOO_MANY_SITOUTS: 1052,
  NO_USER_NS_SUPPORT: 1053,
}

const names = new Map<number, string>(Object.entries(E).map(([name, errno]) => [errno, name]))

/** `ENOENT` for 2; the number itself where it has no name here. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `error ${errno}`
}
