import { createContext, Script } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

const turn: { wait: () => void } = { wait: () => {} }
const script = new Script('wait()')
let context: typeof turn | undefined

/**
 * Runs a blocking wait; true when Ctrl-C ended it.
 *
 * A listener for SIGINT never runs while its thread is blocked. The watchdog that node:vm offers for scripts does end
 * them, also inside Atomics.wait, and takes no listener's place for longer than the wait.
 */
export function interrupted(wait: () => void): boolean {
  if (!isMainThread) {
    wait()
    return false
  }
  context ??= createContext(turn) as typeof turn
  turn.wait = wait
  try {
    script.runInContext(context, { breakOnSigint: true })
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') return true
    throw error
  }
}

const guarded = new Set<() => void>()

/**
 * Keeps the first Ctrl-C from killing the process while `undo` has something to do; returns the way to end that.
 * It runs when the event loop turns, while a call is parked between two pulls, and for calls around an interrupted one.
 */
export function guardInterrupt(undo: () => void): () => void {
  if (!isMainThread) return () => {}
  if (guarded.size === 0) process.on('SIGINT', endByInterrupt)
  guarded.add(undo)
  return () => {
    guarded.delete(undo)
    if (guarded.size === 0) process.off('SIGINT', endByInterrupt)
  }
}

/** What Ctrl-C does: undoes all calls and ends the process, unless the program has a listener of its own for it. */
export function endByInterrupt(): void {
  if (process.listeners('SIGINT').some((listener) => listener !== endByInterrupt)) return
  for (const undo of guarded) {
    try {
      undo()
    } catch {
      // Its events have told of it, and the process ends.
    }
  }
  process.exit(130)
}
