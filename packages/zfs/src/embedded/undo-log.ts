import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { EmbeddedStateInvalid, isFileError } from './errors.ts'
import { announce } from './files.ts'

/** A directory that was made, or one that was moved; `mode`: it had to be made writable for that. */
type Entry = { readonly made: string } | { readonly from: string; readonly to: string; readonly mode?: number }

/**
 * Moves directories so that it can be undone, by this process or by the one after it. Each step is noted in a file
 * before it is done; the file is gone when the transaction is over.
 */
export class UndoLog {
  readonly #path: string
  readonly #txg: number
  readonly #entries: Entry[] = []
  #file: number | undefined

  constructor(path: string, txg: number) {
    this.#path = path
    this.#txg = txg
  }

  /** Makes one directory. */
  mkdir(path: string, mode = 0o755): void {
    this.#note({ made: path })
    announce('mkdir', [path])
    mkdirSync(path, { mode })
  }

  /** Renames a directory; nothing may exist at `to`. */
  move(from: string, to: string): void {
    const mode = closedMode(from)
    this.#note({ from, to, mode })
    announce('rename', [from, to])
    if (mode === undefined) {
      renameSync(from, to)
      return
    }
    chmodSync(from, mode | 0o200)
    announce('rename', [from, to])
    renameSync(from, to)
    announce('chmod', [to, mode])
    chmodSync(to, mode)
  }

  /** Forgets the steps: they are committed. */
  close(): void {
    if (this.#file === undefined) return
    announce('close', [this.#path])
    closeSync(this.#file)
    this.#file = undefined
    unlinkSync(this.#path)
  }

  undo(): void {
    if (this.#file === undefined) return
    closeSync(this.#file)
    this.#file = undefined
    undo(this.#entries)
    unlinkSync(this.#path)
  }

  /** Undoes what a killed process did, unless it had committed: the state's `txg` tells. */
  static recover(path: string, txg: number): void {
    const [head = '', ...lines] = readFileSync(path, 'utf8').split('\n')
    // What is not ended by a newline was not written to the end, so its step was not begun.
    lines.pop()
    if (Number(head) > txg) undo(lines.map((line) => entryOf(line, path)))
    unlinkSync(path)
  }

  #note(entry: Entry): void {
    if (this.#file === undefined) {
      this.#file = openSync(this.#path, 'wx', 0o600)
      writeSync(this.#file, `${this.#txg}\n`)
    }
    this.#entries.push(entry)
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
  }
}

/** Throws EmbeddedStateInvalid for a line that was not written here. */
function entryOf(line: string, path: string): Entry {
  try {
    const { made, from, to, mode } = JSON.parse(line) as Record<string, unknown>
    if (typeof made === 'string') return { made }
    if (typeof from === 'string' && typeof to === 'string' && (mode === undefined || Number.isInteger(mode))) {
      return { from, to, ...(mode === undefined ? {} : { mode: mode as number }) }
    }
  } catch {}
  throw new EmbeddedStateInvalid({ path, reason: `${JSON.stringify(line.slice(0, 100))} is no step to undo` })
}

/** The mode of a directory that its owner may not write: it must be writable to get another parent. */
function closedMode(path: string): number | undefined {
  if (process.geteuid?.() === 0) return undefined
  const mode = lstatSync(path).mode & 0o7777
  return mode & 0o200 ? undefined : mode
}

// Any of the steps may not have been done, and undoing may have been begun before: a step that finds nothing is done.
function undo(entries: readonly Entry[]): void {
  for (const entry of entries.toReversed()) {
    try {
      if ('made' in entry) rmdirSync(entry.made)
      else moveBack(entry)
    } catch (error) {
      if (!isFileError(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) throw error
    }
  }
}

function moveBack({ from, to, mode }: Exclude<Entry, { made: string }>): void {
  // rename(2) would replace an empty directory; a step that was not done has its source still there.
  if (!existsSync(from)) {
    if (mode !== undefined) chmodSync(to, mode | 0o200)
    renameSync(to, from)
  }
  if (mode !== undefined) chmodSync(from, mode)
}
