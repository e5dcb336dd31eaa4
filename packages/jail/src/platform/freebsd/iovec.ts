/**
 * Options as jail_set(2), jail_get(2) and nmount(2) take them: pairs of iovecs, a name and a value.
 *
 * Names end with a NUL (vfs_buildopts in sys/kern/vfs_mount.c refuses others). A value of null is (NULL, 0): it is how
 * an option is there without a value.
 */
export type OptionList = (Buffer | null)[]

/** Size in bytes of the buffer for the kernel's own words; it cuts them to what there is. */
export const errmsgSize = 256

/** The kernel's limit for all names, values and its own book-keeping (VFS_MOUNTARG_SIZE_MAX of vfs_mount.c). */
export const maximumSize: number = 64 * 1024

/** sizeof(struct vfsopt) on 64-bit systems (sys/sys/mount.h), which counts for each option. */
const bookKeeping = 48

/** A string with the NUL that the kernel looks for. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf8')
}

/** An `int`, in the machine's byte order as the kernel copies it. */
export function int(value: number): Buffer {
  return Buffer.from(Int32Array.of(value).buffer)
}

/** An `unsigned long` of a 64-bit system. */
export function unsignedLong(value: number | bigint): Buffer {
  return Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
}

export function option(name: string, value: Buffer | null): OptionList {
  return [cString(name), value]
}

/** What the kernel counts against `maximumSize`. */
export function sizeOf(options: OptionList): number {
  const bytes = options.reduce((sum, part) => sum + (part?.length ?? 0), 0)
  return bytes + (options.length / 2) * bookKeeping
}

/** The text in a buffer that the kernel wrote, up to its NUL. */
export function readCString(buffer: Buffer): string {
  const end = buffer.indexOf(0)
  return buffer.toString('utf8', 0, end === -1 ? buffer.length : end)
}
