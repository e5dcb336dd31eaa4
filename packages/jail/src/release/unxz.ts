import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import xz from 'xz-decompress'

export interface UnxzOptions {
  readonly signal?: AbortSignal
  /** Called with bytes of the archive that were read, and its size. */
  progress?(current: number, total: number): void
}

/** Compressed bytes that are read at a time: some milliseconds of work, after which others get their turn. */
const step = 1 << 18

/**
 * The decompressed bytes of an .xz file (any number of streams and blocks), as `use` consumes them.
 *
 * Only one at a time: the decoder has one memory for all, and guards it with a lock that a cancelled waiter breaks.
 * Nothing is lost by it, since decoding keeps one thread busy either way.
 * A failure of the decoder is an Error whose text `explain` turns into one for people.
 */
export async function unxz<T>(
  archive: string,
  use: (bytes: ReadableStream<Uint8Array>) => Promise<T>,
  options: UnxzOptions = {},
): Promise<T> {
  return alone(options.signal, async () => {
    const fd = openSync(archive, 'r')
    try {
      return await use(new xz.XzReadableStream(compressed(fd, options)))
    } finally {
      closeSync(fd)
    }
  })
}

function compressed(fd: number, { signal, progress }: UnxzOptions): ReadableStream<Uint8Array> {
  const total = fstatSync(fd).size
  let current = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      await turn()
      signal?.throwIfAborted()
      const buffer = Buffer.allocUnsafe(step)
      const length = readSync(fd, buffer)
      if (length === 0 && current === 0) throw new Error('it is empty')
      if (length === 0) return controller.close()
      current += length
      progress?.(current, total)
      controller.enqueue(buffer.subarray(0, length))
    },
  })
}

let last: Promise<unknown> = Promise.resolve()

async function alone<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const before = last
  const { promise, resolve } = Promise.withResolvers<void>()
  last = before.then(() => promise)
  try {
    await unlessAborted(before, signal)
    return await work()
  } finally {
    resolve()
  }
}

async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** Results of XZ Embedded, which the decoder is made of (linux/include/linux/xz.h of xz-embedded). */
const results: Readonly<Record<string, string>> = {
  3: 'there is no memory for its dictionary',
  4: 'it asks for too large a dictionary',
  5: 'it is not an .xz file',
  6: 'it uses a part of the .xz format that is not supported: make it with `xz --check=crc64`, without filters',
  7: 'its data is damaged',
  8: 'it ends too early',
}

/** Why an archive could not be decompressed, from the decoder's error. */
export function explain(error: Error): string {
  const [, code = ''] = /error code (\d+)/.exec(error.message) ?? []
  return results[code] ?? error.message
}
