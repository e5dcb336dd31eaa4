/** ZFS_ERR_STREAM_TRUNCATED: a number of its own, since errno.ts is not loaded in threads for one call. */
const TRUNCATED = 1040

/**
 * Reads what a call wants to have read: the last value is the bytes, the one before the descriptor. 0 when that is done,
 * ZFS's number when the stream ended, and a negative number, as Node has them, when it could not be read.
 */
export function readFirst(values: readonly unknown[], fill: (fd: number, bytes: Uint8Array) => boolean): number {
  try {
    return fill(values.at(-2) as number, values.at(-1) as Uint8Array) ? 0 : TRUNCATED
  } catch (error) {
    return failed(error)
  }
}

/** As `readFirst`, without blocking. */
export async function readFirstAsync(
  values: readonly unknown[],
  fill: (fd: number, bytes: Uint8Array) => Promise<boolean>,
): Promise<number> {
  try {
    return (await fill(values.at(-2) as number, values.at(-1) as Uint8Array)) ? 0 : TRUNCATED
  } catch (error) {
    return failed(error)
  }
}

function failed(error: unknown): number {
  const { errno } = error as NodeJS.ErrnoException
  if (typeof errno === 'number') return errno
  throw error
}
