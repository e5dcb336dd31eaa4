import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { unpacked } from '../../lab/unpacked.ts'

/** Debian's pyzfs, of the lab's OpenZFS, and what it needs; Python 3.11 itself is the machine's. */
const zfs = '2.3.2-2~bpo12+2'

/** The folder of Python's modules. */
export async function pyzfs(): Promise<string> {
  const folder = await unpacked(join('pyzfs', zfs), {
    'python3-pyzfs': [zfs, '2e4bde5e80d20d67442c44f7ef51ae24f5de695ab628c019c806f426f855358d'],
    'python3-cffi': ['1.15.1-5', 'b7cf39682a3c4e67f3f179e9316b9952b889c0f4f660f67f54fd85e8dc68032b'],
    'python3-cffi-backend': ['1.15.1-5+b1', '185bd768cc37fb96ac4a2fd6f8c0c31df3e7513d472d9b60015149761955955f'],
    'python3-pycparser': ['2.21-1', '75b24be8984010092d36f29e5792ae7025da8cb374fd3a1102fb7cbca4df8487'],
    'python3-ply': ['3.11-5', '849d8c26e7909ada2ff36c2dbae6c6057195b8e4a0db03c9cbadb8d0e47f23c1'],
  })
  return join(folder, 'usr', 'lib', 'python3', 'dist-packages')
}

/** A Python that keeps running, so that only its calls are measured: it measures them itself. */
export class Pyzfs implements Disposable {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor(env: NodeJS.ProcessEnv = {}) {
    const program = join(import.meta.dirname, 'pyzfs.py')
    const child = spawn('/usr/bin/python3', [program], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child = child
    this.#answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  }

  /** Milliseconds that the work took. */
  async time(work: string, ...args: readonly unknown[]): Promise<number> {
    this.#child.stdin?.write(`${JSON.stringify([work, ...args])}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`pyzfs ended in ${work}`)
    return Number(value)
  }

  [Symbol.dispose](): void {
    this.#child.stdin?.end()
  }
}
