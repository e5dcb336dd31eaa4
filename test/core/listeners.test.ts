import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { drain, type IocEvent, OperationCancelled } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { hang, line, lines, toyWorld, waiting } from './toys.ts'

const test = suite('core/listeners')

test('after the consumer has left, listeners and the channel ioc:event still get every event', async () => {
  const world = toyWorld()
  const seen: IocEvent[] = []
  const published: IocEvent[] = []
  const subscriber = (event: unknown) => void published.push(event as IocEvent)
  subscribe('ioc:event', subscriber)
  try {
    for await (const _ of waiting(world, { onEvent: (event: IocEvent) => seen.push(event) })) if (seen.length > 2) break
  } finally {
    unsubscribe('ioc:event', subscriber)
  }
  assert.equal(lines(seen), [
    'JailStart:pending',
    'JailAttach:pending',
    'JailAttach:progress',
    'undo JailAttach:pending',
    'undo JailAttach:done',
    'JailAttach:failed',
    'undo JailStart:pending',
    'undo JailStart:done',
    'JailStart:failed',
  ])
  assert.equal(published, seen)
})

test('a listener that throws is warned of and disturbs neither the operation nor its undo', async () => {
  const world = toyWorld()
  const warnings: unknown[] = []
  const { emitWarning } = process
  process.emitWarning = (warning: unknown) => void warnings.push(warning)
  const controller = new AbortController()
  const seen: IocEvent[] = []
  const operation = world.run(
    async function* (s) {
      const nested = world.run((t) => t.host.put({ thing: 'a' }), { onEvent: (event) => seen.push(event) })
      yield* s.run(nested)
      controller.abort()
      await hang(s.signal)
    },
    {
      signal: controller.signal,
      onEvent: (event) => {
        throw new RangeError(`mine at ${event.seq}`)
      },
    },
  )
  const error = await thrown(() => drain(operation))
  process.emitWarning = emitWarning
  assert.instance(error, OperationCancelled)
  assert.equal(world.history, ['put a', 'remove a'])
  assert.is(seen.length, 2, 'the next listener hears of it all the same')
  assert.is(warnings.length, 6)
  assert.match(`${warnings[0]}`, 'mine at 1')
})

test('a listener that cancels in the middle of a delivery does not let the next event overtake', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  const order: number[] = []
  const operation = world.run(
    async function* (s) {
      const talk = world.run(
        async (t) => {
          void t.output('a')
          void t.output('b')
        },
        { onEvent: (event) => order.push(event.seq) },
      )
      yield* s.run(talk)
    },
    { signal: controller.signal, onEvent: (event) => event.state === 'progress' && controller.abort() },
  )
  await thrown(() => drain(operation))
  assert.equal(order, [2, 3, 4, 5])
})

test('no listener stays on the signal, whichever way the operation ends', async () => {
  const { signal } = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: never[]) => {
    listeners++
    return Reflect.apply(addEventListener, signal, args)
  }
  signal.removeEventListener = (...args: never[]) => {
    listeners--
    return Reflect.apply(removeEventListener, signal, args)
  }
  const world = toyWorld()
  await drain(world.run(() => 1, { signal }))
  await thrown(() => drain(world.run(() => Promise.reject(new Error('no')), { signal })))
  for await (const _ of world.run(() => 1, { signal })) break
  const unpulled = world.run(() => 1, { signal })
  while (line((await unpulled.next()).value as IocEvent) !== 'JailStart:done');
  assert.is(listeners, 0)
})

test.run()
