import {
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isErrno } from '../../errno.ts'
import { HostNotSuitable } from '../../errors.ts'
import { throwIfCancelled } from '../process.ts'
import { cgroupRoot } from './layout.ts'

/** Throws HostNotSuitable where /sys/fs/cgroup is not cgroup v2 alone, cgroups(7). */
export function requireCgroups(): void {
  if (existsSync(join(cgroupRoot, 'cgroup.controllers'))) return
  throw new HostNotSuitable({ reason: `cgroup v2 is not mounted at ${cgroupRoot} (boot without cgroup v1)` })
}

/** Kills every process of the cgroup and of those below it, also one that is forking right now. Linux 5.14 */
export function killAll(cgroup: string): void {
  ignoringAbsence(() => writeFileSync(join(cgroup, 'cgroup.kill'), '1'))
}

/** Whether a process lives in the cgroup or below it. One that has ended and was not waited for does not count. */
export function isPopulated(cgroup: string): boolean {
  return ignoringAbsence(() => /^populated 1$/m.test(readFileSync(join(cgroup, 'cgroup.events'), 'utf8'))) ?? false
}

/**
 * Makes the cgroup and the one above it, which somebody who removes another jail may take away in this moment.
 * Throws HostNotSuitable where the kernel cannot kill a cgroup.
 */
export function makeCgroup(cgroup: string): void {
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(cgroup, { recursive: true })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 10) throw error
    }
  }
  if (existsSync(join(cgroup, 'cgroup.kill'))) return
  throw new HostNotSuitable({ reason: 'its kernel has no cgroup.kill: Linux 5.14 or newer is needed' })
}

/** Removes the cgroup and, if this was the last one in it, the one above; false when it is still in use. */
export function removeCgroupOfJail(cgroup: string): boolean {
  if (!removeCgroup(cgroup)) return false
  try {
    rmdirSync(dirname(cgroup))
  } catch {
    // Other jails are in it.
  }
  return true
}

/** Removes the cgroup and those below it; false when one is still in use. */
export function removeCgroup(cgroup: string): boolean {
  const entries = ignoringAbsence(() => readdirSync(cgroup, { withFileTypes: true })) ?? []
  const children = entries.filter((entry) => entry.isDirectory()).map((entry) => join(cgroup, entry.name))
  // All of them are tried: what can go, goes.
  const gone = children.map(removeCgroup).every(Boolean)
  try {
    ignoringAbsence(() => rmdirSync(cgroup))
    return gone
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false
    throw error
  }
}

/** Kills every process of the cgroup and waits until none is left, as long as `signal` allows. */
export async function emptyCgroup(cgroup: string, signal: AbortSignal): Promise<void> {
  const events = new CgroupEvents(cgroup)
  try {
    for (;;) {
      killAll(cgroup)
      if (!isPopulated(cgroup)) return
      throwIfCancelled(signal, `emptying ${cgroup}`)
      await events.next(200, signal)
    }
  } finally {
    events.close()
  }
}

/** Tells of changes of cgroup.events: the kernel reports them like changes of a file, cgroups(7). */
export class CgroupEvents {
  readonly #watcher: FSWatcher | null
  #wake: () => void = () => {}
  #changed = false

  constructor(cgroup: string) {
    this.#watcher = startWatching(join(cgroup, 'cgroup.events'))
    this.#watcher?.on('change', () => {
      this.#changed = true
      this.#wake()
    })
    // The cgroup was removed: whoever waits looks again and sees it.
    this.#watcher?.on('error', () => this.#wake())
  }

  /**
   * Resolves at the next change, at once if there was one since the last call; else after `limit` milliseconds or when
   * `signal` fires. It never rejects.
   */
  async next(limit: number, signal?: AbortSignal): Promise<void> {
    if (!this.#changed && !signal?.aborted) {
      const pause = this.#watcher ? limit : Math.min(limit, 20)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => this.#wake(), pause)
        this.#wake = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', this.#wake)
          resolve()
        }
        signal?.addEventListener('abort', this.#wake)
      })
    }
    this.#changed = false
  }

  /** Ends a `next()` that is under way. */
  wake(): void {
    this.#wake()
  }

  close(): void {
    this.#watcher?.close()
  }
}

function startWatching(path: string): FSWatcher | null {
  try {
    return watch(path, { persistent: false })
  } catch {
    // The host's inotify instances are used up, or the cgroup is gone: then `next` looks again and again.
    return null
  }
}

function ignoringAbsence<T>(action: () => T): T | null {
  try {
    return action()
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENODEV')) return null
    throw error
  }
}
