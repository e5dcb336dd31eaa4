import { constants } from 'node:fs'
import { createRequire } from 'node:module'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'

/**
 * The `*at` calls of POSIX.1-2008 that Node does not have, and openat2(2) of Linux. All are short and synchronous, and
 * throw as node:fs does: `code` is the name of the errno.
 */

interface System {
  readonly closeOnExec: number
  readonly removeDirectory: number
}

// O_CLOEXEC and AT_REMOVEDIR: asm-generic/fcntl.h and linux/fcntl.h; sys/fcntl.h of FreeBSD and of macOS.
const systems: Readonly<Record<string, System>> = {
  linux: { closeOnExec: 0o2000000, removeDirectory: 0x200 },
  freebsd: { closeOnExec: 0x100000, removeDirectory: 0x800 },
  darwin: { closeOnExec: 0x1000000, removeDirectory: 0x80 },
}
const { closeOnExec, removeDirectory } = systems[process.platform] ?? (systems.linux as System)

/** The number of openat2 is the same on every architecture; glibc has no wrapper. include/uapi/linux/openat2.h */
const OPENAT2 = 437
const RESOLVE_NO_MAGICLINKS = 0x2n
const RESOLVE_NO_SYMLINKS = 0x4n
const RESOLVE_BENEATH = 0x8n

// Opened at the first call, so that this file can be loaded anywhere.
let calls: ReturnType<typeof load> | undefined
function load() {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  const libc = koffi.load(null)
  return {
    errno: () => koffi.errno(),
    close: libc.func('int close(int descriptor)'),
    openAt: libc.func('int openat(int directory, const char *path, int flags, ...)'),
    makeAt: libc.func('int mkdirat(int directory, const char *path, unsigned int mode)'),
    renameAt: libc.func('int renameat(int from, const char *old, int to, const char *new)'),
    unlinkAt: libc.func('int unlinkat(int directory, const char *path, int flags)'),
    openAt2: libc.func('syscall', 'long', ['long', 'int', 'str', 'void *', 'size_t']),
  }
}

function libc(): ReturnType<typeof load> {
  calls ??= load()
  return calls
}

/**
 * The directory at an absolute path, which may lead over links. All descriptors of this file are closed by `close`:
 * in a worker thread Node watches over its own and warns of others.
 */
export function openTop(path: string): number {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | closeOnExec
  return check(libc().openAt(-1, path, flags, 'unsigned int', 0), 'openat', path)
}

export function close(descriptor: number): void {
  check(libc().close(descriptor), 'close', String(descriptor))
}

/** Opens one name in a directory, and no link: ELOOP (FreeBSD: EMLINK), or ENOTDIR where a directory is asked for. */
export function openAt(directory: number, name: string, flags: number, mode = 0): number {
  const all = flags | constants.O_NOFOLLOW | closeOnExec
  return check(libc().openAt(directory, name, all, 'unsigned int', mode), 'openat', name)
}

/** Opens a relative path of any length; the kernel refuses every link and every way out. ENOSYS before Linux 5.6. */
export function openBeneath(directory: number, path: string, flags: number): number {
  // struct open_how: flags, mode, resolve
  const how = new BigUint64Array([
    BigInt(flags | closeOnExec),
    0n,
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  ])
  return check(libc().openAt2(OPENAT2, directory, path, how, how.byteLength), 'openat2', path)
}

export function makeDirectoryAt(directory: number, name: string, mode: number): void {
  check(libc().makeAt(directory, name, mode), 'mkdirat', name)
}

/** Within one directory. */
export function renameAt(directory: number, from: string, to: string): void {
  check(libc().renameAt(directory, from, directory, to), 'renameat', from)
}

export function unlinkAt(directory: number, name: string): void {
  check(libc().unlinkAt(directory, name, 0), 'unlinkat', name)
}

/** Only an empty one. */
export function removeDirectoryAt(directory: number, name: string): void {
  check(libc().unlinkAt(directory, name, removeDirectory), 'unlinkat', name)
}

function check(result: number | bigint, syscall: string, path: string): number {
  const value = Number(result)
  if (value >= 0) return value
  const errno = -libc().errno()
  const code = getSystemErrorName(errno)
  const message = `${code}: ${getSystemErrorMessage(errno)}, ${syscall} '${path}'`
  throw Object.assign(new Error(message), { errno, code, syscall, path })
}
