import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { BadStream, StreamTruncated } from '../../errors.ts'
import { isFileError } from '../errors.ts'
import { announce, type BytePath, rawPath } from '../files.ts'
import { file, type Steps } from '../steps.ts'
import { type Attributes, DIGEST_LENGTH, type Entry, LONGEST_ENTRY, PIECE, type Read } from './format.ts'

/** Makes the tree that a stream has, at a path where nothing is. Throws BadStream, StreamTruncated. */
export function* unpack(begin: Uint8Array, read: Read, to: BytePath, asked: string): Steps<number> {
  return yield* new Unpacking(begin, read, to, asked).run()
}

class Unpacking {
  readonly #read: Read
  readonly #to: BytePath
  readonly #asked: string
  readonly #hash: Hash = createHash('sha256')
  readonly #directories: Attributes[] = []
  /** Paths of what was made here, and nothing else: a stream cannot lead out of its tree. */
  readonly #made = new Map<BytePath, 'directory' | 'file' | 'other'>()
  #bytes = 0

  constructor(begin: Uint8Array, read: Read, to: BytePath, asked: string) {
    this.#read = read
    this.#to = to
    this.#asked = asked
    this.#hash.update(begin)
  }

  *run(): Steps<number> {
    for (let entry = yield* this.#entry(); entry.type !== 'end'; entry = yield* this.#entry()) yield* this.#make(entry)
    const digest = this.#hash.digest()
    const said = yield* this.#exactly(DIGEST_LENGTH, false)
    if (!digest.equals(said) || this.#directories.length === 0) throw this.#bad('its checksum is another')
    // Only now do the modes and times of directories stay.
    for (const each of this.#directories.reverse()) yield* this.#finish(each, 'directory')
    return this.#bytes
  }

  *#entry(): Steps<Entry> {
    const length = Buffer.from(yield* this.#exactly(4)).readUInt32LE()
    if (length > LONGEST_ENTRY) throw this.#bad('an entry is too long')
    const text = Buffer.from(yield* this.#exactly(length)).toString()
    let entry: unknown
    try {
      entry = JSON.parse(text)
    } catch {
      throw this.#bad('an entry cannot be read')
    }
    if (!isEntry(entry)) throw this.#bad('an entry is none')
    return entry
  }

  *#make(entry: Exclude<Entry, { type: 'end' }>): Steps<void> {
    const { path } = entry
    if (!this.#mayMake(entry)) throw this.#bad('an entry is out of place')
    const at = this.#at(path)
    if (entry.type === 'directory') {
      // Open to its owner while it is filled.
      yield* file('mkdir', at, 0o700)
      this.#made.set(path, 'directory')
      this.#directories.push(entry)
    } else if (entry.type === 'file') {
      yield* this.#file(at, entry.size)
      this.#made.set(path, 'file')
      yield* this.#finish(entry, 'file')
    } else if (entry.type === 'symlink') {
      yield* file('symlink', entry.target, at)
      this.#made.set(path, 'other')
      yield* this.#finish(entry, 'symlink')
    } else {
      yield* file('link', this.#at(entry.to), at)
      this.#made.set(path, 'file')
    }
  }

  #mayMake(entry: Exclude<Entry, { type: 'end' }>): boolean {
    const { path, type } = entry
    if (path === '') return type === 'directory' && this.#made.size === 0
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    if (slash === 0 || name === '' || name === '.' || name === '..' || this.#made.has(path)) return false
    if (type === 'link' && this.#made.get(entry.to) !== 'file') return false
    return this.#made.get(slash < 0 ? '' : path.slice(0, slash)) === 'directory'
  }

  #at(path: BytePath): BytePath {
    return path === '' ? this.#to : `${this.#to}/${path}`
  }

  *#file(at: BytePath, size: number): Steps<void> {
    announce('write', [at])
    const fd = openSync(rawPath(at), 'wx', 0o600)
    try {
      for (let left = size; left > 0; ) {
        const piece = yield* this.#exactly(Math.min(left, PIECE))
        announce('write', [at])
        for (let written = 0; written < piece.length; ) written += writeSync(fd, piece, written)
        left -= piece.length
      }
    } finally {
      closeSync(fd)
    }
    this.#bytes += (yield* file('lstat', at)).blocks * 512
  }

  *#finish({ path, mode, uid, gid, accessed, modified }: Attributes, type: Entry['type']): Steps<void> {
    const at = this.#at(path)
    try {
      yield* file('lchown', at, uid, gid)
    } catch (error) {
      // Only root may give files away; to everyone else they belong, as with cp.
      if (!isFileError(error, 'EPERM', 'EINVAL')) throw error
    }
    if (type !== 'symlink') yield* file('chmod', at, mode)
    yield* file('lutimes', at, accessed, modified)
  }

  *#exactly(length: number, hashed = true): Steps<Uint8Array> {
    const bytes = yield* this.#read(length)
    if (bytes.length < length) throw new StreamTruncated({ asked: this.#asked })
    if (hashed) this.#hash.update(bytes)
    return bytes
  }

  #bad(reason: string): BadStream {
    return new BadStream({ asked: this.#asked, reason })
  }
}

/** One character a byte: of any other only the last eight bits would be used, and that may be a slash or a dot. */
const isBytes = (value: unknown): value is BytePath =>
  typeof value === 'string' && !value.includes('\0') && rawPath(value).toString('latin1') === value
const isOwner = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { type, path, size, target, to } = value as Record<string, unknown>
  if (type === 'end') return true
  if (!isBytes(path)) return false
  if (type === 'link') return isBytes(to)
  const { mode, uid, gid, accessed, modified } = value as Record<string, unknown>
  if (!Number.isInteger(mode) || ((mode as number) & ~0o7777) !== 0 || !isOwner(uid) || !isOwner(gid)) return false
  if (!Number.isFinite(accessed) || !Number.isFinite(modified)) return false
  if (type === 'file') return Number.isSafeInteger(size) && (size as number) >= 0
  return type === 'directory' || (type === 'symlink' && isBytes(target) && target !== '')
}
