import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { execa } from 'execa'
import { acquireLock, ResourceLocked } from '../../packages/jail/src/host/lock.ts'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('lock of a jail')
const directory = mkdtempSync(join(tmpdir(), 'gaoler-lock-'))
const module = pathToFileURL(join(import.meta.dirname, '../../packages/jail/src/host/lock.ts')).href
let number = 0
const freshPath = (): string => join(directory, `${++number}`, 'web.lock')

/** Another process that runs `body` with `acquireLock` and `path`, and writes `ready` itself or lives on. */
async function other(path: string, body: string): Promise<ChildProcess> {
  const code = `import { acquireLock } from ${JSON.stringify(module)}
    import { spawn } from 'node:child_process'
    const path = ${JSON.stringify(path)}
    ${body}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] })
  if (child.stdout) await once(child.stdout, 'data')
  return child
}

const holding = `acquireLock(path, { purpose: 'start web' }); process.stdout.write('ready'); process.stdin.resume()`

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child.kill(signal)
  await once(child, 'exit')
}

test.after(() => rmSync(directory, { recursive: true }))

test('a shared lock stands beside others that are shared, keeps out who wants it alone, and its last holder removes it', () => {
  const path = freshPath()
  const first = acquireLock(path, { purpose: 'clone web', shared: true })
  const second = acquireLock(path, { purpose: 'clone web', shared: true })
  const alone = (): Disposable => acquireLock(path, { purpose: 'destroy web' })
  assert.throws(alone, (error: unknown) => error instanceof ResourceLocked)
  first[Symbol.dispose]()
  assert.throws(alone, (error: unknown) => error instanceof ResourceLocked)
  second[Symbol.dispose]()
  assert.not(existsSync(path))
  const third = alone()
  assert.throws(
    () => acquireLock(path, { purpose: 'clone web', shared: true }),
    (error: unknown) => error instanceof ResourceLocked,
  )
  third[Symbol.dispose]()
  assert.not(existsSync(path))
})

test('a free lock is taken, and its directory made', () => {
  const path = freshPath()
  using _lock = acquireLock(path, { purpose: 'start web' })
  assert.ok(existsSync(path))
})

test('releasing removes the file, and can be done twice', () => {
  const path = freshPath()
  const lock = acquireLock(path, { purpose: 'start web' })
  lock[Symbol.dispose]()
  assert.not.ok(existsSync(path))
  using _next = acquireLock(path, { purpose: 'stop web' })
  lock[Symbol.dispose]()
  assert.ok(existsSync(path), 'the second release leaves the next holder alone')
})

test('a holder whose file was removed leaves the next one alone', () => {
  const path = freshPath()
  const lock = acquireLock(path, { purpose: 'start web' })
  rmSync(path)
  using _next = acquireLock(path, { purpose: 'stop web' })
  lock[Symbol.dispose]()
  assert.ok(existsSync(path))
})

test('threads of one process exclude each other', async () => {
  const path = freshPath()
  const code = `import { parentPort } from 'node:worker_threads'
    import { acquireLock } from ${JSON.stringify(module)}
    const lock = acquireLock(${JSON.stringify(path)}, { purpose: 'start web' })
    parentPort.postMessage('held')
    parentPort.once('message', () => lock[Symbol.dispose]())`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
  await once(worker, 'message')
  const error = await thrown<ResourceLocked>(() => acquireLock(path, { purpose: 'stop web' }))
  assert.equal(error.details, { path, pid: process.pid, purpose: 'start web' })
  worker.postMessage('release')
  await once(worker, 'exit')
  acquireLock(path, { purpose: 'stop web' })[Symbol.dispose]()
})

test('the process that holds it is refused a second time', async () => {
  const path = freshPath()
  using _lock = acquireLock(path, { purpose: 'start web' })
  const error = await thrown<ResourceLocked>(() => acquireLock(path, { purpose: 'stop web' }))
  assert.instance(error, ResourceLocked)
  assert.equal(error.details, { path, pid: process.pid, purpose: 'start web' })
})

test('another process is told at once who holds it and why', async () => {
  const path = freshPath()
  const holder = await other(path, holding)
  const error = await thrown<ResourceLocked>(() => acquireLock(path, { purpose: 'stop web' }))
  assert.equal(error.details, { path, pid: holder.pid, purpose: 'start web' })
  assert.is(error.message, `${path} is locked by process ${holder.pid} (start web): wait until it has ended, or end it`)
  assert.is(error.code, 'RESOURCE_LOCKED')
  await end(holder)
})

test('kill -9 of the holder frees it', async () => {
  const path = freshPath()
  const holder = await other(path, holding)
  await end(holder)
  assert.ok(existsSync(path), 'the file of a killed holder stays')
  using _lock = acquireLock(path, { purpose: 'stop web' })
})

test('children of the holder do not keep it, whether started before or after', async () => {
  const path = freshPath()
  const early = execa('sleep', ['60'], { reject: false })
  const lock = acquireLock(path, { purpose: 'start web' })
  const late = execa('sleep', ['60'], { reject: false, detached: true })
  lock[Symbol.dispose]()
  acquireLock(path, { purpose: 'stop web' })[Symbol.dispose]()
  for (const child of [early, late]) child.kill('SIGKILL')
  await Promise.all([early, late])
})

test('a child that outlives a killed holder does not keep it', async () => {
  const path = freshPath()
  const holder = await other(
    path,
    `acquireLock(path, { purpose: 'start web' })
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
    ;(await import('node:fs')).writeFileSync(path + '.child', String(child.pid)); process.stdout.write('ready'); process.stdin.resume()`,
  )
  const pid = Number(readFileSync(`${path}.child`, 'utf8'))
  await end(holder)
  assert.ok(process.kill(pid, 0), 'the child is alive')
  acquireLock(path, { purpose: 'stop web' })[Symbol.dispose]()
  process.kill(pid, 'SIGKILL')
})

test('of many processes that take it in turn, never two hold it', async () => {
  const path = freshPath()
  const counter = join(directory, 'counter')
  writeFileSync(counter, '0')
  const body = `import { readFileSync, writeFileSync } from 'node:fs'
    process.stdout.write('ready')
    const file = ${JSON.stringify(counter)}
    let done = 0
    while (done < 200) {
      let lock
      try { lock = acquireLock(path, { purpose: 'count' }) } catch (error) {
        if (error.code !== 'RESOURCE_LOCKED') throw error
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2))
        continue
      }
      writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + 1))
      lock[Symbol.dispose]()
      done++
    }`
  const children = await Promise.all(Array.from({ length: 4 }, () => other(path, body)))
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
  assert.is(readFileSync(counter, 'utf8'), '800')
  assert.not.ok(existsSync(path))
})

test('nothing in the file is believed but its form', async () => {
  for (const [content, purpose] of [
    [`{"pid":${process.pid},"purpose":"a\\u001b[2Jb\\u202ec\\n d"}`, 'a [2Jb c d'],
    [`{"pid":${process.pid},"purpose":"${'x'.repeat(500)}"}`, 'x'.repeat(120)],
    [`{"pid":${process.pid},"purpose":{}}`, null],
  ] as const) {
    const path = freshPath()
    using _lock = acquireLock(path, { purpose: 'start web' })
    writeFileSync(path, content)
    const error = await thrown<ResourceLocked>(() => acquireLock(path, { purpose: 'stop web' }))
    assert.equal(error.details, { path, pid: process.pid, purpose })
  }
  for (const content of ['', '{', 'null', '[]', '{"pid":-1}', '{"pid":"1"}', '{"pid":2147483646}', 'x'.repeat(9000)]) {
    const path = freshPath()
    using _lock = acquireLock(path, { purpose: 'start web' })
    writeFileSync(path, content)
    const error = await thrown<ResourceLocked>(() => acquireLock(path, { purpose: 'stop web' }))
    assert.equal(error.details, { path, pid: null, purpose: null })
    assert.match(error.message, /is locked by another process: wait/)
  }
})

test('a symbolic link at its path is not followed', async () => {
  const path = freshPath()
  acquireLock(path, { purpose: 'start web' })[Symbol.dispose]()
  symlinkSync('/etc/passwd', path)
  const error = await thrown<NodeJS.ErrnoException>(() => acquireLock(path, { purpose: 'start web' }))
  assert.ok(['ELOOP', 'EMLINK'].includes(error.code ?? ''))
})

test.run()
