import { drain, type IocEvent, OperationCancelled } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, hang, line, sleep, toyWorld } from './toys.ts'

const test = suite('core/cancel')

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

test('an abandoned iterator is undone by its signal, without a pull', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  const seen: IocEvent[] = []
  const operation = world.run(
    async function* (s) {
      yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
      yield* s.step('MountDevFS', (t) => t.host.put({ thing: 'b' }))
    },
    { signal: controller.signal, onEvent: (event) => seen.push(event) },
  )
  while (line((await operation.next()).value as IocEvent) !== 'JailAttach:done');
  assert.equal([...world.things], ['a'])
  controller.abort()
  await sleep(5)
  assert.equal(world.history, ['put a', 'remove a'])
  assert.equal(faultsOf(seen), [])
  assert.is(line(seen.at(-1) as IocEvent), 'JailStart:failed')
})

test.run()
