import { setTimeout as sleep } from 'node:timers/promises'
import { type FileCall, type FileCalls, performAsync, performSync } from './files.ts'

/**
 * An algorithm over files, written once: it yields what it wants done and is driven by `runSync`, which blocks, or by
 * `runAsync`, which leaves the event loop free.
 */
export type Steps<T> = Generator<Step, T, unknown>

type Step =
  | { readonly kind: 'file'; readonly call: FileCall }
  | { readonly kind: 'all'; readonly work: readonly Steps<unknown>[] }
  | { readonly kind: 'pause'; readonly milliseconds: number }
  | { readonly kind: 'transfer'; readonly transfer: Transfer }

/** Bytes to or from outside, which may have to be waited for: never done at once by the asynchronous driver. */
export interface Transfer {
  readonly sync: () => unknown
  readonly async: () => Promise<unknown>
}

/** One operation on a file. */
export function* file<K extends keyof FileCalls>(
  name: K,
  ...args: Parameters<FileCalls[K]>
): Steps<ReturnType<FileCalls[K]>> {
  return (yield { kind: 'file', call: { name, args } as FileCall }) as ReturnType<FileCalls[K]>
}

/** Independent work, which the asynchronous driver does a few at a time. Results are dropped. */
export function* all(work: readonly Steps<unknown>[]): Steps<void> {
  if (work.length > 0) yield { kind: 'all', work }
}

export function* pause(milliseconds: number): Steps<void> {
  yield { kind: 'pause', milliseconds }
}

/** Moves bytes, in the way of whichever driver there is. */
export function* transfer<T>(sync: () => T, async: () => Promise<T>): Steps<T> {
  return (yield { kind: 'transfer', transfer: { sync, async } }) as T
}

export function runSync<T>(steps: Steps<T>): T {
  return drive(steps, (step) => {
    if (step.kind === 'file') return performSync(step.call)
    if (step.kind === 'all') return step.work.forEach(runSync)
    if (step.kind === 'transfer') return step.transfer.sync()
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, step.milliseconds)
  })
}

function drive<T>(steps: Steps<T>, perform: (step: Step) => unknown): T {
  let next = steps.next()
  while (!next.done) {
    let result: unknown
    try {
      result = perform(next.value)
    } catch (error) {
      next = steps.throw(error)
      continue
    }
    next = steps.next(result)
  }
  return next.value
}

// As many as libuv has threads by default: more would only queue there.
const CONCURRENCY = 4
// Small trees are done at once: an operation on a thread of the pool costs ten times the operation.
const SLICE_MS = 2
const BIG_FILE = 128 * 1024

export function runAsync<T>(steps: Steps<T>): Promise<T> {
  return driveAsync(steps, performance.now() + SLICE_MS)
}

async function driveAsync<T>(steps: Steps<T>, until: number): Promise<T> {
  let next = steps.next()
  while (!next.done) {
    let result: unknown
    try {
      const step = next.value
      if (step.kind === 'file') {
        const inline = performance.now() < until && !(step.call.name === 'copy' && step.call.args[2] > BIG_FILE)
        result = inline ? performSync(step.call) : await performAsync(step.call)
      } else if (step.kind === 'all') {
        await together(step.work, until)
      } else if (step.kind === 'transfer') {
        result = await step.transfer.async()
      } else {
        await sleep(step.milliseconds)
      }
    } catch (error) {
      next = steps.throw(error)
      continue
    }
    next = steps.next(result)
  }
  return next.value
}

async function together(work: readonly Steps<unknown>[], until: number): Promise<void> {
  const queue = work.values()
  const failures: unknown[] = []
  const lane = async () => {
    for (const steps of queue) {
      if (failures.length > 0) return
      await driveAsync(steps, until).catch((error: unknown) => failures.push(error))
    }
  }
  // Every lane is waited for: nothing may go on working behind a failure.
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, work.length) }, lane))
  if (failures.length > 0) throw failures[0]
}
