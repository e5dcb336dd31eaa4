import { closeSync, fstatSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../../errno.ts'
import { close, openBelow, openFlag, resolve } from './syscalls.ts'

/**
 * Whether a jail has a program that `program` names: a path with a slash from the jail's `/` on, or a name to be looked
 * for in `path`. `root` is a path to the jail's root, such as /proc/PID/root; no link of the jail leads out of it.
 */
export function hasCommand(root: string, program: string, path: string): boolean {
  const folders = program.includes('/') ? ['/'] : path.split(':')
  const directory = openSync(root, openFlag.path)
  try {
    return folders.some((folder) => isProgram(directory, join('/', folder, program)))
  } finally {
    closeSync(directory)
  }
}

function isProgram(root: number, path: string): boolean {
  let descriptor: number
  try {
    descriptor = openBelow(root, path, resolve.inRoot)
  } catch (error) {
    // What may not be followed here, such as /proc/self/exe, is left for the jail's kernel to judge.
    return !isErrno(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')
  }
  try {
    const stat = fstatSync(descriptor)
    return stat.isFile() && (stat.mode & 0o111) !== 0
  } finally {
    close(descriptor)
  }
}
