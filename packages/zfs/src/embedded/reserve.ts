import { randomBytes } from 'node:crypto'
import { rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { isFileError } from './errors.ts'

/** Enough for the notes of one change and for a small state, in bytes. */
const LEAST = 131_072

/**
 * A file that takes up space which a change can have when the disk is full: as real ZFS keeps some back, so that what is
 * full can be made less full. Several processes may keep it at once.
 */
export class Reserve {
  readonly #path: string
  #size = LEAST

  constructor(path: string) {
    this.#path = path
  }

  /** So long is the state: a new one is written beside the old. */
  want(length: number): void {
    this.#size = Math.max(LEAST, 2 * length)
  }

  /** Makes it again where it is missing or too small, if there is space for it. */
  keep(): void {
    try {
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) >= this.#size) return
      // Random, or a file system that compresses would keep nothing.
      writeFileSync(this.#path, randomBytes(this.#size), { mode: 0o600 })
    } catch (error) {
      if (!isFileError(error)) throw error
      rmSync(this.#path, { force: true })
    }
  }

  /** Gives the space back; false when there is none. */
  use(): boolean {
    try {
      unlinkSync(this.#path)
      return true
    } catch (error) {
      if (isFileError(error)) return false
      throw error
    }
  }
}
