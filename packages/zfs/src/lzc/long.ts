import { Worker } from 'node:worker_threads'

/** A call of C's that may take hours: everything that a thread needs to make it. */
export interface LongCall {
  /** As dlopen(3) finds it. */
  readonly library: string
  readonly symbol: string
  readonly types: readonly string[]
  /** How many bytes are read from the descriptor before, and given to C as the last value. */
  readonly first: number
  /** Texts, numbers, and addresses of memory that stays where it is until the call has ended. */
  readonly values: readonly unknown[]
}

/** Threads that are kept for the next call: starting one takes longer than many a stream. */
const KEPT = 4

const idle: Worker[] = []

/**
 * Makes a call in a thread that it has for itself; the number that C returned, or a negative one for a failure to read. There may be any number of them: were
 * they limited, a send could wait for the place of the receive that it waits for.
 */
export async function inOwnThread(call: LongCall): Promise<number> {
  const worker = idle.pop() ?? start()
  worker.ref()
  try {
    const returned = await answer(worker, call)
    if (idle.length < KEPT) idle.push(worker)
    else void worker.terminate()
    return returned
  } finally {
    worker.unref()
  }
}

function start(): Worker {
  const file = import.meta.url.endsWith('.ts') ? './long-worker.ts' : './long-worker.js'
  // It runs nothing but the call: little memory, and no flags of the main program.
  const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 }
  return new Worker(new URL(file, import.meta.url), { name: 'gaoler-zfs', execArgv: [], resourceLimits })
}

function answer(worker: Worker, call: LongCall): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const ended = (): void => reject(new Error(`the thread of ${call.symbol} ended before the call did`))
  worker.on('message', resolve).on('error', reject).on('exit', ended)
  worker.postMessage(call)
  return promise.finally(() => worker.off('message', resolve).off('error', reject).off('exit', ended))
}
