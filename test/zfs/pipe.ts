import koffi from 'koffi'

const pipe2 = koffi.load('libc.so.6').func('int pipe2(_Out_ int *fds, int flags)')
const O_CLOEXEC = 0o2000000

/** A pipe of the operating system: Node has none of its own that both ends of can be given to C. */
export function pipe(): { reader: number; writer: number } {
  const fds = [0, 0]
  if (pipe2(fds, O_CLOEXEC) !== 0) throw new Error('no pipe could be made')
  const [reader, writer] = fds as [number, number]
  return { reader, writer }
}
