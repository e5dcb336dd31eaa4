import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import { processEnd } from '../process.ts'
import type { IdRange } from './ids.ts'
import type { Programs } from './programs.ts'

/**
 * Runs `use` with the descriptor of a user namespace that maps 0… to `ids`: what an id-mapped mount takes its mapping
 * from (mount_setattr(2)). A namespace needs a process when its maps are written, user_namespaces(7).
 */
export async function withUserNamespace<T>(
  programs: Programs,
  ids: IdRange,
  use: (namespace: number) => T,
): Promise<T> {
  // cat ends when its input does, so it cannot outlive this process.
  const child = execa(programs.unshare, ['--user', programs.cat], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    env: {},
    extendEnv: false,
    buffer: false,
    reject: false,
  })
  const end = processEnd(child.nodeChildProcess)
  try {
    child.stdin.on('error', () => {})
    child.stdin.write('\n')
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    // The echo says that cat runs, and so that the namespace is there.
    const ready = await Promise.race([once(child.stdout, 'data').then(() => true), end.then(() => false)])
    if (!ready) throw new Error(`no user namespace could be made: ${said.trim() || 'unshare --user failed'}`)
    const map = `0 ${ids.first} ${ids.count}\n`
    writeFileSync(`/proc/${child.pid}/uid_map`, map)
    writeFileSync(`/proc/${child.pid}/gid_map`, map)
    const namespace = openSync(`/proc/${child.pid}/ns/user`, 'r')
    try {
      return use(namespace)
    } finally {
      closeSync(namespace)
    }
  } finally {
    child.stdin.end()
    await end.catch(() => {})
  }
}
