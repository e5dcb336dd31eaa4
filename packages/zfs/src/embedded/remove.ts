import { isFileError } from './errors.ts'
import type { BytePath } from './files.ts'
import { all, file, type Steps } from './steps.ts'

/** Directories whose paths are longer than this are moved up first: the system takes 4096 bytes, and 1024 on some. */
const LONG_PATH = process.platform === 'linux' ? 3000 : 700

/**
 * Removes a tree; what is missing already, or is removed by someone else meanwhile, is no error.
 * Names beside it that begin with its own are used on the way.
 */
export function* removeTree(root: BytePath): Steps<void> {
  const directories: BytePath[] = []
  const queue = [root]
  let moved = 0
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    let short = path
    if (path.length > LONG_PATH) {
      short = `${root}.${process.pid}.${moved++}`
      // Moving a directory to another parent changes it too.
      yield* ignoring(file('chmod', path, 0o700))
      yield* ignoring(file('rename', path, short))
    }
    if (yield* clear(short, queue)) directories.push(short)
  }
  // Children were found after their parents.
  for (const directory of directories.reverse()) yield* ignoring(file('rmdir', directory))
}

/** Removes everything in a directory but its directories, which go into `queue`; false when `path` is none. */
function* clear(path: BytePath, queue: BytePath[]): Steps<boolean> {
  let names: BytePath[]
  try {
    const stat = yield* file('lstat', path)
    if (!stat.isDirectory()) {
      yield* file('unlink', path)
      return false
    }
    // The tree is going away: its owner may open what is closed in it.
    if ((stat.mode & 0o700) !== 0o700) yield* file('chmod', path, 0o700)
    names = yield* file('list', path)
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return false
    throw error
  }
  yield* all(names.map((name) => unlinkOrQueue(`${path}/${name}`, queue)))
  return true
}

function* unlinkOrQueue(path: BytePath, queue: BytePath[]): Steps<void> {
  try {
    const stat = yield* file('lstat', path)
    if (stat.isDirectory()) queue.push(path)
    else yield* file('unlink', path)
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
  }
}

function* ignoring(steps: Steps<unknown>): Steps<void> {
  try {
    yield* steps
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
  }
}
