import { randomUUID } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isErrno } from '../../errno.ts'

/** Tells subscribers of every change to a file that is about to happen: for telemetry, and to prove crash safety. */
const steps = channel('gaoler:jail:embedded:file')

/** Makes one change of the file system, announced on the channel `gaoler:jail:embedded:file`. */
export function change<R>(name: string, path: string, make: () => R): R {
  if (steps.hasSubscribers) steps.publish({ name, path })
  return make()
}

/** The result of `body`, or null when what it looks for is not there. */
export function ifThere<R>(body: () => R): R | null {
  try {
    return body()
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

/** What is at `path` itself, null when nothing can be found there. */
export function lookAt(path: string): Stats | null {
  return look(() => lstatSync(path))
}

/** What `path` leads to, null when nothing can be found there. */
export function lookBehind(path: string): Stats | null {
  return look(() => statSync(path))
}

function look(at: () => Stats): Stats | null {
  try {
    return at()
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG')) return null
    throw error
  }
}

export function readText(path: string): string | null {
  return ifThere(() => readFileSync(path, 'utf8'))
}

/** Names of unfinished files begin with a dot: whoever is killed leaves them behind. */
function unfinished(path: string): string {
  return join(dirname(path), `.${randomUUID()}`)
}

/** Writes a whole file that must not exist yet; false when it does. Of two writers at once, one succeeds. */
export function createFile(path: string, content: string): boolean {
  const temporary = unfinished(path)
  try {
    change('write', temporary, () => writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 }))
    change('link', path, () => linkSync(temporary, path))
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  } finally {
    change('unlink', temporary, () => rmSync(temporary, { force: true }))
  }
}

/** Replaces a whole file: readers see the old content or the new one. */
export function replaceFile(path: string, content: string): void {
  const temporary = unfinished(path)
  try {
    change('write', temporary, () => writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 }))
    change('rename', path, () => renameSync(temporary, path))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Any text as a file name, different texts as different names, also where the file system ignores case. */
export function encodeName(text: string): string {
  const bytes = Buffer.from(text)
  return bytes
    .toString('latin1')
    .replace(/[^a-z0-9_-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
