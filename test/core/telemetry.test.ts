import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { drain, type IocEvent, type OperationTrace, operation } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { assert, suite, thrown } from '../harness.ts'
import { toyWorld, turn } from './toys.ts'

const test = suite('core/telemetry')

/** Subscribes while `body` runs; what was heard, as `asyncEnd JailStart`. */
async function heard(body: () => unknown): Promise<{ lines: string[]; traces: Set<OperationTrace> }> {
  const channel = tracingChannel<unknown, OperationTrace>('ioc:operation')
  const lines: string[] = []
  const traces = new Set<OperationTrace>()
  const listen = (name: string) => (message: unknown) => {
    const trace = message as OperationTrace
    traces.add(trace)
    lines.push(`${name} ${trace.type}`)
  }
  const listeners = {
    start: listen('start'),
    end: listen('end'),
    asyncStart: listen('asyncStart'),
    asyncEnd: listen('asyncEnd'),
    error: listen('error'),
  }
  channel.subscribe(listeners)
  try {
    await body()
  } finally {
    channel.unsubscribe(listeners)
  }
  return { lines, traces }
}

test('an operation begins and ends on its tracing channel, with one object for all of it', async () => {
  const { lines, traces } = await heard(() =>
    drain(operation('JailStart', async () => ({ jid: 7 }), { identifier: 'web' })),
  )
  assert.equal(lines, ['start JailStart', 'end JailStart', 'asyncStart JailStart', 'asyncEnd JailStart'])
  const [trace] = [...traces]
  assert.is(traces.size, 1)
  assert.is(trace?.identifier, 'web')
  assert.is(trace?.parent, null)
  assert.equal(trace?.result, { jid: 7 })
})

test('a failure is told before the end', async () => {
  const { lines, traces } = await heard(() =>
    thrown(() =>
      drain(
        operation('JailStart', () => {
          throw new Error('no')
        }),
      ),
    ),
  )
  assert.equal(lines.slice(2), ['error JailStart', 'asyncStart JailStart', 'asyncEnd JailStart'])
  assert.is(([...traces][0] as { error?: Error }).error?.message, 'no')
})

test('nested operations are traced too, steps are not', async () => {
  const { lines, traces } = await heard(() =>
    drain(
      operation('JailStart', async function* (s) {
        yield* s.step('JailAttach', () => {})
        yield* s.run(operation('JailStop', () => {}))
        yield* s.all([operation('JailClone', () => {})])
      }),
    ),
  )
  const starts = lines.filter((line) => line.startsWith('start '))
  assert.equal(starts, ['start JailStart', 'start JailStop', 'start JailClone'])
  const [outer, inner] = [...traces]
  assert.is(inner?.parent, outer?.id)
  assert.is(inner?.depth, 1)
})

test('a consumer that leaves is an error after the undo', async () => {
  const world = toyWorld()
  const { lines, traces } = await heard(async () => {
    const running = world.run(async function* (s) {
      yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
      yield* s.step('JailNetworkSetup', () => {})
    })
    for await (const event of running) if (event.type === 'JailNetworkSetup') break
  })
  assert.equal(lines, [
    'start JailStart',
    'end JailStart',
    'error JailStart',
    'asyncStart JailStart',
    'asyncEnd JailStart',
  ])
  assert.is(([...traces][0] as { error?: { code?: string } }).error?.code, 'OPERATION_CANCELLED')
  assert.is(world.things.size, 0)
})

test('a store bound to the start is there in the whole body, whoever pulls', async () => {
  const channel = tracingChannel<unknown, OperationTrace>('ioc:operation')
  const storage = new AsyncLocalStorage<unknown>()
  channel.start.bindStore(storage, (trace) => (trace as OperationTrace).type)
  const seen: unknown[] = []
  try {
    const running = operation('JailStart', async function* (s) {
      seen.push(storage.getStore())
      yield* s.step('JailAttach', async () => {
        await turn()
        seen.push(storage.getStore())
      })
      seen.push(storage.getStore())
    })
    await storage.run('the consumer', () => drain(running))
  } finally {
    channel.start.unbindStore(storage)
  }
  assert.equal(seen, ['JailStart', 'JailStart', 'JailStart'])
})

test('an operation of a blocked caller is traced on its thread', async () => {
  const bridge = syncBridge<typeof import('./fixtures/log-module.ts')>('./fixtures/log-module.ts', import.meta.url)
  const { lines, traces } = await heard(() => {
    bridge.drain('start', [])
    assert.throws(() => bridge.drain('fail', []), /no/)
  })
  assert.equal(lines, [
    'start JailStart',
    'end JailStart',
    'asyncStart JailStart',
    'asyncEnd JailStart',
    'start JailStop',
    'end JailStop',
    'error JailStop',
    'asyncStart JailStop',
    'asyncEnd JailStop',
  ])
  assert.is(([...traces][1] as { error?: Error }).error?.message, 'no')
})

test('each event is published once on the channel ioc:event', async () => {
  const seen: IocEvent[] = []
  const listen = (event: unknown): void => void seen.push(event as IocEvent)
  subscribe('ioc:event', listen)
  try {
    await drain(
      operation('JailStart', async function* (s) {
        yield* s.step('JailAttach', () => {})
      }),
    )
  } finally {
    unsubscribe('ioc:event', listen)
  }
  assert.equal(
    seen.map((event) => event.seq),
    [1, 2, 3, 4],
  )
})

test.run()
