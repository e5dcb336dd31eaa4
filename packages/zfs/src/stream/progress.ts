import { type Handle, isNull } from '../libzfs/library.ts'
import { call, withHandle } from '../libzfs/process.ts'
import { gate } from '../lzc/gate.ts'
import { cell } from '../lzc/lists.ts'
import type { Zfs } from '../zfs.ts'

/** How many bytes a send of this process has written into a descriptor; undefined where that cannot be told just now. */
export type SendProgress = (fd: number) => Promise<number | undefined>

/** zfs_type_t of sys/fs/zfs.h: filesystem, snapshot and volume. */
const ANY_TYPE = 1 | 2 | 4

let last: Promise<unknown> = Promise.resolve()

/**
 * Asks the kernel, which tells it by the snapshot and the descriptor. libzfs_core can ask that after 2.4 only, libzfs since
 * 2.0. It never waits for a thread: where none is free, the other calls are more urgent. All sends ask one after the other.
 */
export function progressOf(zfs: Zfs, snapshot: string): SendProgress {
  return async (fd) => {
    try {
      if (!gate.free) return undefined
      if (zfs.isSupported('sendProgress')) return Number((await zfs.sendProgress(snapshot, fd)).bytes)
      const answer = last.then(() => withHandle((handle) => ask(handle, snapshot, fd)))
      last = answer.catch(() => {})
      return await answer
    } catch {
      // It has not begun or is over, or there is no libzfs.
      return undefined
    }
  }
}

async function ask(handle: Handle, snapshot: string, fd: number): Promise<number | undefined> {
  const opened = (await call('zfs_open', handle, snapshot, ANY_TYPE)) as Handle
  if (isNull(opened)) return undefined
  try {
    const [bytes, blocks] = [cell(), cell()]
    const errno = await call('zfs_send_progress', opened, fd, bytes, blocks)
    return errno === 0 ? Number(bytes[0]) : undefined
  } finally {
    await call('zfs_close', opened)
  }
}
