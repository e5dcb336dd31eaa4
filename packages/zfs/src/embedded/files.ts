import { channel } from 'node:diagnostics_channel'
import fs, { type Stats } from 'node:fs'

/**
 * A path with one character per byte (latin1), because a file name is bytes and not always UTF-8.
 * `bytePath` makes one, `textPath` shows one.
 */
export type BytePath = string

export const bytePath = (path: string): BytePath => Buffer.from(path, 'utf8').toString('latin1')
export const textPath = (path: BytePath): string => Buffer.from(path, 'latin1').toString('utf8')
const raw = (path: BytePath): Buffer => Buffer.from(path, 'latin1')

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
  lstat: (path) => fs.lstatSync(raw(path)),
  list: (path) => fs.readdirSync(raw(path), latin1),
  mkdir: (path, mode) => fs.mkdirSync(raw(path), { mode }),
  copy: (from, to) => fs.copyFileSync(raw(from), raw(to), COPY),
  link: (existing, path) => fs.linkSync(raw(existing), raw(path)),
  readlink: (path) => fs.readlinkSync(raw(path), latin1),
  symlink: (target, path) => fs.symlinkSync(raw(target), raw(path)),
  chmod: (path, mode) => fs.chmodSync(raw(path), mode),
  lchown: (path, uid, gid) => fs.lchownSync(raw(path), uid, gid),
  lutimes: (path, accessed, modified) => fs.lutimesSync(raw(path), accessed, modified),
  rename: (from, to) => fs.renameSync(raw(from), raw(to)),
  unlink: (path) => fs.unlinkSync(raw(path)),
  rmdir: (path) => fs.rmdirSync(raw(path)),
}

type AsyncFileCalls = { [K in keyof FileCalls]: (...args: Parameters<FileCalls[K]>) => Promise<unknown> }

const { promises } = fs
const asynchronous: AsyncFileCalls = {
  lstat: (path) => promises.lstat(raw(path)),
  list: (path) => promises.readdir(raw(path), latin1),
  mkdir: (path, mode) => promises.mkdir(raw(path), { mode }),
  copy: (from, to) => promises.copyFile(raw(from), raw(to), COPY),
  link: (existing, path) => promises.link(raw(existing), raw(path)),
  readlink: (path) => promises.readlink(raw(path), latin1),
  symlink: (target, path) => promises.symlink(raw(target), raw(path)),
  chmod: (path, mode) => promises.chmod(raw(path), mode),
  lchown: (path, uid, gid) => promises.lchown(raw(path), uid, gid),
  lutimes: (path, accessed, modified) => promises.lutimes(raw(path), accessed, modified),
  rename: (from, to) => promises.rename(raw(from), raw(to)),
  unlink: (path) => promises.unlink(raw(path)),
  rmdir: (path) => promises.rmdir(raw(path)),
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
