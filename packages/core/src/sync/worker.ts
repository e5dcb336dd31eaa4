import { workerData } from 'node:worker_threads'
import { serialiseError, UsageError } from '../error.ts'
import { Canary } from './canary.ts'
import { guardProcess } from './guard.ts'
import { Job, type SyncCall } from './job.ts'
import { type Boot, EXITED, POSTED, type Reply, type Request } from './wire.ts'

// The worker thread behind the synchronous facade: runs operations while the main thread is blocked.

type Served = (call: SyncCall, ...args: readonly unknown[]) => unknown

const { port, words } = workerData as Boot
const jobs = new Map<number, Job>()

const canary = new Canary(
  () => jobs.size > 0,
  () => post({ id: 0, interrupt: true }),
)

function wake(): void {
  Atomics.add(words, POSTED, 1)
  Atomics.notify(words, POSTED)
}

function post(reply: Reply): void {
  port.postMessage(reply)
  wake()
}

type Module = Readonly<Record<string, unknown>>

/** An import() of what is loaded already would still cost a fifth of a whole call. */
const modules = new Map<string, Module>()

async function load(url: string): Promise<Module> {
  const module = modules.get(url) ?? ((await import(url)) as Module)
  modules.set(url, module)
  return module
}

async function start(request: Extract<Request, { do: 'load' | 'call' }>): Promise<void> {
  const { id, module } = request
  const name = request.do === 'call' ? request.name : 'the loading of its module'
  const job = new Job(id, name, request.do === 'call' ? request.credit : 0, post)
  jobs.set(id, job)
  canary.expect()
  await job.run(async () => {
    const exports = await load(module)
    if (request.do === 'load') return () => undefined
    const served = Object.hasOwn(exports, name) ? exports[name] : undefined
    if (typeof served !== 'function') throw new UsageError(`${module} exports no function ${name}`)
    return (call) => (served as Served)(call, ...request.args)
  })
  jobs.delete(id)
}

guardProcess()

process.on('uncaughtException', (error) => {
  post({ id: 0, fatal: serialiseError(error) })
  process.exit(1)
})

// The main thread cannot hear of it otherwise: its event loop does not run.
process.on('exit', (code) => {
  Atomics.store(words, EXITED, code + 1)
  wake()
})

port.on('message', (request: Request) => {
  switch (request.do) {
    case 'load':
    case 'call':
      void start(request)
      return
    case 'credit':
      jobs.get(request.id)?.grant(request.count)
      return
    case 'abort':
      jobs.get(request.id)?.abort(request.reason)
      return
    case 'leave':
      void jobs.get(request.id)?.leave(request.reason)
  }
})
