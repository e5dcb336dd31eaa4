import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { InvalidReleaseAssetSignature } from './errors.ts'

export interface DigestOptions {
  readonly signal?: AbortSignal
  /** Called with bytes that were read and the size of the file. */
  progress?(current: number, total: number): void
}

/** SHA-256 of a file, 64 digits in lower case. Throws file system errors and the signal's reason. */
export async function digestFile(path: string, { signal, progress }: DigestOptions = {}): Promise<string> {
  const file = await open(path)
  try {
    const total = (await file.stat()).size
    const digest = createHash('sha256')
    const buffer = Buffer.allocUnsafe(1 << 20)
    for (let current = 0; ; ) {
      signal?.throwIfAborted()
      const { bytesRead } = await file.read(buffer)
      if (bytesRead === 0) return digest.digest('hex')
      digest.update(buffer.subarray(0, bytesRead))
      current += bytesRead
      progress?.(current, total)
    }
  } finally {
    await file.close()
  }
}

/** Throws InvalidReleaseAssetSignature unless both digests are the same; call it before anything is unpacked. */
export function checkDigest(details: { release: string; asset: string; expected: string; found: string }): void {
  if (details.found !== details.expected) throw new InvalidReleaseAssetSignature(details)
}
