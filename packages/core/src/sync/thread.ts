import { MessageChannel, type MessagePort, receiveMessageOnPort, SHARE_ENV, Worker } from 'node:worker_threads'
import { reviveError, type SerialisedError } from '../error.ts'
import { interrupted } from './interrupt.ts'
import { type Boot, type CallReply, EXITED, POSTED, type Reply, type Request, WorkerDied } from './wire.ts'

/** Milliseconds after which a wait looks whether the worker still lives. */
const SLICE = 500
/** Milliseconds of the first wait, which Ctrl-C cannot end: most answers come at once, and the other wait costs 40 µs. */
const SHORT = 0.2
/** Milliseconds within which both threads hear the same Ctrl-C. */
const SAME = 1000

/** How a wait ended without a reply. */
export type NoReply = 'late' | 'interrupted'

let current: Thread | undefined

/** The worker thread of this process, as its blocked callers see it. It is started on first use, and again after its death. */
export class Thread {
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #words = new Int32Array(new SharedArrayBuffer(8))
  /** Replies by call, so that a call made inside another's onEvent does not take what is not its own. */
  readonly #inboxes = new Map<number, CallReply[]>()
  readonly #loaded = new Set<string>()
  #heard: { readonly by: 'main' | 'worker'; readonly at: number } | undefined
  #ids = 0
  #fatal: SerialisedError | undefined
  #death: string | undefined

  static get(): Thread {
    if (!current?.alive) current = new Thread()
    return current
  }

  /** Ends the worker, if there is one; a call in flight then fails with WorkerDied. */
  static end(): void {
    current?.terminate('it was disposed of')
    current = undefined
  }

  private constructor() {
    const { port1, port2 } = new MessageChannel()
    const boot: Boot = { port: port2, words: this.#words }
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js'
    this.#worker = new Worker(new URL(file, import.meta.url), {
      name: 'gaoler-sync',
      workerData: boot,
      transferList: [port2],
      env: SHARE_ENV,
      execArgv: flags(process.execArgv),
    })
    this.#port = port1
    // Its end is noticed by the next wait; without a listener it would be an uncaught error of the main thread.
    this.#worker.on('error', (error) => this.#die(error.message))
    this.#worker.unref()
  }

  get alive(): boolean {
    return this.#death === undefined && Atomics.load(this.#words, EXITED) === 0
  }

  /** A number for a new call; its replies are kept from now on. */
  open(): number {
    this.#inboxes.set(++this.#ids, [])
    return this.#ids
  }

  close(id: number): void {
    this.#inboxes.delete(id)
  }

  post(request: Request): void {
    this.#port.postMessage(request)
  }

  /** Loads a module before the first call to it, so that no call's time runs while the worker starts. */
  load(module: string): void {
    if (this.#loaded.has(module)) return
    const id = this.open()
    this.post({ do: 'load', id, module })
    let reply: CallReply | NoReply = 'late'
    while (typeof reply === 'string') {
      reply = this.receive(id, `the loading of ${module}`)
      // Nothing is under way yet: the signal does what it would have done.
      if (reply === 'interrupted') process.kill(process.pid, 'SIGINT')
    }
    this.close(id)
    if ('error' in reply) throw reviveError(reply.error)
    this.#loaded.add(module)
  }

  /** Blocks until the call has a reply, its deadline passes, or Ctrl-C. Throws WorkerDied. */
  receive(id: number, call: string, deadline: number = Number.POSITIVE_INFINITY): CallReply | NoReply {
    const inbox = this.#inboxes.get(id) ?? []
    for (;;) {
      const exited = Atomics.load(this.#words, EXITED)
      const seen = Atomics.load(this.#words, POSTED)
      if (this.#collect()) return 'interrupted'
      const reply = inbox.shift()
      if (reply) return reply
      if (exited > 0) this.#die(`it left with exit code ${exited - 1}`)
      if (this.#death !== undefined) throw this.#died(call, this.#death)
      const left = deadline - performance.now()
      if (left <= 0) return 'late'
      if (this.#wait(seen, Math.min(left, SLICE))) return 'interrupted'
    }
  }

  terminate(reason: string): void {
    this.#die(reason)
    void this.#worker.terminate()
  }

  /** Takes in what has arrived; true when the worker has heard Ctrl-C that this thread has not. */
  #collect(): boolean {
    let interrupt = false
    for (let found = receiveMessageOnPort(this.#port); found; found = receiveMessageOnPort(this.#port)) {
      const reply = found.message as Reply
      if ('fatal' in reply) this.#fatal = reply.fatal
      else if ('interrupt' in reply) interrupt = this.#hears('worker')
      else this.#inboxes.get(reply.id)?.push(reply)
    }
    return interrupt
  }

  /** Waits for more than `seen` replies; true when Ctrl-C ended it. */
  #wait(seen: number, time: number): boolean {
    if (Atomics.wait(this.#words, POSTED, seen, Math.min(time, SHORT)) !== 'timed-out' || time <= SHORT) return false
    let outcome = ''
    const stopped = interrupted(() => {
      outcome = Atomics.wait(this.#words, POSTED, seen, time)
    })
    if (outcome === 'timed-out' && time === SLICE && this.#hungUp())
      this.#die('it ended without a word, perhaps out of memory')
    return stopped && this.#hears('main')
  }

  /** Both threads may hear the same Ctrl-C, in any order: true for the first of them. */
  #hears(by: 'main' | 'worker'): boolean {
    const now = performance.now()
    const last = this.#heard
    const same = last !== undefined && last.by !== by && now - last.at < SAME
    this.#heard = same ? undefined : { by, at: now }
    return !same
  }

  /** Whether the other end of the port is gone, which is all that a worker out of memory leaves behind. */
  #hungUp(): boolean {
    const refused = {
      get value(): never {
        throw refused
      },
    }
    try {
      // It always fails, and so transfers nothing: a port that is closed is refused before the value is looked at.
      structuredClone(refused, { transfer: [this.#port as never] })
    } catch (reason) {
      return reason !== refused
    }
    return false
  }

  #die(reason: string): void {
    this.#death ??= reason
    if (current === this) current = undefined
  }

  #died(call: string, reason: string): WorkerDied {
    if (!this.#fatal) return new WorkerDied({ call, reason })
    return new WorkerDied(
      { call, reason: `uncaught ${this.#fatal.name}: ${this.#fatal.message}` },
      { cause: reviveError(this.#fatal) },
    )
  }
}

/**
 * Preloads are not for the worker: it loads what is ours, and a loader that needs the blocked main thread would hang it.
 * Nor is the type of a program that was given as a text (`node --input-type=module -e`): it ends a worker, which has a file.
 */
function flags(all: readonly string[]): string[] | undefined {
  if (!all.some((flag) => /^(--import|--require|-r|--loader|--experimental-loader|--input-type)\b/.test(flag)))
    return undefined
  const kept: string[] = []
  for (const [at, flag] of all.entries()) {
    if (/^(-C|--conditions)=/.test(flag)) kept.push(flag)
    else if (flag === '-C' || flag === '--conditions') kept.push(flag, all[at + 1] ?? '')
  }
  return kept
}
