import { type CFunction, libzfsFunction } from '../lzc/library.ts'

/** A pointer of C's, as a number. */
export type Handle = number | bigint

/** What of libzfs is called. */
export type LibzfsName =
  | 'libzfs_init'
  | 'libzfs_error_action'
  | 'libzfs_error_description'
  | 'zfs_open'
  | 'zfs_close'
  | 'zfs_name_to_prop'
  | 'zfs_prop_get'
  | 'zfs_prop_get_int'
  | 'zfs_is_mounted'
  | 'zfs_mount'
  | 'zfs_unmountall'
  | 'zfs_send_progress'
  | 'zpool_open_canfail'
  | 'zpool_close'
  | 'zpool_free_handles'
  | 'zpool_get_history'
  | 'zpool_events_next'
  | 'zpool_events_seek'

/**
 * Only what has had one signature since OpenZFS 2.0 (include/libzfs.h of 2.0, 2.1, 2.2, 2.3, 2.4): the rest of libzfs changes
 * with every series.
 */
export const signatures: Readonly<Record<LibzfsName, readonly [result: string, parameters: readonly string[]]>> = {
  libzfs_init: ['uintptr_t', []],
  libzfs_error_action: ['const char *', ['uintptr_t']],
  libzfs_error_description: ['const char *', ['uintptr_t']],
  zfs_open: ['uintptr_t', ['uintptr_t', 'const char *', 'int']],
  zfs_close: ['void', ['uintptr_t']],
  zfs_name_to_prop: ['int', ['const char *']],
  zfs_prop_get: ['int', ['uintptr_t', 'int', 'void *', 'size_t', 'void *', 'void *', 'size_t', 'int']],
  zfs_prop_get_int: ['uint64_t', ['uintptr_t', 'int']],
  zfs_is_mounted: ['int', ['uintptr_t', 'void *']],
  zfs_mount: ['int', ['uintptr_t', 'const char *', 'int']],
  zfs_unmountall: ['int', ['uintptr_t', 'int']],
  zfs_send_progress: ['int', ['uintptr_t', 'int', 'void *', 'void *']],
  zpool_open_canfail: ['uintptr_t', ['uintptr_t', 'const char *']],
  zpool_close: ['void', ['uintptr_t']],
  zpool_free_handles: ['void', ['uintptr_t']],
  zpool_get_history: ['int', ['uintptr_t', 'void *', 'void *', 'void *']],
  zpool_events_next: ['int', ['uintptr_t', 'void *', 'void *', 'unsigned int', 'int']],
  zpool_events_seek: ['int', ['uintptr_t', 'uint64_t', 'int']],
}

/**
 * A function of libzfs. A handle serves one call at a time.
 * Throws ZFSInitializationFailed where the library cannot be loaded.
 */
export function libzfs(name: LibzfsName): CFunction {
  return libzfsFunction(name, ...signatures[name])
}

export function isNull(pointer: Handle): boolean {
  return Number(pointer) === 0
}
