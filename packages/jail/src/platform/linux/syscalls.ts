import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import koffi from 'koffi'

/**
 * The calls of Linux that Node does not have. All are short and synchronous, and throw as node:fs does: `code` is the
 * name of the errno.
 */

/** include/uapi/linux/mount.h */
export const mountAttribute = { readOnly: 0x1n, noSuid: 0x2n, noDevices: 0x4n, idMapped: 0x100000n } as const
/** include/uapi/linux/openat2.h */
export const resolve = { noMagicLinks: 0x2n, noSymlinks: 0x4n, inRoot: 0x10n } as const
/** include/uapi/asm-generic/fcntl.h; Node names neither. */
export const openFlag = { path: 0o10000000, closeOnExec: 0o2000000 } as const

// These numbers are the same on every architecture that Node runs on; C libraries have wrappers since different versions.
const number = { openTree: 428, moveMount: 429, openAt2: 437, mountSetAttr: 442 } as const
const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000
const OPEN_TREE_CLONE = 0x1
const MOVE_MOUNT_F_EMPTY_PATH = 0x4
const MNT_DETACH = 0x2
const UMOUNT_NOFOLLOW = 0x8

// The library is opened at the first call, so that this file can be loaded on any system.
let calls: ReturnType<typeof load> | undefined
function load() {
  const library = koffi.load(null)
  // Declared once for each set of arguments: every argument travels in a register of its own, variadic or not.
  return {
    openTree: library.func('syscall', 'long', ['long', 'int', 'str', 'uint']),
    moveMount: library.func('syscall', 'long', ['long', 'int', 'str', 'int', 'str', 'uint']),
    openAt2: library.func('syscall', 'long', ['long', 'int', 'str', 'void *', 'size_t']),
    mountSetAttr: library.func('syscall', 'long', ['long', 'int', 'str', 'uint', 'void *', 'size_t']),
    unmount: library.func('umount2', 'int', ['str', 'int']),
    makeFifo: library.func('mkfifo', 'int', ['str', 'uint']),
  }
}

function libc(): ReturnType<typeof load> {
  calls ??= load()
  return calls
}

/** A detached copy of the mount at `path`, without what is mounted below it; it goes when the descriptor is closed. */
export function openTree(path: string): number {
  const flags = OPEN_TREE_CLONE | openFlag.closeOnExec
  return check(libc().openTree(number.openTree, AT_FDCWD, path, flags), 'open_tree', path)
}

/** Sets attributes of a detached mount; `userNamespace` is a descriptor whose mapping an id-mapped mount takes. */
export function setMountAttributes(tree: number, attributes: bigint, userNamespace: number): void {
  // struct mount_attr: attr_set, attr_clr, propagation, userns_fd
  const argument = new BigUint64Array([attributes, 0n, 0n, BigInt(userNamespace)])
  const { byteLength } = argument
  check(libc().mountSetAttr(number.mountSetAttr, tree, '', AT_EMPTY_PATH, argument, byteLength), 'mount_setattr')
}

/** Attaches a detached mount at `target`. */
export function attachMount(tree: number, target: string): void {
  const result = libc().moveMount(number.moveMount, tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)
  check(result, 'move_mount', target)
}

/** Takes the mount at `target` out of the tree; what still uses it keeps it. */
export function detachMount(target: string): void {
  check(libc().unmount(target, MNT_DETACH | UMOUNT_NOFOLLOW), 'umount2', target)
}

/** Opens `path` below a directory's descriptor: `how` says what it may pass on its way (`resolve`). */
export function openBelow(directory: number, path: string, how: bigint, flags: number = openFlag.path): number {
  // struct open_how: flags, mode, resolve
  const argument = new BigUint64Array([BigInt(flags | openFlag.closeOnExec), 0n, how])
  return check(libc().openAt2(number.openAt2, directory, path, argument, argument.byteLength), 'openat2', path)
}

/** Makes a named pipe that only root may open. */
export function makeFifo(path: string): void {
  check(libc().makeFifo(path, 0o600), 'mkfifo', path)
}

function check(result: number | bigint, syscall: string, path?: string): number {
  const value = Number(result)
  if (value >= 0) return value
  const errno = -koffi.errno()
  const code = getSystemErrorName(errno)
  const message = `${code}: ${getSystemErrorMessage(errno)}, ${syscall}${path === undefined ? '' : ` '${path}'`}`
  throw Object.assign(new Error(message), { errno, code, syscall, path })
}
