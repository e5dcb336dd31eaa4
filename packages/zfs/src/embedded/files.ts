import { channel } from 'node:diagnostics_channel'
import fs, { type Stats } from 'node:fs'

/**
 * A path with one character per byte (latin1), because a file name is bytes and not always UTF-8.
 * `bytePath` makes one, `textPath` shows one.
 */
export type BytePath = string

export const bytePath = (path: string): BytePath => Buffer.from(path, 'utf8').toString('latin1')
export const textPath = (path: BytePath): string => Buffer.from(path, 'latin1').toString('utf8')
/** The bytes themselves, as the calls of `fs` take them. */
export const rawPath = (path: BytePath): Buffer => Buffer.from(path, 'latin1')

/** The operations that trees are made of. None of them follows a symbolic link in the last part of a path. */
export interface FileCalls {
  lstat(path: BytePath): Stats
  list(path: BytePath): BytePath[]
  mkdir(path: BytePath, mode: number): void
  /** Copies a regular file, by reference where the file system can; fails when the target exists. */
  copy(from: BytePath, to: BytePath, size: number): void
  link(existing: BytePath, path: BytePath): void
  readlink(path: BytePath): BytePath
  symlink(target: BytePath, path: BytePath): void
  chmod(path: BytePath, mode: number): void
  lchown(path: BytePath, uid: number, gid: number): void
  /** Times in seconds since 1970. */
  lutimes(path: BytePath, accessed: number, modified: number): void
  rename(from: BytePath, to: BytePath): void
  unlink(path: BytePath): void
  rmdir(path: BytePath): void
}

export type FileCall = {
  [K in keyof FileCalls]: { readonly name: K; readonly args: Parameters<FileCalls[K]> }
}[keyof FileCalls]

const COPY = fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE
const latin1 = { encoding: 'latin1' } as const

const sync: FileCalls = {
  lstat: (path) => fs.lstatSync(rawPath(path)),
  list: (path) => fs.readdirSync(rawPath(path), latin1),
  mkdir: (path, mode) => fs.mkdirSync(rawPath(path), { mode }),
  copy: (from, to) => fs.copyFileSync(rawPath(from), rawPath(to), COPY),
  link: (existing, path) => fs.linkSync(rawPath(existing), rawPath(path)),
  readlink: (path) => fs.readlinkSync(rawPath(path), latin1),
  symlink: (target, path) => fs.symlinkSync(rawPath(target), rawPath(path)),
  chmod: (path, mode) => fs.chmodSync(rawPath(path), mode),
  lchown: (path, uid, gid) => fs.lchownSync(rawPath(path), uid, gid),
  lutimes: (path, accessed, modified) => fs.lutimesSync(rawPath(path), accessed, modified),
  rename: (from, to) => fs.renameSync(rawPath(from), rawPath(to)),
  unlink: (path) => fs.unlinkSync(rawPath(path)),
  rmdir: (path) => fs.rmdirSync(rawPath(path)),
}

type AsyncFileCalls = { [K in keyof FileCalls]: (...args: Parameters<FileCalls[K]>) => Promise<unknown> }

const { promises } = fs
const asynchronous: AsyncFileCalls = {
  lstat: (path) => promises.lstat(rawPath(path)),
  list: (path) => promises.readdir(rawPath(path), latin1),
  mkdir: (path, mode) => promises.mkdir(rawPath(path), { mode }),
  copy: (from, to) => promises.copyFile(rawPath(from), rawPath(to), COPY),
  link: (existing, path) => promises.link(rawPath(existing), rawPath(path)),
  readlink: (path) => promises.readlink(rawPath(path), latin1),
  symlink: (target, path) => promises.symlink(rawPath(target), rawPath(path)),
  chmod: (path, mode) => promises.chmod(rawPath(path), mode),
  lchown: (path, uid, gid) => promises.lchown(rawPath(path), uid, gid),
  lutimes: (path, accessed, modified) => promises.lutimes(rawPath(path), accessed, modified),
  rename: (from, to) => promises.rename(rawPath(from), rawPath(to)),
  unlink: (path) => promises.unlink(rawPath(path)),
  rmdir: (path) => promises.rmdir(rawPath(path)),
}

/** Tells subscribers of every change to a file that is about to happen: for telemetry, and to prove crash safety. */
const steps = channel('gaoler:zfs:embedded:file')
const queries: ReadonlySet<string> = new Set(['lstat', 'list', 'readlink'])

/** Announces a change on the channel `gaoler:zfs:embedded:file`. */
export function announce(name: string, args: readonly unknown[]): void {
  if (steps.hasSubscribers) steps.publish({ name, args })
}

export function performSync({ name, args }: FileCall): unknown {
  if (!queries.has(name)) announce(name, args)
  return Reflect.apply(sync[name], undefined, args)
}

export function performAsync({ name, args }: FileCall): Promise<unknown> {
  if (!queries.has(name)) announce(name, args)
  return Reflect.apply(asynchronous[name], undefined, args)
}
