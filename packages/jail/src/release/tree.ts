import {
  chmodSync,
  chownSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { checkSymlinkTarget, parentOf, Refusal } from './names.ts'
import { NewFile } from './new-file.ts'

/** What an archive says about an entry besides its name and content. */
export interface Attributes {
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: Date
}

type Node =
  | { readonly kind: 'file' | 'skipped' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'directory'; attributes?: Attributes }

/** What the system gives to a new file of this process in this tree: then nothing needs to be set again. */
interface Defaults {
  readonly umask: number
  readonly uid: number
  readonly gid: number
}

/**
 * A directory that is filled by nobody else, and knows what it made.
 *
 * So no path is looked up before it is written: a parent is a directory because this tree made it, and nothing is ever
 * written through a symbolic link. The calls are synchronous: thousands of small files cost one system call each for
 * opening, writing, dating and closing, and no round trip through a thread.
 * Paths are relative to the root, as `relativeName` makes them. Methods throw Refusal or file system errors.
 */
export class Tree {
  readonly #root: string
  readonly #nodes = new Map<string, Node>([['', { kind: 'directory' }]])
  /** Only root may give files away; for anybody else the owner in an archive is ignored. */
  readonly #owns = process.geteuid?.() === 0
  #defaults: Defaults | undefined

  constructor(root: string) {
    this.#root = root
  }

  directory(path: string, attributes: Attributes): void {
    const known = this.#nodes.get(path)
    // An archive may name a directory again; the last word counts.
    if (known?.kind === 'directory') known.attributes = attributes
    else {
      this.#add(path, { kind: 'directory', attributes })
      // Closed and writable until it is full; its own mode comes last.
      mkdirSync(this.#at(path), 0o700)
    }
  }

  /** Opens a new file, which must be closed. */
  file(path: string, attributes: Attributes): NewFile {
    this.#add(path, { kind: 'file' })
    const first = this.#defaults === undefined
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const fd = openSync(this.#at(path), flags, first ? 0o777 : attributes.mode & 0o777)
    return new NewFile(fd, () => this.#describe(fd, attributes, first))
  }

  symlink(path: string, target: string, attributes: Attributes): void {
    checkSymlinkTarget(path, target)
    this.#add(path, { kind: 'symlink', target })
    symlinkSync(target, this.#at(path))
    if (this.#givesAway(attributes)) lchownSync(this.#at(path), attributes.uid, attributes.gid)
    if (isDate(attributes)) lutimesSync(this.#at(path), attributes.mtime, attributes.mtime)
  }

  /** A second name for a file of this archive that came before. */
  link(path: string, target: string, attributes: Attributes): void {
    const known = this.#nodes.get(target)
    if (known === undefined) throw new Refusal(this.#whyUnknown(target))
    if (known.kind === 'directory') throw new Refusal(`it is a hard link to the directory ${target}`)
    if (known.kind === 'skipped') this.skip(path)
    // link(2) follows a symbolic link on some systems; a second one with the same target is the same everywhere.
    else if (known.kind === 'symlink') this.symlink(path, known.target, attributes)
    else {
      this.#add(path, { kind: 'file' })
      linkSync(this.#at(target), this.#at(path))
    }
  }

  /** Notes an entry that is not made, so that nothing else takes its name. */
  skip(path: string): void {
    this.#add(path, { kind: 'skipped' })
  }

  /** Gives the directories their owners, modes and times, the deepest first: they need not be writable any more. */
  finish(): void {
    const directories = [...this.#nodes].flatMap(([path, node]) =>
      node.kind === 'directory' ? [{ path, attributes: node.attributes }] : [],
    )
    for (const { path, attributes } of directories.reverse()) {
      const at = this.#at(path)
      if (attributes === undefined) {
        if (path !== '') chmodSync(at, 0o755)
        continue
      }
      if (this.#givesAway(attributes)) chownSync(at, attributes.uid, attributes.gid)
      chmodSync(at, attributes.mode)
      if (isDate(attributes)) utimesSync(at, attributes.mtime, attributes.mtime)
    }
  }

  #at(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`
  }

  #add(path: string, node: Node): void {
    if (this.#nodes.has(path)) throw new Refusal(path === '' ? 'it would replace the root' : 'it comes a second time')
    if (this.#nodes.get(parentOf(path))?.kind !== 'directory') this.#addParents(path)
    this.#nodes.set(path, node)
  }

  #addParents(path: string): void {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const parent = path.slice(0, end)
      const known = this.#nodes.get(parent)
      if (known?.kind === 'symlink') throw new Refusal(`it goes through the symbolic link ${parent}`)
      if (known && known.kind !== 'directory') throw new Refusal(`${parent} is not a directory`)
      if (known) continue
      this.#nodes.set(parent, { kind: 'directory' })
      mkdirSync(this.#at(parent), 0o700)
    }
  }

  #whyUnknown(target: string): string {
    for (let parent = parentOf(target); parent !== ''; parent = parentOf(parent)) {
      if (this.#nodes.get(parent)?.kind === 'symlink') return `it links to ${target} through a symbolic link`
    }
    return `it links to ${target}, which did not come before it`
  }

  #describe(fd: number, attributes: Attributes, first: boolean): void {
    if (first) {
      // It was opened with every permission: what is missing is what this process's umask takes away.
      const { mode, uid, gid } = fstatSync(fd)
      this.#defaults = { umask: 0o777 & ~mode, uid, gid }
    }
    if (this.#givesAway(attributes)) fchownSync(fd, attributes.uid, attributes.gid)
    // After the owner: changing it clears setuid. Not every system takes these bits when a file is opened.
    const special = (attributes.mode & 0o7000) !== 0
    if (first || special || (attributes.mode & (this.#defaults?.umask ?? 0)) !== 0) fchmodSync(fd, attributes.mode)
    if (isDate(attributes)) futimesSync(fd, attributes.mtime, attributes.mtime)
  }

  #givesAway({ uid, gid }: Attributes): boolean {
    return this.#owns && (this.#defaults?.uid !== uid || this.#defaults.gid !== gid)
  }
}

function isDate({ mtime }: Attributes): boolean {
  return !Number.isNaN(mtime.getTime())
}
