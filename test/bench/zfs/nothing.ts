import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type Compared, compare, report } from './compare.ts'
import { Pyzfs } from './pyzfs.ts'

/**
 * What a program and pyzfs take without the kernel: the program runs again, with a library that does nothing and the word
 * `alone`, and prints the milliseconds of some rounds.
 */
export async function alone(program: string, what: string, work: (peer: Pyzfs) => Promise<number>): Promise<Compared> {
  const directory = mkdtempSync(join(process.env.GAOLER_LAB_SCRATCH ?? '/tmp', 'nothing-'))
  const library = join(directory, 'libzfs_core.so.3')
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'nothing.c')])
  const LD_LIBRARY_PATH = directory
  using peer = new Pyzfs({ LD_LIBRARY_PATH })
  const env = { ...process.env, LD_LIBRARY_PATH }
  const ours = (): number => {
    const printed = execFileSync(process.execPath, [program, 'alone'], { env, encoding: 'utf8' })
    return Math.min(...printed.trim().split('\n').map(Number))
  }
  const found = await compare(3, ours, () => work(peer))
  report(`${what}: the bindings alone, to pyzfs`, found)
  return found
}
