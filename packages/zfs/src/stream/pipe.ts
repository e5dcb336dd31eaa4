import { closeSync, constants, readSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { ZFSGenericError } from '../errors.ts'
import { loadKoffi } from '../lzc/koffi.ts'

/** A pipe of the operating system: what is written to one descriptor is read from the other. */
export interface Pipe {
  readonly reader: number
  readonly writer: number
}

const O_CLOEXEC = process.platform === 'freebsd' ? 0x0010_0000 : 0o2000000
const F_DUPFD_CLOEXEC = process.platform === 'freebsd' ? 17 : 1030
const F_SETFL = 4
/** fcntl(2) of Linux; FreeBSD's pipes grow by themselves. */
const F_SETPIPE_SZ = 1031
/** As large as any user may make a pipe (pipe(7), /proc/sys/fs/pipe-max-size). */
const SIZE = 1_048_576
/** A writer is woken only when a whole page is free (pipe(7)). */
const LEAST_ROOM = 65_536

interface C {
  readonly pipe2: (fds: number[], flags: number) => number
  readonly fcntl: (fd: number, command: number, type: 'int', value: number) => number
}

let c: C | undefined

function load(): C {
  if (c) return c
  const koffi = loadKoffi()
  // libc is part of this process, whatever its file is called.
  const own = koffi.load(null)
  const pipe2 = own.func('int pipe2(_Out_ int *fds, int flags)') as unknown as C['pipe2']
  c = { pipe2, fcntl: own.func('int fcntl(int fd, int command, ...)') as unknown as C['fcntl'] }
  return c
}

/**
 * Makes a pipe, both ends blocking, as the kernel's ZFS wants its own; Node's net.Socket makes the other end non-blocking
 * and waits for it by epoll or kqueue, so that nothing waits in libuv's threads.
 */
export function makePipe(): Pipe {
  const libc = load()
  const fds = [-1, -1]
  if (libc.pipe2(fds, O_CLOEXEC) !== 0) {
    throw new ZFSGenericError({ errno: loadKoffi().errno(), asked: 'make a pipe for a stream' })
  }
  const [reader, writer] = fds as [number, number]
  // Empty yet, so that nothing can go wrong; a user who has too many large pipes gets a small one.
  if (process.platform === 'linux') libc.fcntl(writer, F_SETPIPE_SZ, 'int', SIZE)
  return { reader, writer }
}

/**
 * The first bytes of a pipe, no more than so many, and a descriptor for the rest; `reader` is closed. They are waited for
 * by epoll. Fewer when the pipe ends before.
 */
export async function readFirst(
  reader: number,
  length: number,
  signal: AbortSignal,
): Promise<{ first: Uint8Array; rest: number }> {
  const libc = load()
  const rest = libc.fcntl(reader, F_DUPFD_CLOEXEC, 'int', 0)
  if (rest < 0) {
    closeSync(reader)
    throw new ZFSGenericError({ errno: loadKoffi().errno(), asked: 'read a stream' })
  }
  const first = Buffer.alloc(length)
  let filled = 0
  await new Promise<void>((resolve) => {
    const socket: Socket = new Socket({
      fd: reader,
      readable: true,
      writable: false,
      onread: {
        buffer: () => first.subarray(Math.min(filled, length - 1)),
        callback: (count) => {
          filled += count
          if (filled === length) socket.destroy()
          return filled < length
        },
      },
    })
    const stop = (): unknown => socket.destroy()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    socket
      .on('error', () => {})
      .once('close', () => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
  })
  // Both descriptors are of one pipe, which the socket has made non-blocking.
  libc.fcntl(rest, F_SETFL, 'int', 0)
  return { first: first.subarray(0, filled), rest }
}

/**
 * Ends both calls that the two ends of a pipe were given to, when neither is left to be closed: who would have to wait is
 * told EAGAIN instead, and who waits already is woken, by a byte too much or some bytes too few.
 */
export function breakPipe({ reader, writer }: Pipe): void {
  const libc = load()
  for (const fd of [reader, writer]) libc.fcntl(fd, F_SETFL, 'int', constants.O_NONBLOCK)
  for (const touch of [() => writeSync(writer, '\0'), () => readSync(reader, Buffer.alloc(LEAST_ROOM))]) {
    try {
      touch()
    } catch {
      // It is full, empty, or the other end is closed: nobody waits there.
    }
  }
}

/** Runs what uses a descriptor, and closes it in any case. */
export async function closing<T>(fd: number, use: (fd: number) => Promise<T>): Promise<T> {
  try {
    return await use(fd)
  } finally {
    closeSync(fd)
  }
}
