import type { Stats } from 'node:fs'
import { isFileError } from './errors.ts'
import type { BytePath } from './files.ts'
import { all, file, type Steps } from './steps.ts'

export interface CopyOptions {
  /** Directories at which something else is mounted, and where to find what that hides. */
  readonly covered?: ReadonlyMap<BytePath, BytePath>
}

interface Directory {
  readonly from: BytePath
  readonly to: BytePath
  readonly stat: Stats
}

const uid = process.geteuid?.()
const gid = process.getegid?.()

/**
 * Copies a tree with its modes, times, owners (as far as the process may), symbolic links as they are and hard links
 * among its own files. Sockets, FIFOs and devices are left out: they cannot be made without native code.
 * `to` must not exist. Returns the bytes that the files occupy.
 */
export function* copyTree(from: BytePath, to: BytePath, options: CopyOptions = {}): Steps<number> {
  return yield* new TreeCopy(from, to, options.covered ?? new Map()).run()
}

class TreeCopy {
  readonly #from: BytePath
  readonly #to: BytePath
  readonly #covered: ReadonlyMap<BytePath, BytePath>
  readonly #queue: Directory[] = []
  /** First copy of each file that has several names, by device and inode. */
  readonly #firsts = new Map<string, BytePath>()
  readonly #links: (readonly [existing: BytePath, path: BytePath])[] = []
  #inode = 0
  #bytes = 0

  constructor(from: BytePath, to: BytePath, covered: ReadonlyMap<BytePath, BytePath>) {
    this.#from = from
    this.#to = to
    this.#covered = covered
  }

  *run(): Steps<number> {
    const stat = yield* file('lstat', this.#from)
    this.#inode = stat.ino
    this.#queue.push({ from: this.#from, to: this.#to, stat })
    const made: Directory[] = []
    for (let next = this.#queue.pop(); next; next = this.#queue.pop()) {
      const directory = next
      // Open to its owner while it is filled; it gets its own mode at the end.
      yield* file('mkdir', directory.to, 0o700)
      made.push(directory)
      const names = yield* file('list', directory.from)
      yield* all(names.map((name) => this.#entry(`${directory.from}/${name}`, `${directory.to}/${name}`)))
    }
    // Only now is every first copy there, and only after this do the times of directories stay.
    yield* all(this.#links.map(([existing, path]) => file('link', existing, path)))
    for (const { to, stat } of made.reverse()) {
      yield* this.#own(to, stat)
      yield* file('chmod', to, stat.mode & 0o7777)
      yield* file('lutimes', to, stat.atimeMs / 1000, stat.mtimeMs / 1000)
    }
    return this.#bytes
  }

  *#entry(from: BytePath, to: BytePath): Steps<void> {
    const source = this.#covered.get(from) ?? from
    try {
      const stat = yield* file('lstat', source)
      if (stat.isDirectory()) {
        this.#queue.push({ from: source, to, stat })
      } else if (stat.isFile()) {
        yield* this.#file(source, to, stat)
      } else if (stat.isSymbolicLink()) {
        yield* file('symlink', yield* file('readlink', source), to)
        yield* this.#finish(to, stat)
      }
    } catch (error) {
      if (!isFileError(error, 'ENOENT')) throw error
      yield* this.#vanished(error)
    }
  }

  *#file(from: BytePath, to: BytePath, stat: Stats): Steps<void> {
    if (stat.nlink > 1) {
      const key = `${stat.dev}:${stat.ino}`
      const first = this.#firsts.get(key)
      if (first !== undefined) {
        this.#links.push([first, to])
        return
      }
      this.#firsts.set(key, to)
    }
    yield* file('copy', from, to, stat.size)
    yield* this.#finish(to, stat)
    this.#bytes += (stat.blocks ?? 0) * 512
  }

  *#finish(to: BytePath, stat: Stats): Steps<void> {
    yield* this.#own(to, stat)
    // Changing the owner clears the set-user-ID bit.
    if (stat.isFile() && stat.mode & 0o6000) yield* file('chmod', to, stat.mode & 0o7777)
    yield* file('lutimes', to, stat.atimeMs / 1000, stat.mtimeMs / 1000)
  }

  *#own(to: BytePath, stat: Stats): Steps<void> {
    if (uid !== 0 && stat.uid === uid && stat.gid === gid) return
    try {
      yield* file('lchown', to, stat.uid, stat.gid)
    } catch (error) {
      // Only root may give files away; to everyone else the copy belongs, as with cp.
      if (uid === 0 || !isFileError(error, 'EPERM', 'EINVAL')) throw error
    }
  }

  /** A file may be removed while its dataset is copied; but the dataset itself must still be where it was. */
  *#vanished(error: unknown): Steps<void> {
    const stat = yield* file('lstat', this.#from)
    if (stat.ino !== this.#inode) throw error
  }
}
