import type { CommandResult } from '../command/run.ts'
import { ZFSInitializationFailed } from '../errors.ts'
import { Gate, gate, inThread } from '../lzc/gate.ts'
import { type Handle, isNull, type LibzfsName, libzfs } from './library.ts'
import { mountCalls, unmountCalls } from './mount.ts'

/** Calls of libzfs, one after the other, which each face makes in its own way; then what the command would have left behind. */
export type Calls = Generator<readonly [LibzfsName, ...unknown[]], CommandResult | undefined, unknown>

// A handle of libzfs serves one call at a time: a few for calls in other threads, so that a pool that is slow keeps no other waiting, and
// one for the blocking ones, which may come between those. To make one takes as long as a mount and writes tables that all
// handles share, so they are made before the first is used, and kept.
const HANDLES = 3
const turns = new Gate(HANDLES)
const idle: Handle[] = []
let made: Promise<boolean> | undefined
let blockingHandle: Handle = 0

/**
 * Does what `zfs` would do with these arguments, without a process. Undefined where that takes the command: for all that is not a mount
 * or unmount, where there is no libzfs, and for what only the command has words for.
 */
export async function inProcess(args: readonly string[]): Promise<CommandResult | undefined> {
  const body = bodyOf(args)
  if (!body) return undefined
  return withHandle(async (handle) => {
    const calls = body(handle)
    let step = calls.next()
    while (!step.done) step = calls.next(await call(...step.value))
    return step.value
  })
}

/** Lends a handle, to be used for one call at a time. Undefined where /dev/zfs cannot be opened. */
export async function withHandle<T>(use: (handle: Handle) => Promise<T>): Promise<T | undefined> {
  made ??= makeHandles()
  if (!(await made)) {
    // A module that is loaded later is found by the next try.
    made = undefined
    return undefined
  }
  return turns.run(async () => {
    const handle = idle.pop() as Handle
    try {
      return await use(handle)
    } finally {
      idle.push(handle)
    }
  })
}

/** False where /dev/zfs cannot be opened. */
async function makeHandles(): Promise<boolean> {
  while (idle.length < HANDLES) {
    const handle = (await call('libzfs_init')) as Handle
    if (isNull(handle)) return false
    idle.push(handle)
  }
  return true
}

/** A call in one of libuv's threads. */
export function call(name: LibzfsName, ...args: unknown[]): Promise<unknown> {
  return gate.run(() => inThread(libzfs(name), args))
}

/** The same, blocking. */
export function inProcessSync(args: readonly string[]): CommandResult | undefined {
  const body = bodyOf(args)
  if (!body) return undefined
  if (isNull(blockingHandle)) blockingHandle = libzfs('libzfs_init')() as Handle
  if (isNull(blockingHandle)) return undefined
  const calls = body(blockingHandle)
  let step = calls.next()
  while (!step.done) {
    const [name, ...values] = step.value
    step = calls.next(libzfs(name)(...values))
  }
  return step.value
}

function bodyOf(args: readonly string[]): ((handle: Handle) => Calls) | undefined {
  const [verb, ...rest] = args
  if ((verb !== 'mount' && verb !== 'unmount') || !canServe()) return undefined
  const name = rest.at(-1) as string
  return verb === 'mount'
    ? (handle) => mountCalls(handle, name)
    : (handle) => unmountCalls(handle, name, rest[0] === '-f')
}

function canServe(): boolean {
  // With it libzfs runs mount(8), and lets that write to our own standard error.
  if (process.env.ZFS_MOUNT_HELPER !== undefined) return false
  try {
    return Boolean(libzfs('libzfs_init'))
  } catch (error) {
    if (error instanceof ZFSInitializationFailed) return false
    throw error
  }
}
