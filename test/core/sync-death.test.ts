import { IocError, type IocEvent } from '@gaoler/core'
import { syncBridge, WorkerDied } from '@gaoler/core/sync'
import { assert, suite, thrown } from '../harness.ts'
import { run } from './fixtures/run.ts'
import { lines } from './toys.ts'

const test = suite('core/sync-death')
const bridge = syncBridge<typeof import('./fixtures/sync-deaths.ts')>('./fixtures/sync-deaths.ts', import.meta.url)

/** How a call died, after how many milliseconds, and which events its caller had seen. */
async function death(call: (options: { onEvent: (event: IocEvent) => void }) => unknown) {
  bridge.warm()
  const events: IocEvent[] = []
  const from = performance.now()
  const error = await thrown<WorkerDied>(() => call({ onEvent: (event) => events.push(event) }))
  const time = performance.now() - from
  assert.instance(error, WorkerDied)
  assert.instance(error, IocError)
  assert.is(error.code, 'WORKER_DIED')
  assert.is(error.reverted, false)
  assert.is(bridge.drain('alive', []), 'alive', 'the next call starts another worker')
  return { error, time, events: lines(events) }
}

const seen = ['JailStart:pending', 'JailAttach:pending', 'JailAttach:done', 'JailHookStart:pending']

test('process.exit in the worker is a WorkerDied at once, after the events that came before', async () => {
  const { error, time, events } = await death((o) => bridge.drain('exit', [3], o))
  assert.match(error.message, 'during exit: it left with exit code 3')
  assert.ok(time < 1000, `${time} ms`)
  assert.equal(events, seen)
})

test('an uncaught error and an unhandled rejection end it, and are the cause in their own class', async () => {
  for (const name of ['uncaught', 'unhandled'] as const) {
    const { error, time, events } = await death((o) => bridge.drain(name, [], o))
    assert.instance(error.cause, RangeError)
    assert.match(error.message, /uncaught RangeError: nobody (catches|handles) me/)
    assert.ok(time < 1000, `${time} ms`)
    assert.equal(events, seen)
  }
})

test('a worker out of memory does not hang the caller', async () => {
  const { stdout, code } = await run(['sync-out-of-memory.ts'], { flags: ['--max-old-space-size=64'] })
  assert.equal(stdout.trim().split('\n'), [
    ...seen,
    'the worker thread ended during outOfMemory: it ended without a word, perhaps out of memory; what it had done is not undone',
    'alive',
  ])
  assert.is(code, 0)
})

test('a worker that ends between two pulls ends the iteration with WorkerDied', async () => {
  const iterator = bridge.iterate('exit', [0])
  iterator.next()
  bridge[Symbol.dispose]()
  assert.instance(await thrown(() => iterator.next()), WorkerDied)
  assert.is(iterator.next().done, true)
})

test('dispose inside onEvent ends the call with WorkerDied', async () => {
  const { error } = await death(({ onEvent }) =>
    bridge.drain('exit', [0], {
      onEvent: (event) => {
        onEvent(event)
        bridge[Symbol.dispose]()
      },
    }),
  )
  assert.match(error.message, 'it was disposed of')
})

test('a call in a foreign function is not waited for when its time and grace are over', async () => {
  bridge.warm()
  const from = performance.now()
  const error = await thrown(() => bridge.drain('sleep', [1500], { timeout: 50, grace: 50 }))
  assert.instance(error, WorkerDied)
  assert.match(error.message, 'it did not stop within 50 ms')
  assert.ok(performance.now() - from < 1200, `${performance.now() - from} ms`)
  assert.is(bridge.drain('alive', []), 'alive', 'another worker works beside the one that still sleeps')
})

test.run()
