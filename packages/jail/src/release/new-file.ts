import { closeSync, ftruncateSync, writevSync } from 'node:fs'

/** A file while its content arrives. */
export class NewFile {
  readonly #fd: number
  readonly #complete: () => void
  #waiting: Uint8Array[] = []
  /** Bytes that wait, and where in the file they belong. */
  #bytes = 0
  #position = 0

  constructor(fd: number, complete: () => void) {
    this.#fd = fd
    this.#complete = complete
  }

  /** Keeps `chunk` until a megabyte is together: small files take one system call. */
  write(chunk: Uint8Array): void {
    this.#waiting.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= 1 << 20) this.#flush()
  }

  /** Continues at another place in the file, which leaves a hole. */
  writeAt(chunk: Uint8Array, position: number): void {
    if (position !== this.#position + this.#bytes) {
      this.#flush()
      this.#position = position
    }
    this.write(chunk)
  }

  /** Ends the file after `size` bytes, with a hole if it has less. */
  truncate(size: number): void {
    this.#flush()
    ftruncateSync(this.#fd, size)
  }

  /** Writes the rest and gives the file its owner, mode and time. */
  complete(): void {
    this.#flush()
    this.#complete()
  }

  /** Must be called, also after a failure. */
  close(): void {
    closeSync(this.#fd)
  }

  #flush(): void {
    while (this.#bytes > 0) {
      const written = writevSync(this.#fd, this.#waiting, this.#position)
      this.#position += written
      this.#bytes -= written
      this.#waiting = this.#bytes === 0 ? [] : [Buffer.concat(this.#waiting).subarray(written)]
    }
  }
}
