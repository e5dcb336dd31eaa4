import { closeSync, fstatSync, openSync, statSync, unlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { throwIfCancelled } from '../process.ts'
import { tryLock } from './syscalls.ts'

/** Releases the lock. */
export type Release = () => void

/** Takes the lock at `path`, or gives null when somebody has it. The kernel ends it with its process, however that ends. */
function tryTake(path: string): Release | null {
  const descriptor = openSync(path, 'w', 0o600)
  try {
    if (!tryLock(descriptor) || !isStill(path, descriptor)) {
      closeSync(descriptor)
      return null
    }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  return () => {
    // First the name, then the lock: whoever locked the old file notices that it is no longer the one at this path.
    unlinkSync(path)
    closeSync(descriptor)
  }
}

/** Takes the lock at `path`, waiting for it as long as `signal` allows: flock(2) has no other way that can be left. */
export async function take(path: string, signal: AbortSignal): Promise<Release> {
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    const release = tryTake(path)
    if (release) return release
    await sleep(pause, undefined, { signal }).catch(() => {})
    throwIfCancelled(signal, `waiting for ${path}`)
  }
}

function isStill(path: string, descriptor: number): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.ino === fstatSync(descriptor).ino
}
