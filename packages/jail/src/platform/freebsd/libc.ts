import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import koffi from 'koffi'
import type { JailCall, JailQuery } from './encode.ts'
import { type OptionList, readCString } from './iovec.ts'
import type { MountCall } from './nmount.ts'

/**
 * The calls of FreeBSD's libc that jails need, and nothing else: everything that can be thought about without the
 * kernel is in the files beside this one. It runs on FreeBSD only; that koffi passes such lists as the kernel wants
 * them, and that the kernel's answers arrive in the buffers, is tested with readv(2), which takes the same structure.
 *
 * The functions throw as node:fs does: `code` is the name of the errno, `reason` what the kernel said in words.
 */
export interface LibcError extends Error {
  readonly code: string
  readonly errno: number
  readonly syscall: string
  readonly reason: string
}

// The library is opened at the first call, so that this file can be loaded on any system.
let calls: ReturnType<typeof load> | undefined
function load() {
  const library = koffi.load(null)
  defineIovec()
  return {
    jailSet: library.func('int jail_set(gaoler_iovec *iov, unsigned int niov, int flags)'),
    jailGet: library.func('int jail_get(gaoler_iovec *iov, unsigned int niov, int flags)'),
    jailRemove: library.func('int jail_remove(int jid)'),
    jailAttach: library.func('int jail_attach(int jid)'),
    nmount: library.func('int nmount(gaoler_iovec *iov, unsigned int niov, int flags)'),
    unmount: library.func('int unmount(const char *dir, int flags)'),
  }
}

function libc(): ReturnType<typeof load> {
  calls ??= load()
  return calls
}

let iovecIsDefined = false
/** struct iovec (sys/_iovec.h); koffi knows types by name for the whole process. */
export function defineIovec(): void {
  if (!iovecIsDefined) koffi.struct('gaoler_iovec', { iov_base: 'void *', iov_len: 'size_t' })
  iovecIsDefined = true
}

/** The list as koffi passes it: the buffers themselves, so that what the kernel writes is seen. */
export function iovecs(options: OptionList): { iov_base: Buffer | null; iov_len: number }[] {
  return options.map((part) => ({ iov_base: part, iov_len: part?.length ?? 0 }))
}

/** Creates or changes a jail and returns its number. */
export function jailSet({ options, flags, errmsg }: JailCall): number {
  return check(libc().jailSet(iovecs(options), options.length, flags), 'jail_set', errmsg)
}

/** The number of the jail and whether it is going away; null when there is none. */
export function jailGet({ options, flags, errmsg, dying }: JailQuery): { jid: number; dying: boolean } | null {
  try {
    const jid = check(libc().jailGet(iovecs(options), options.length, flags), 'jail_get', errmsg)
    return { jid, dying: dying.some((byte) => byte !== 0) }
  } catch (error) {
    if ((error as LibcError).code === 'ENOENT') return null
    throw error
  }
}

/** Kills every process of the jail and removes it and its children; EINVAL when there is none. */
export function jailRemove(jid: number): void {
  check(libc().jailRemove(jid), 'jail_remove')
}

/** Puts this process into the jail for good: only for a child that was started for it. */
export function jailAttach(jid: number): void {
  check(libc().jailAttach(jid), 'jail_attach')
}

export function nmount({ options, errmsg }: MountCall): void {
  check(libc().nmount(iovecs(options), options.length, 0), 'nmount', errmsg)
}

export function unmount(path: string, flags = 0): void {
  check(libc().unmount(path, flags), 'unmount')
}

function check(result: number, syscall: string, errmsg?: Buffer): number {
  if (result >= 0) return result
  const errno = -koffi.errno()
  const code = getSystemErrorName(errno)
  // The kernel's own words come only for some refusals.
  const reason = (errmsg && readCString(errmsg)) || getSystemErrorMessage(errno)
  throw Object.assign(new Error(`${code}: ${reason}, ${syscall}`), { errno, code, syscall, reason })
}
