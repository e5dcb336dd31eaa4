import { lstat, readdir } from 'node:fs/promises'
import { IocError } from '@gaoler/core'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { DamagedArchive, ExtractionTargetUnusable, IllegalArchiveContent } from './errors.ts'
import { Refusal, relativeName } from './names.ts'
import type { NewFile } from './new-file.ts'
import { Pace } from './pace.ts'
import { type SparseFile, SparseWriter, sparseFile } from './sparse.ts'
import { Tree } from './tree.ts'
import { explain, type UnxzOptions, unxz } from './unxz.ts'

export interface Extracted {
  /** Entries of the archive, counted as the MANIFEST counts them. */
  readonly entries: number
  /** Bytes of all files' contents. */
  readonly bytes: number
  /** Device nodes and FIFOs, which were left out: a jail's devices come from devfs, or from its platform. */
  readonly skipped: number
}

/**
 * Unpacks a .txz archive into the empty directory `directory`; `progress` counts bytes of the archive.
 *
 * Modes with setuid and setgid, times, symbolic and hard links are kept, owners where the process is root; BSD file
 * flags (schg) and ACLs are not. Nothing outside `directory` is touched, whatever the archive says.
 * The first entry that is refused ends it, what was made stays: throw the directory away.
 *
 * Throws IllegalArchiveContent, DamagedArchive, ExtractionTargetUnusable, file system errors, the signal's reason.
 */
export async function extract(archive: string, directory: string, options: UnxzOptions = {}): Promise<Extracted> {
  await checkTarget(directory)
  try {
    return await unxz(archive, (tar) => unpack(archive, tar, new Tree(directory), new Pace(options.signal)), options)
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason
    if (!(error instanceof Error) || error instanceof IocError || 'syscall' in error) throw error
    throw new DamagedArchive({ archive, reason: explain(error) }, { cause: error })
  }
}

/** Everything below it is taken for the archive's own, so it must start empty. */
async function checkTarget(directory: string): Promise<void> {
  const found = await lstat(directory).catch(() => null)
  if (!found?.isDirectory()) throw new ExtractionTargetUnusable({ directory, reason: 'it is not a directory' })
  // ZFS shows its snapshots there where they are made visible.
  const [first] = (await readdir(directory)).filter((name) => name !== '.zfs')
  if (first !== undefined) throw new ExtractionTargetUnusable({ directory, reason: `it already has ${first}` })
}

async function unpack(archive: string, tar: ReadableStream<Uint8Array>, tree: Tree, pace: Pace): Promise<Extracted> {
  const decoder = createTarDecoder({ strict: true })
  const stop = new AbortController()
  const feeding = tar.pipeTo(decoder.writable, { signal: stop.signal })
  // It is awaited below; until then its failure reaches us through the entries.
  feeding.catch(() => {})
  const entries = decoder.readable.getReader()
  const sum = { entries: 0, bytes: 0, skipped: 0 }
  try {
    for (let next = await entries.read(); !next.done; next = await entries.read()) {
      sum.bytes += await make(archive, tree, pace, next.value, sum)
      sum.entries++
      const pause = pace.spend(1, 0)
      if (pause) await pause
    }
    await feeding
    tree.finish()
    return sum
  } finally {
    stop.abort()
    // The pipe ends only after the write that waits for us to read on; nobody will, so it is let go.
    await entries.cancel().catch(() => {})
    await feeding.catch(() => {})
    // Node 22 leaves the source of an aborted pipe open, and the next archive would wait for it.
    await tar.cancel().catch(() => {})
  }
}

/** Makes one entry and returns the size of its content in bytes. */
async function make(
  archive: string,
  tree: Tree,
  pace: Pace,
  entry: ParsedTarEntry,
  sum: { skipped: number },
): Promise<number> {
  const { header } = entry
  try {
    const sparse = header.type === 'file' ? sparseFile(header.pax) : undefined
    const path = relativeName(sparse?.name ?? header.name)
    const attributes = {
      mode: (header.mode ?? 0) & 0o7777,
      uid: header.uid ?? 0,
      gid: header.gid ?? 0,
      mtime: header.mtime ?? new Date(Number.NaN),
    }
    switch (header.type) {
      case 'file':
        return await fill(tree.file(path, attributes), entry.body, pace, sparse)
      case 'directory':
        tree.directory(path, attributes)
        break
      case 'symlink':
        tree.symlink(path, header.linkname ?? '', attributes)
        break
      case 'link':
        tree.link(path, relativeName(header.linkname ?? ''), attributes)
        break
      default:
        tree.skip(path)
        sum.skipped++
    }
    await entry.body.cancel()
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new IllegalArchiveContent({ archive, entry: header.name, reason: error.message })
  }
}

async function fill(
  file: NewFile,
  body: ReadableStream<Uint8Array>,
  pace: Pace,
  sparse: SparseFile | undefined,
): Promise<number> {
  const content = sparse ? new SparseWriter(file, sparse.size) : file
  let bytes = 0
  try {
    const chunks = body.getReader()
    for (let next = await chunks.read(); !next.done; next = await chunks.read()) {
      content.write(next.value)
      bytes += next.value.length
      const pause = pace.spend(0, next.value.length)
      if (pause) await pause
    }
    content.complete()
  } finally {
    file.close()
  }
  return bytes
}
