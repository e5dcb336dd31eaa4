import { read, readSync } from 'node:fs'
import { promisify } from 'node:util'

const readAsync = promisify(read)

/** Fills the bytes from a descriptor, however few a pipe gives at a time. False when it ends before. */
export async function fill(fd: number, bytes: Uint8Array): Promise<boolean> {
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await readAsync(fd, bytes, filled, bytes.length - filled, null)
    if (bytesRead === 0) return false
    filled += bytesRead
  }
  return true
}

/** As `fill`, blocking. */
export function fillSync(fd: number, bytes: Uint8Array): boolean {
  for (let filled = 0; filled < bytes.length; ) {
    const bytesRead = readSync(fd, bytes, filled, bytes.length - filled, null)
    if (bytesRead === 0) return false
    filled += bytesRead
  }
  return true
}
