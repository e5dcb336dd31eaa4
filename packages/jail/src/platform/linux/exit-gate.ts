import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import type { ProcessEnd } from '../process.ts'
import { signalName } from '../process.ts'
import { CgroupEvents, isPopulated } from './cgroup.ts'
import { childrenOf, hasEnded, type ProcessStat, pidDepth, readStat } from './proc.ts'
import { makeFifo } from './syscalls.ts'

/**
 * Learns how a command of `crun exec` ended. crun itself says 128 + n for signal n, which `exit 137` says too.
 *
 * The kernel keeps the true status of an ended process in /proc/PID/stat until its parent, crun, has waited for it. crun
 * writes the `--pid-file` just before it begins to wait; so that file is a pipe that is full, and crun stands still
 * before it while the command runs, until `open` empties it. If this process dies, the pipe breaks and crun goes on.
 */
export class ExitGate {
  readonly path: string
  readonly #pipe: number
  readonly #cgroup: string
  readonly #events: CgroupEvents

  /** `path`: where the pipe is made. `cgroup`: that of the command alone, empty so far. */
  constructor(path: string, cgroup: string) {
    this.path = path
    this.#cgroup = cgroup
    makeFifo(path)
    this.#pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    // Until it is full.
    const page = Buffer.alloc(65536)
    whilePossible(() => writeSync(this.#pipe, page))
    this.#events = new CgroupEvents(cgroup)
  }

  /**
   * How the command that `crun` started ended; null when crun ended first, so that there never was a command; undefined
   * when the status was lost. `crunEnd` is any promise that settles with crun's end.
   */
  async commandEnd(crun: number, crunEnd: Promise<unknown>): Promise<ProcessEnd | null | undefined> {
    let crunEnded = false
    const end = (): void => {
      crunEnded = true
      this.#events.wake()
    }
    crunEnd.then(end, end)
    let pid: number | undefined
    // An ended process leaves its cgroup a little before its status can be read: so an empty one is looked at often.
    for (let looks = 0; looks < 500; ) {
      // A command that leaves a daemon behind empties no cgroup: then only looking again tells of its end.
      await this.#events.next(looks > 0 ? 2 : 100)
      if (crunEnded) return null
      const populated = isPopulated(this.#cgroup)
      pid ??= findCommand(crun)
      const stat = pid === undefined ? null : readStat(pid)
      if (pid !== undefined && stat === null) return undefined
      if (stat && hasEnded(stat)) return decode(stat)
      looks = populated ? 0 : looks + 1
    }
    return undefined
  }

  /** Lets crun go on. */
  open(): void {
    const page = Buffer.alloc(65536)
    whilePossible(() => readSync(this.#pipe, page))
  }

  close(): void {
    this.#events.close()
    closeSync(this.#pipe)
  }
}

/** The child of crun that lives in the jail, ended or not; crun's helper, which comes before it, has no pid there. */
function findCommand(crun: number): number | undefined {
  return childrenOf(crun).find((pid) => pidDepth(pid) > pidDepth(crun))
}

/** The status as waitpid(2) gives it: the signal in the low seven bits, else the code in the next eight. */
function decode({ exitStatus }: ProcessStat): ProcessEnd {
  const signal = exitStatus & 0x7f
  return signal === 0 ? { code: (exitStatus >> 8) & 0xff, signal: null } : { code: null, signal: signalName(signal) }
}

/** Repeats a call on a pipe until it would have to wait. */
function whilePossible(call: () => number): void {
  try {
    while (call() > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
  }
}
