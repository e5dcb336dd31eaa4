import type { Stats } from 'node:fs'
import { isFileError } from './errors.ts'
import type { BytePath } from './files.ts'
import { file, type Steps } from './steps.ts'

/** A note of an opened file is called as the copy that needs it, with this and a number behind. */
const NOTE = '.opened'

export function isNote(name: string): boolean {
  return name.includes(NOTE)
}

/**
 * Files and directories that even their owner may not read, such as an /etc/shadow of mode 0. A real snapshot has them;
 * so their owner opens them for as long as they are copied. A note of the old mode is kept beside the copy, from which
 * `restoreMode` sets it back if this process is killed meanwhile.
 */
export class Opened {
  readonly #prefix: BytePath
  readonly #open: { readonly path: BytePath; readonly mode: number; readonly note: BytePath }[] = []
  #count = 0

  constructor(prefix: BytePath) {
    this.#prefix = prefix
  }

  /** Opens until `close`. Does nothing for root, who needs it not, and for what is another user's. */
  *open(path: BytePath, stat: Stats): Steps<void> {
    const opened = yield* this.#begin(path, stat)
    if (opened) this.#open.push(opened)
  }

  /** Opens during some work. */
  *during(path: BytePath, stat: Stats, work: Steps<unknown>): Steps<void> {
    const opened = yield* this.#begin(path, stat)
    try {
      yield* work
    } finally {
      if (opened) yield* restore(opened)
    }
  }

  /** Sets every mode back, the innermost first. */
  *close(): Steps<void> {
    for (let opened = this.#open.pop(); opened; opened = this.#open.pop()) yield* restore(opened)
  }

  *#begin(path: BytePath, stat: Stats): Steps<{ path: BytePath; mode: number; note: BytePath } | undefined> {
    const uid = process.geteuid?.()
    if (uid === 0 || stat.uid !== uid) return undefined
    const mode = stat.mode & 0o7777
    const note = `${this.#prefix}${NOTE}${this.#count++}`
    // A link is written in one step and holds any path: so a note is there as a whole or not at all.
    yield* file('symlink', `${mode} ${stat.ino} ${path}`, note)
    yield* file('chmod', path, mode | (stat.isDirectory() ? 0o700 : 0o400))
    return { path, mode, note }
  }
}

function* restore({ path, mode, note }: { path: BytePath; mode: number; note: BytePath }): Steps<void> {
  try {
    yield* file('chmod', path, mode)
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
  }
  yield* file('unlink', note)
}

/** Does what a killed process could not: sets a mode back as its note says, if the file is still the same. */
export function* restoreMode(note: BytePath): Steps<void> {
  try {
    const [, mode, inode, path] = /^(\d+) (\d+) ([\s\S]*)$/.exec(yield* file('readlink', note)) ?? []
    const stat = path === undefined ? undefined : yield* file('lstat', path)
    if (path !== undefined && stat?.ino === Number(inode)) yield* file('chmod', path, Number(mode))
    yield* file('unlink', note)
  } catch (error) {
    if (!isFileError(error)) throw error
  }
}
