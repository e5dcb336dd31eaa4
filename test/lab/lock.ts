import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'

export interface Lock {
  release(): void
}

/**
 * An flock held by a small child whose standard input is ours. It is gone when this process is, however this process
 * ends, so there are no stale locks to judge.
 */
export async function lock(file: string, options: { wait: boolean }): Promise<Lock | undefined> {
  const flags = options.wait ? [] : ['--nonblock']
  const holder = spawn('flock', [...flags, '--no-fork', file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  if (!(await isHeld(holder))) return undefined
  holder.unref()
  // Its pipe must not keep this process alive either.
  ;(holder.stdin as Socket).unref()
  return { release: () => void holder.stdin?.destroy() }
}

function isHeld(holder: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    holder.once('error', reject)
    holder.once('exit', () => resolve(false))
    holder.stdout?.once('data', () => {
      holder.stdout?.destroy()
      resolve(true)
    })
  })
}

/** The CPUs that this process may use, from a list like `0-3,6`. */
export function allowedCpus(status = readFileSync('/proc/self/status', 'utf8')): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0'
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/**
 * A guest switches between two processes all the time, which is four times cheaper on one CPU. Each running guest
 * holds the lock of its CPU; when all are taken, CPUs are shared.
 */
export async function takeCpu(): Promise<{ cpu: number; release(): void }> {
  const cpus = allowedCpus()
  for (const cpu of cpus) {
    const held = await lock(join('/dev/shm', `gaoler-lab-cpu${cpu}.lock`), { wait: false })
    if (held) return { cpu, release: () => held.release() }
  }
  return { cpu: cpus[process.pid % cpus.length] ?? 0, release() {} }
}
