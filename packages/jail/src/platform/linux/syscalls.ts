import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import koffi from 'koffi'

/**
 * The calls of Linux that Node does not have. All are short and synchronous, and throw as node:fs does: `code` is the
 * name of the errno.
 */

/** include/uapi/linux/mount.h */
export const mountAttribute = {
  readOnly: 0x1n,
  noSuid: 0x2n,
  noDevices: 0x4n,
  noExec: 0x8n,
  noAccessTime: 0x10n,
  idMapped: 0x100000n,
} as const
/** include/uapi/linux/openat2.h */
export const resolve = { noMagicLinks: 0x2n, noSymlinks: 0x4n, inRoot: 0x10n } as const
/** include/uapi/asm-generic/fcntl.h; Node names neither. */
export const openFlag = { path: 0o10000000, closeOnExec: 0o2000000 } as const

// These numbers are the same on every architecture that Node runs on; C libraries have wrappers since different versions.
const number = {
  openTree: 428,
  moveMount: 429,
  fsOpen: 430,
  fsConfig: 431,
  fsMount: 432,
  openAt2: 437,
  mountSetAttr: 442,
} as const
const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000
const AT_RECURSIVE = 0x8000
const OPEN_TREE_CLONE = 0x1
const MOVE_MOUNT_F_EMPTY_PATH = 0x4
const MOVE_MOUNT_T_EMPTY_PATH = 0x40
const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6
/** clone(2) */
const CLONE_FS = 0x200
const CLONE_NEWNS = 0x20000
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
    fsOpen: library.func('syscall', 'long', ['long', 'str', 'uint']),
    fsConfig: library.func('syscall', 'long', ['long', 'int', 'uint', 'str', 'str', 'int']),
    fsMount: library.func('syscall', 'long', ['long', 'int', 'uint', 'uint']),
    unshare: library.func('unshare', 'int', ['int']),
    setNamespace: library.func('setns', 'int', ['int', 'int']),
    close: library.func('close', 'int', ['int']),
    unmount: library.func('umount2', 'int', ['str', 'int']),
    makeFifo: library.func('mkfifo', 'int', ['str', 'uint']),
  }
}

function libc(): ReturnType<typeof load> {
  calls ??= load()
  return calls
}

/** A detached copy of the mount at `path`, with what is mounted below it only if `recursive`; it goes when the descriptor is closed. */
export function openTree(path: string, { recursive = false }: { recursive?: boolean } = {}): number {
  const flags = OPEN_TREE_CLONE | openFlag.closeOnExec | (recursive ? AT_RECURSIVE : 0)
  return check(libc().openTree(number.openTree, AT_FDCWD, path, flags), 'open_tree', path)
}

/** Sets attributes of a detached mount; `userNamespace` is a descriptor whose mapping an id-mapped mount takes. */
export function setMountAttributes(
  tree: number,
  attributes: bigint,
  userNamespace: number,
  { recursive = false }: { recursive?: boolean } = {},
): void {
  // struct mount_attr: attr_set, attr_clr, propagation, userns_fd
  const argument = new BigUint64Array([attributes, 0n, 0n, BigInt(userNamespace)])
  const { byteLength } = argument
  const flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0)
  check(libc().mountSetAttr(number.mountSetAttr, tree, '', flags, argument, byteLength), 'mount_setattr')
}

/** Attaches a detached mount at `target`. */
export function attachMount(tree: number, target: string): void {
  const result = libc().moveMount(number.moveMount, tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)
  check(result, 'move_mount', target)
}

/** Attaches a detached mount at the place that `target` is a descriptor of. */
export function attachMountAt(tree: number, target: number): void {
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
  check(libc().moveMount(number.moveMount, tree, '', target, '', flags), 'move_mount')
}

/** A new file system as a detached mount, fsopen(2); `attributes` are those of mount_setattr(2). */
export function newMount(type: string, options: Readonly<Record<string, string>>, attributes: bigint): number {
  const context = check(libc().fsOpen(number.fsOpen, type, 1), 'fsopen', type)
  try {
    for (const [name, value] of Object.entries(options)) {
      check(libc().fsConfig(number.fsConfig, context, FSCONFIG_SET_STRING, name, value, 0), 'fsconfig', name)
    }
    check(libc().fsConfig(number.fsConfig, context, FSCONFIG_CMD_CREATE, null, null, 0), 'fsconfig', type)
    return check(libc().fsMount(number.fsMount, context, 1, Number(attributes)), 'fsmount', type)
  } finally {
    close(context)
  }
}

/**
 * Lets this thread, and no other of the process, see the mounts of another namespace, setns(2). There is no way back:
 * only for a thread that ends soon.
 */
export function enterMountNamespace(namespace: number): void {
  check(libc().unshare(CLONE_FS), 'unshare')
  check(libc().setNamespace(namespace, CLONE_NEWNS), 'setns')
}

/** Closes what this file has opened: in a worker Node watches over its own descriptors and warns of others. */
export function close(descriptor: number): void {
  check(libc().close(descriptor), 'close')
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
