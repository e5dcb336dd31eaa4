import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { UsageError } from '../error.ts'

/** Makes the process of a worker thread behave as its functions expect it, as far as a thread can. */
export function guardProcess(): void {
  for (const [fd, name] of (['stdin', 'stdout', 'stderr'] as const).entries()) prepareOnUse(name, fd)
  refuse('chdir', 'give the child process its own cwd, or use absolute paths')
  refuse('umask', 'give a mode to what you create, or change it with chmod')
  for (const name of ['setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups'] as const)
    refuse(name, 'give the child process its uid and gid')
}

/** Prepares a standard stream when somebody asks for it: making all three would take a tenth of the start. */
function prepareOnUse(name: 'stdin' | 'stdout' | 'stderr', fd: number): void {
  const original = Object.getOwnPropertyDescriptor(process, name)
  let stream: NodeJS.WriteStream | undefined
  const get = (): NodeJS.WriteStream => {
    if (!stream) {
      stream = original?.get?.call(process) as NodeJS.WriteStream
      stream.isTTY = isatty(fd)
      // A worker's own stdout passes through the event loop of the main thread, which is blocked.
      if (fd > 0) writeDirectly(stream, fd)
    }
    return stream
  }
  Object.defineProperty(process, name, { get, configurable: true, enumerable: true })
}

function writeDirectly(stream: NodeJS.WriteStream, fd: number): void {
  const write = (data: Buffer, done: (error?: Error | null) => void): void => {
    try {
      writeAll(fd, data)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
  stream._write = (chunk: Buffer | string, encoding, done) => write(bytes(chunk, encoding), done)
  stream._writev = (chunks, done) =>
    write(Buffer.concat(chunks.map(({ chunk, encoding }) => bytes(chunk, encoding))), done)
}

function bytes(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
}

function writeAll(fd: number, data: Buffer): void {
  for (let from = 0; from < data.length; ) {
    try {
      from += writeSync(fd, data, from)
    } catch (error) {
      // A full pipe that somebody made non-blocking: its reader needs a moment.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(moment, 0, 0, 1)
    }
  }
}

const moment = new Int32Array(new SharedArrayBuffer(4))

type PerProcess = 'chdir' | 'umask' | 'setuid' | 'seteuid' | 'setgid' | 'setegid' | 'setgroups' | 'initgroups'

function refuse(name: PerProcess, instead: string): void {
  const functions = process as unknown as Record<PerProcess, ((...args: unknown[]) => unknown) | undefined>
  const original = functions[name]
  functions[name] = (...args) => {
    // Reading the mask works in every thread.
    if (name === 'umask' && args[0] === undefined) return original?.()
    throw new UsageError(`process.${name}() would change the whole process from a worker thread; ${instead}`)
  }
}
