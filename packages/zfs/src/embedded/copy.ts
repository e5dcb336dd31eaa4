import type { Stats } from 'node:fs'
import { isFileError } from './errors.ts'
import type { BytePath } from './files.ts'
import { Opened } from './opened.ts'
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

/** Paths longer than this are shortened by a link: the system takes 4096 bytes at most, and 1024 on some. */
const LONG_PATH = process.platform === 'linux' ? 3000 : 700

/**
 * Copies a tree with its modes, times, owners (as far as the process may), symbolic links as they are and hard links
 * among its own files. Sockets, FIFOs and devices are left out: they cannot be made without native code.
 * `to` must not exist; names that begin with it are used on the way. Returns the bytes that the files occupy.
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
  readonly #shortcuts: BytePath[] = []
  readonly #opened: Opened
  readonly #uid = process.geteuid?.()
  readonly #gid = process.getegid?.()
  #inode = 0
  #bytes = 0

  constructor(from: BytePath, to: BytePath, covered: ReadonlyMap<BytePath, BytePath>) {
    this.#from = from
    this.#to = to
    this.#covered = covered
    this.#opened = new Opened(to)
  }

  *run(): Steps<number> {
    const stat = yield* file('lstat', this.#from)
    this.#inode = stat.ino
    this.#queue.push({ from: this.#from, to: this.#to, stat })
    try {
      const made = yield* this.#fill()
      // Only now is every first copy there, and only after this do the times of directories stay.
      yield* all(this.#links.map(([existing, path]) => file('link', existing, path)))
      for (const { to, stat } of made.reverse()) {
        yield* this.#own(to, stat)
        yield* file('chmod', to, stat.mode & 0o7777)
        yield* file('lutimes', to, stat.atimeMs / 1000, stat.mtimeMs / 1000)
      }
    } finally {
      yield* this.#opened.close()
      for (const path of this.#shortcuts) yield* file('unlink', path)
    }
    return this.#bytes
  }

  *#fill(): Steps<Directory[]> {
    const made: Directory[] = []
    for (let directory = this.#queue.pop(); directory; directory = this.#queue.pop()) {
      // Open to its owner while it is filled; it gets its own mode at the end.
      yield* file('mkdir', directory.to, 0o700)
      made.push(directory)
      if ((directory.stat.mode & 0o500) !== 0o500) yield* this.#opened.open(directory.from, directory.stat)
      const from = yield* this.#shorten(directory.from)
      const to = yield* this.#shorten(directory.to)
      const names = yield* file('list', from)
      yield* all(names.map((name) => this.#entry(`${from}/${name}`, `${to}/${name}`)))
    }
    return made
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
    if (stat.mode & 0o400) yield* file('copy', from, to, stat.size)
    else yield* this.#opened.during(from, stat, file('copy', from, to, stat.size))
    yield* this.#finish(to, stat)
    this.#bytes += (stat.blocks ?? 0) * 512
  }

  *#finish(to: BytePath, stat: Stats): Steps<void> {
    yield* this.#own(to, stat)
    // Changing the owner clears the set-user-ID bit, and what was opened to be read was copied open.
    if (stat.isFile() && (stat.mode & 0o6000 || !(stat.mode & 0o400))) yield* file('chmod', to, stat.mode & 0o7777)
    yield* file('lutimes', to, stat.atimeMs / 1000, stat.mtimeMs / 1000)
  }

  *#own(to: BytePath, stat: Stats): Steps<void> {
    if (this.#uid !== 0 && stat.uid === this.#uid && stat.gid === this.#gid) return
    try {
      yield* file('lchown', to, stat.uid, stat.gid)
    } catch (error) {
      // Only root may give files away; to everyone else the copy belongs, as with cp.
      if (this.#uid === 0 || !isFileError(error, 'EPERM', 'EINVAL')) throw error
    }
  }

  /** A link beside the copy that stands for a directory whose path is too long to add to. */
  *#shorten(path: BytePath): Steps<BytePath> {
    if (path.length < LONG_PATH) return path
    const shortcut = `${this.#to}.${this.#shortcuts.length}`
    yield* file('symlink', path, shortcut)
    this.#shortcuts.push(shortcut)
    return shortcut
  }

  /** A file may be removed while its dataset is copied; but the dataset itself must still be where it was. */
  *#vanished(error: unknown): Steps<void> {
    const stat = yield* file('lstat', this.#from)
    if (stat.ino !== this.#inode) throw error
  }
}
