import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, type Stats } from 'node:fs'
import { type BytePath, rawPath } from '../files.ts'
import { Opened } from '../opened.ts'
import { file, type Steps } from '../steps.ts'
import { type Attributes, type Entry, PIECE, type Write } from './format.ts'

/**
 * Writes a tree as a stream behind its begin record. `beside` is a path for notes of files that had to be opened. What a
 * copy leaves out (sockets, FIFOs, devices) is left out here.
 */
export function* pack(root: BytePath, begin: Uint8Array, write: Write, beside: BytePath): Steps<void> {
  const hash = createHash('sha256')
  const opened = new Opened(beside)
  const firsts = new Map<string, BytePath>()
  function* put(bytes: Uint8Array): Steps<void> {
    hash.update(bytes)
    yield* write(bytes)
  }
  function* entry(each: Entry): Steps<void> {
    const text = Buffer.from(JSON.stringify(each))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(text.length)
    yield* put(Buffer.concat([length, text]))
  }
  function* regular(from: BytePath, path: BytePath, stat: Stats): Steps<void> {
    const key = `${stat.dev}:${stat.ino}`
    const first = stat.nlink > 1 ? firsts.get(key) : undefined
    if (first !== undefined) return yield* entry({ type: 'link', path, to: first })
    firsts.set(key, path)
    yield* entry({ type: 'file', size: stat.size, ...attributes(path, stat) })
    yield* opened.during(from, stat, contents(from, stat.size, put))
  }
  function* tree(from: BytePath, path: BytePath, stat: Stats): Steps<void> {
    yield* entry({ type: 'directory', ...attributes(path, stat) })
    if ((stat.mode & 0o500) !== 0o500) yield* opened.open(from, stat)
    for (const name of (yield* file('list', from)).sort()) {
      const inner = `${from}/${name}`
      const below = path === '' ? name : `${path}/${name}`
      const its = yield* file('lstat', inner)
      if (its.isDirectory()) yield* tree(inner, below, its)
      else if (its.isFile()) yield* regular(inner, below, its)
      else if (its.isSymbolicLink()) {
        yield* entry({ type: 'symlink', target: yield* file('readlink', inner), ...attributes(below, its) })
      }
    }
  }
  yield* put(begin)
  try {
    yield* tree(root, '', yield* file('lstat', root))
  } finally {
    yield* opened.close()
  }
  yield* entry({ type: 'end' })
  yield* write(hash.digest())
}

function* contents(path: BytePath, size: number, put: Write): Steps<void> {
  // A file opened before it is left to whoever reads the stream: a piece at a time, at his pace.
  const fd = openSync(rawPath(path), 'r')
  try {
    for (let left = size; left > 0; ) {
      const piece = Buffer.allocUnsafe(Math.min(left, PIECE))
      const length = readSync(fd, piece)
      if (length === 0) throw Object.assign(new Error(`${path} became shorter`), { code: 'EIO', syscall: 'read' })
      yield* put(piece.subarray(0, length))
      left -= length
    }
  } finally {
    closeSync(fd)
  }
}

function attributes(path: BytePath, stat: Stats): Attributes {
  const { uid, gid, atimeMs, mtimeMs } = stat
  return { path, mode: stat.mode & 0o7777, uid, gid, accessed: atimeMs / 1000, modified: mtimeMs / 1000 }
}
