import { Transform, type TransformCallback } from 'node:stream'

const lineFeed = 0x0a
const endOfFile = 0x04
const literalNext = 0x16

/** Well under the 4096 bytes that a terminal holds of an unfinished line. */
const piece = 1024

/**
 * Bytes as a terminal in canonical mode must get them to hand them on unchanged. That mode is used because no other
 * carries an end of file. Each piece ends with EOF, which delivers it; a second EOF with nothing before it ends the input.
 */
export class TerminalInput extends Transform {
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let start = 0; start < chunk.length; start += piece) this.push(quote(chunk.subarray(start, start + piece)))
    done()
  }

  override _flush(done: TransformCallback): void {
    this.push(Buffer.from([endOfFile]))
    done()
  }
}

function quote(bytes: Buffer): Buffer {
  const out: number[] = []
  for (const byte of bytes) {
    if (byte === lineFeed || byte === endOfFile || byte === literalNext) out.push(literalNext)
    out.push(byte)
  }
  out.push(endOfFile)
  return Buffer.from(out)
}
