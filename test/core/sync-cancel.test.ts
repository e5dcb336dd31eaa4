import { type IocEvent, OperationCancelled } from '@gaoler/core'
import { syncBridge, WorkerDied } from '@gaoler/core/sync'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, line, lines } from './toys.ts'

const test = suite('core/sync-cancel')
const bridge = syncBridge<typeof import('./fixtures/sync-module.ts')>('./fixtures/sync-module.ts', import.meta.url)

const undone = ['undo JailAttach:pending', 'undo JailAttach:done', 'JailStart:failed']

/** The events of `wait`, which is cancelled while it waits, end like this. */
const ending = ['JailHookStart:pending', 'JailHookStart:failed', ...undone]

test('an abort in onEvent cancels what the worker waits for; the undo is seen; the reason is the cause', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const events: IocEvent[] = []
  const error = await thrown<OperationCancelled>(() =>
    bridge.drain('wait', [], {
      signal: controller.signal,
      onEvent: (event) => {
        events.push(event)
        if (line(event) === 'JailHookStart:pending') controller.abort(reason)
      },
    }),
  )
  assert.instance(error, OperationCancelled)
  assert.match(error.message, 'JailStart was cancelled: enough')
  assert.is(error.cause, reason)
  assert.is(error.reverted, true)
  assert.equal(lines(events).slice(-5), ending)
  assert.equal(faultsOf(events), [])
  assert.equal(bridge.drain('things', []), [])
})

test('a signal that has fired before cancels before anything is done', async () => {
  const error = await thrown(() => bridge.drain('wait', [], { signal: AbortSignal.abort() }))
  assert.instance(error, OperationCancelled)
  assert.equal(bridge.drain('things', []), [])
})

test('a timeout cancels; the undo is seen', async () => {
  const events: IocEvent[] = []
  const from = performance.now()
  const error = await thrown<OperationCancelled>(() =>
    bridge.drain('wait', [], { timeout: 100, onEvent: (event) => events.push(event) }),
  )
  const time = performance.now() - from
  assert.instance(error, OperationCancelled)
  assert.match(error.message, 'not finished after 100 ms')
  assert.ok(time >= 95 && time < 1000, `${time} ms`)
  assert.equal(lines(events).slice(-5), ending)
  assert.equal(bridge.drain('things', []), [])
})

test('the time that a worker takes to start and to load its module is not the time of its first call', () => {
  bridge[Symbol.dispose]()
  const slow = syncBridge<typeof import('./fixtures/sync-slow-module.ts')>(
    './fixtures/sync-slow-module.ts',
    import.meta.url,
  )
  assert.is(slow.drain('quick', [], { timeout: 300 }), 42)
})

test('a worker that does not stop is ended after the grace', async () => {
  const error = await thrown<WorkerDied>(() => bridge.drain('block', [], { timeout: 50, grace: 100 }))
  assert.instance(error, WorkerDied)
  assert.match(error.message, 'it did not stop within 100 ms')
  assert.is(bridge.drain('start', []), 42)
  bridge.drain('forget', [])
})

test('an error of onEvent ends the call, which is undone, and is thrown as it is', async () => {
  const mine = new RangeError('mine')
  let calls = 0
  const error = await thrown(() =>
    bridge.drain('start', [], {
      onEvent: (event) => {
        calls++
        if (line(event) === 'JailAttach:pending') throw mine
      },
    }),
  )
  assert.is(error, mine)
  assert.is(calls, 4, 'it is not called again')
  assert.is(bridge.drain('start', []), 42, 'and the worker goes on')
  bridge.drain('forget', [])
})

test('an error of onEvent cancels what the worker waits for', async () => {
  const onEvent = (event: IocEvent): void => {
    if (line(event) === 'JailHookStart:pending') throw new RangeError('mine')
  }
  assert.instance(await thrown(() => bridge.drain('wait', [], { onEvent })), RangeError)
  assert.equal(bridge.drain('things', []), [])
})

test('who breaks out of iterate, at any event, finds the world as it was, and onEvent sees the undo', () => {
  const total = bridge.collect('start', []).length
  bridge.drain('forget', [])
  for (let at = 1; at < total; at++) {
    const events: IocEvent[] = []
    for (const event of bridge.iterate('start', [], { onEvent: (each) => events.push(each) })) {
      if (event.seq === at) break
    }
    assert.equal(bridge.drain('things', []), [], `at ${at}`)
    assert.equal(faultsOf(events), [], `at ${at}`)
    assert.is(line(events.at(-1) as IocEvent), 'JailStart:failed')
  }
})

test('a break before the first pull does nothing, after the last event it undoes nothing', () => {
  bridge.iterate('start', []).return(0)
  assert.equal(bridge.drain('things', []), [])
  for (const event of bridge.iterate('start', [])) if (line(event) === 'JailStart:done') break
  assert.equal(bridge.drain('things', []), ['outer', 'inner'])
  bridge.drain('forget', [])
})

test('what delegates to an operation is undone as well, also while it waits', async () => {
  for (const event of bridge.iterate('opened', [])) if (line(event) === 'MountDevFS:done') break
  assert.equal(bridge.drain('things', []), [])
  const iterator = bridge.iterate('wait', [], { timeout: 100 })
  const error = await thrown(() => [...iterator])
  assert.instance(error, OperationCancelled)
  assert.equal(bridge.drain('things', []), [])
})

test('who aborts and then breaks without another pull sees the undo all the same', () => {
  const controller = new AbortController()
  const events: IocEvent[] = []
  const options = { signal: controller.signal, onEvent: (event: IocEvent) => void events.push(event) }
  for (const event of bridge.iterate('start', [], options)) {
    if (line(event) !== 'JailAttach:done') continue
    controller.abort()
    bridge.drain('rest', [50])
    break
  }
  assert.equal(faultsOf(events), [])
  assert.equal(lines(events).slice(-3), undone)
  assert.equal(bridge.drain('things', []), [])
})

test('a signal aborted between two pulls cancels; the undo comes as events', async () => {
  const controller = new AbortController()
  const seen: string[] = []
  const error = await thrown(() => {
    for (const event of bridge.iterate('start', [], { signal: controller.signal })) {
      seen.push(line(event))
      if (line(event) === 'JailAttach:done') controller.abort()
    }
  })
  assert.instance(error, OperationCancelled)
  assert.equal(seen.slice(-5), ['undo MountDevFS:pending', 'undo MountDevFS:done', ...undone])
  assert.equal(bridge.drain('things', []), [])
})

test.run()
