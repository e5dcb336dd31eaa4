import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { UsageError } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { assert, suite, thrown } from '../harness.ts'
import { ended, run } from './fixtures/run.ts'

const test = suite('core/sync-process')
const bridge = syncBridge<typeof import('./fixtures/sync-process-module.ts')>(
  './fixtures/sync-process-module.ts',
  import.meta.url,
)

test('console.log in the worker appears at once and in order, and is not lost when the process exits', async () => {
  const { code, stdout, stderr } = await run(['sync-process.ts', 'console'])
  const lines = stdout.trim().split('\n')
  const of = (who: string): string[] => lines.filter((line) => line.startsWith(who))
  assert.equal(of('worker'), ['worker 1', 'worker 2'])
  assert.equal(of('main'), ['main before', 'main JailHook', 'main JailHook', 'main JailStart', 'main after'])
  assert.ok(lines.indexOf('main JailHook') < lines.indexOf('worker 2'), stdout)
  assert.is(stderr, 'to stderr\n')
  assert.is(code, 5)
})

test('what the worker prints into a full pipe waits for the reader and is whole', async () => {
  const file = resolve(import.meta.dirname, 'fixtures/sync-process.ts')
  const child = spawn(process.execPath, [file, 'flood'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.pause()
  setTimeout(() => child.stdout.resume(), 500)
  const { code, stdout, stderr } = await ended(child)
  assert.is(stdout.split('\n').filter((line) => line === 'x'.repeat(1023)).length, 1024)
  assert.is(stderr, '')
  assert.is(code, 0)
})

test('chdir, umask and setuid are refused by an error that says what to use', async () => {
  const chdir = await thrown(() => bridge.drain('call', ['chdir', '/']))
  assert.instance(chdir, UsageError)
  assert.match(chdir.message, 'process.chdir() would change the whole process from a worker thread; give the child')
  assert.match((await thrown(() => bridge.drain('call', ['setuid', 0]))).message, 'its uid and gid')
  assert.match((await thrown(() => bridge.drain('umask', [0o22]))).message, 'chmod')
  assert.is(bridge.drain('umask', []), process.umask(), 'but it can be read')
})

test("the worker sees the caller's directory and environment, also what changed since it started", async () => {
  bridge.warm()
  process.env.GAOLER_WORD = 'changed'
  const about = bridge.drain('about', []) as Record<string, unknown>
  delete process.env.GAOLER_WORD
  assert.is(about.word, 'changed')
  assert.is(about.cwd, process.cwd())
  assert.is(about.main, false)
})

test('functions of the worker know whether there is a terminal', async () => {
  const { stdout } = await run(['sync-process.ts', 'about'])
  assert.equal(JSON.parse(stdout).terminal, [false, false, false])
})

test('a child of the worker may use the streams of the process, also to read', async () => {
  const file = resolve(import.meta.dirname, 'fixtures/sync-process.ts')
  const child = spawn(process.execPath, [file, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end('through the child\n')
  assert.is((await ended(child)).stdout, 'through the child\n0\n')
})

test('a preload with module hooks neither hangs the worker nor runs in it', async () => {
  const flags = ['--import', new URL('fixtures/preload.ts', import.meta.url).href]
  const { stdout, code } = await run(['sync-process.ts', 'about'], { flags })
  const [first, second] = stdout.split('\n')
  assert.is(first, 'preloaded in the main thread')
  assert.is(JSON.parse(second as string).main, false)
  assert.is(code, 0)
})

for (const [what, title] of [
  ['koffi', 'one foreign call'],
  ['koffi-aside', 'eight asynchronous foreign calls'],
] as const) {
  test(`the process ends well while ${title} is in flight in an ended worker`, async () => {
    const from = performance.now()
    const { code, signal, stdout, stderr } = await run(['sync-process.ts', what])
    assert.is(stdout, 'WorkerDied\n', stderr)
    assert.is(code, 7, `${signal} ${stderr}`)
    assert.ok(performance.now() - from < 5000)
  })
}

test.run()
