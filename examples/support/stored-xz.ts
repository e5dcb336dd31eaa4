import { crc32 } from 'node:zlib'

/**
 * Bytes as an .xz file that stores them as they are: one stream, one block, a CRC32 as its check.
 * Node has no xz encoder; an example's few kilobytes need no compression, only the container.
 * Format: The .xz File Format 1.2.1 (tukaani.org), LZMA2 chunks of the uncompressed kind.
 */
export function storedXz(data: Uint8Array): Buffer {
  const chunks: Uint8Array[] = []
  for (let offset = 0; offset < data.length; offset += 0x10000) {
    const part = data.subarray(offset, offset + 0x10000)
    // 1 resets the dictionary (the first chunk must), 2 does not; the size is stored as one less.
    chunks.push(Uint8Array.of(offset === 0 ? 1 : 2, (part.length - 1) >> 8, (part.length - 1) & 0xff), part)
  }
  const flags = Uint8Array.of(0, 1)
  // Block header: its size in units of 4 bytes less one, one filter, LZMA2 (0x21) with one byte: a 64 KiB dictionary.
  const blockHeader = withCrc(Uint8Array.of(2, 0, 0x21, 1, 8, 0, 0, 0))
  const packed = Buffer.concat([...chunks, Uint8Array.of(0)])
  const block = Buffer.concat([blockHeader, packed, padding(packed.length), uint32(crc32(data))])
  const records = Buffer.concat([Uint8Array.of(0, 1), integer(12 + packed.length + 4), integer(data.length)])
  const index = withCrc(Buffer.concat([records, padding(records.length)]))
  const footer = Buffer.concat([uint32(index.length / 4 - 1), flags])
  return Buffer.concat([
    Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0),
    withCrc(flags),
    block,
    index,
    uint32(crc32(footer)),
    footer,
    Buffer.from('YZ'),
  ])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function withCrc(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, uint32(crc32(bytes))])
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4)
}

/** A number in seven bits a byte, the lowest first. */
function integer(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Uint8Array.of(...bytes, rest)
}
