import { isFileError } from './errors.ts'
import type { BytePath } from './files.ts'
import { all, file, type Steps } from './steps.ts'

/** Removes a tree; what is missing already, or is removed by someone else meanwhile, is no error. */
export function* removeTree(root: BytePath): Steps<void> {
  const directories: BytePath[] = []
  const queue = [root]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (yield* clear(path, queue)) directories.push(path)
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
