import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DownloadFailed } from './errors.ts'
import { openSource, type SourceOptions } from './source.ts'

export interface DownloadOptions extends SourceOptions {
  /** Called with bytes that arrived, and with the size of the whole file where it is known. */
  progress?(current: number, total?: number): void
  /** Is in the name of the file while it arrives; default: random. */
  readonly mark?: string
}

export interface Downloaded {
  /** Size in bytes. */
  readonly bytes: number
  /** SHA-256 of what was written, 64 digits in lower case: it needs no second look at the file. */
  readonly sha256: string
}

/**
 * Fetches an http, https or file URL into the file `target`.
 *
 * `target` appears whole and on disk, or not at all: a failure or a cancellation leaves what was there before.
 * Throws DownloadFailed, the reason of the signal, or a file system error about `target`.
 */
export async function download(url: string, target: string, options: DownloadOptions = {}): Promise<Downloaded> {
  // A name of its own: two downloads of one file must not write into each other's.
  const partial = partialName(target, options.mark ?? randomBytes(4).toString('hex'))
  const file = await open(partial, 'wx', 0o644)
  let downloaded: Downloaded
  try {
    try {
      downloaded = await copyInto(file, url, options)
      await file.sync()
    } finally {
      await file.close()
    }
    options.signal?.throwIfAborted()
    await rename(partial, target)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  await syncDirectory(dirname(target))
  return downloaded
}

/** Takes away what `download` with that mark has made, whole or not. */
export async function removeDownload(target: string, mark: string): Promise<void> {
  await rm(partialName(target, mark), { force: true })
  await rm(target, { force: true })
}

function partialName(target: string, mark: string): string {
  return `${target}.${mark}.partial`
}

async function copyInto(file: FileHandle, url: string, options: DownloadOptions): Promise<Downloaded> {
  const { total, chunks } = await openSource(url, options)
  const digest = createHash('sha256')
  let bytes = 0
  options.progress?.(0, total)
  for await (const chunk of chunks) {
    digest.update(chunk)
    await writeAll(file, chunk)
    bytes += chunk.length
    options.progress?.(bytes, total)
  }
  if (total !== undefined && bytes !== total) {
    throw new DownloadFailed({ url, reason: `it ended after ${bytes} of ${total} bytes` })
  }
  return { bytes, sha256: digest.digest('hex') }
}

export interface ReadTextOptions extends SourceOptions {
  /** Most bytes that are taken; 1 MiB if not said. */
  readonly limit?: number
}

/** The text behind a URL, in UTF-8. Throws DownloadFailed, also for more than `limit` bytes, or the signal's reason. */
export async function readText(url: string, options: ReadTextOptions = {}): Promise<string> {
  const { limit = 1 << 20 } = options
  const { total = 0, chunks } = await openSource(url, options)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (Math.max(bytes, total) > limit) throw new DownloadFailed({ url, reason: `it has more than ${limit} bytes` })
    parts.push(chunk)
  }
  if (bytes < total) throw new DownloadFailed({ url, reason: `it ended after ${bytes} of ${total} bytes` })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch (error) {
    throw new DownloadFailed({ url, reason: 'it is not text in UTF-8' }, { cause: error })
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    offset += (await file.write(chunk, offset)).bytesWritten
  }
}

/** Without it the new name of a file may be lost in a crash, though its bytes are on disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
