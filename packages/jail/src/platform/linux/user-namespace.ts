import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { processEnd } from '../process.ts'
import type { IdRange } from './ids.ts'
import type { Programs } from './programs.ts'

/**
 * Namespaces of this process by their first id. Nobody lives in them, and a map is written once and for ever: so the next jail
 * with these ids, most often the same one started again, takes its mapping from there and needs no process.
 */
const kept = new Map<number, number>()
const MOST_KEPT = 64

/**
 * Runs `use` with the descriptor of a user namespace that maps 0… to `ids`: what an id-mapped mount takes its mapping
 * from (mount_setattr(2)).
 */
export async function withUserNamespace<T>(
  programs: Programs,
  ids: IdRange,
  use: (namespace: number) => T,
): Promise<T> {
  return use(kept.get(ids.first) ?? keep(ids.first, await makeNamespace(programs, ids)))
}

function keep(first: number, namespace: number): number {
  // Somebody else may have made one for these ids meanwhile, in another run directory.
  const [oldest] = kept.size >= MOST_KEPT ? kept.keys() : []
  for (const gone of new Set([first, oldest])) {
    const former = gone === undefined ? undefined : kept.get(gone)
    if (former !== undefined) closeSync(former)
    if (gone !== undefined) kept.delete(gone)
  }
  kept.set(first, namespace)
  return namespace
}

/** A namespace needs a process when its maps are written, user_namespaces(7). */
async function makeNamespace(programs: Programs, ids: IdRange): Promise<number> {
  // cat ends when its input does, so it cannot outlive this process. Not by execa: that costs half as much again.
  const child = spawn(programs.unshare, ['--user', programs.cat], { stdio: 'pipe', env: {} })
  const end = processEnd(child)
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
    return openSync(`/proc/${child.pid}/ns/user`, 'r')
  } finally {
    child.stdin.end()
    await end.catch(() => {})
  }
}
