import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { drain, type IocError, type IocEvent, OperationCancelled } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, line, lines, sleep, toyWorld, waiting } from './toys.ts'

const test = suite('core/cancel')

/** Pulls until the leaf of `waiting` waits. */
async function untilItWaits(operation: ReturnType<typeof waiting>): Promise<void> {
  while (((await operation.next()).value as IocEvent).state !== 'progress');
}

const undone = ['put a', 'put b', 'leaf ended', 'remove b', 'remove a']

test('an operation that nobody pulls does nothing, however it is left', async () => {
  const world = toyWorld()
  await waiting(world).return()
  assert.instance(await thrown(() => waiting(world).throw(new RangeError('mine'))), RangeError)
  {
    await using _ = waiting(world)
  }
  const aborted = waiting(world, { signal: AbortSignal.abort() })
  await sleep(1)
  assert.equal(await waiting(world).return(7 as never), { done: true, value: 7 })
  assert.equal(world.history, [])
  const error = await thrown(() => drain(aborted))
  assert.instance(error, OperationCancelled)
  assert.equal(world.history, [], 'nor does one that was cancelled before its first pull')
})

test('one that was cancelled before its first pull tells that it failed, and what there was to do is not begun', async () => {
  const world = toyWorld()
  const { pulled, error } = await world.live(() => world.things.add('a'), { signal: AbortSignal.abort() })
  assert.equal(lines(pulled), ['JailStart:pending', 'JailStart:failed'])
  assert.is(error?.reverted, true)
  assert.is(world.things.size, 0)
})

test('return(), throw(), break, disposal and signal: the leaf is waited for, all is undone, then it settles', async () => {
  const ways: Record<string, (operation: ReturnType<typeof waiting>, controller: AbortController) => unknown> = {
    return: async (operation) => assert.equal(await operation.return(), { done: true, value: undefined }),
    throw: async (operation) => {
      const error = await thrown<IocError>(() => operation.throw(new RangeError('mine')))
      assert.instance(error, OperationCancelled)
      assert.instance(error.cause, RangeError)
    },
    break: async (operation) => {
      for await (const event of operation) if (event.state === 'progress') break
    },
    dispose: (operation) => operation[Symbol.asyncDispose](),
    signal: async (operation, controller) => {
      controller.abort(new Error('enough'))
      const error = await thrown<IocError>(() => drain(operation))
      assert.instance(error, OperationCancelled)
      assert.match(error.message, 'JailStart was cancelled: enough')
      assert.is(error.reverted, true)
    },
  }
  for (const [name, leave] of Object.entries(ways)) {
    const world = toyWorld()
    const controller = new AbortController()
    const seen: IocEvent[] = []
    const operation = waiting(world, { signal: controller.signal, onEvent: (event: IocEvent) => seen.push(event) })
    if (name !== 'break') await untilItWaits(operation)
    // A `for await` that breaks leaves between two pulls, the others in the middle of one.
    const pull = name === 'break' || name === 'signal' ? undefined : operation.next().catch((error) => error)
    await leave(operation, controller)
    assert.equal(world.history, undone, name)
    assert.equal(faultsOf(seen), [], name)
    assert.is(line(seen.at(-1) as IocEvent), 'JailStart:failed', name)
    if (pull) assert.instance(await pull, OperationCancelled, `${name}: who waits for an event hears of it`)
    assert.equal(await operation.next(), { done: true, value: undefined }, name)
    assert.equal(await operation.return(), { done: true, value: undefined }, name)
  }
})

test('whoever leaves when a step is done sees no further one begin', async () => {
  for (const way of ['break', 'abort'] as const) {
    const world = toyWorld()
    const controller = new AbortController()
    const seen: IocEvent[] = []
    const running = world.run(
      async function* (s) {
        yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
        world.history.push('the body went on')
        yield* s.step('MountDevFS', (t) => t.host.put({ thing: 'b' }))
      },
      { signal: controller.signal, onEvent: (event) => seen.push(event) },
    )
    await thrown(async () => {
      for await (const event of running) {
        if (event.type !== 'JailAttach' || event.state !== 'done') continue
        if (way === 'abort') controller.abort()
        else throw new Error('as break, but for `thrown`')
      }
    })
    assert.equal(world.history, ['put a', 'remove a'], way)
    assert.is(seen.filter((event) => event.type === 'MountDevFS').length, 0, way)
  }
})

test('what a body adds to a cancellation is told by whoever runs it', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  const { error } = await world.live(
    async function* (s) {
      yield* s.run(
        world.run(async () => {
          controller.abort(new Error('enough'))
          throw new OperationCancelled({ operation: 'a download', resumeAt: 7 })
        }),
      )
    },
    { signal: controller.signal },
  )
  assert.instance(error, OperationCancelled)
  assert.equal(error?.details, { operation: 'JailStart', reason: 'enough', resumeAt: 7 })
})

test('return() rejects when not all could be undone, and names what', async () => {
  const world = toyWorld()
  world.faults.add('remove b')
  const operation = waiting(world)
  await untilItWaits(operation)
  const error = await thrown<IocError>(() => operation.return())
  assert.instance(error, OperationCancelled)
  assert.is(error.reverted, false)
  assert.equal(
    error.suppressed.map(({ message }) => message),
    ['remove b failed'],
  )
  assert.equal([...world.things], ['b'])
})

test('return() twice at once settles twice, when all is undone', async () => {
  const world = toyWorld()
  const operation = waiting(world)
  await untilItWaits(operation)
  const both = await Promise.all([operation.return(), operation.return()])
  assert.is(both.length, 2)
  assert.equal(world.history, undone)
})

test('a leaf that ignores its signal is waited for all the same', async () => {
  const world = toyWorld()
  const operation = world.run(async (s) => {
    await s.host.put({ thing: 'a' })
    s.progress(1)
    await sleep(20)
    world.history.push('leaf ended')
  })
  await operation.next()
  await operation.next()
  await operation.return()
  assert.equal(world.history, ['put a', 'leaf ended', 'remove a'])
})

test('pulls that overlap are answered in their order, and the last of them are done', async () => {
  const world = toyWorld()
  const operation = world.run(async function* (s) {
    for (const thing of ['a', 'b']) yield* s.step('JailAttach', (t) => t.host.putSlowly({ thing, time: 0 }))
    return 'result'
  })
  const results = await Promise.all(Array.from({ length: 9 }, () => operation.next()))
  const events = results.filter(({ done }) => !done).map(({ value }) => value as IocEvent)
  assert.equal(lines(events), [
    'JailStart:pending',
    'JailAttach:pending',
    'JailAttach:done',
    'JailAttach:pending',
    'JailAttach:done',
    'JailStart:done',
  ])
  assert.equal(results.slice(6), [
    { done: true, value: 'result' },
    { done: true, value: undefined },
    { done: true, value: undefined },
  ])
})

test('a pull that comes at the very moment of an event does not take it from one that waits', async () => {
  const world = toyWorld()
  let late: Promise<unknown> | undefined
  const operation = world.run(async (s) => {
    await sleep(1)
    s.progress(1)
    late = operation.next()
  })
  await operation.next()
  const waiting = await operation.next()
  assert.is((waiting.value as IocEvent).state, 'progress')
  assert.is(((await late) as IteratorResult<IocEvent>).value.state, 'done')
  await operation.return()
})

test('of pulls that overlap the first hears of the failure, the others are done', async () => {
  const operation = toyWorld().run(() => Promise.reject(new RangeError('no')))
  const results = await Promise.allSettled(Array.from({ length: 4 }, () => operation.next()))
  assert.equal(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
})

test('a cancellation with no consumer in sight keeps every event for one that comes back', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  const seen: IocEvent[] = []
  const operation = waiting(world, { signal: controller.signal, onEvent: (event: IocEvent) => seen.push(event) })
  const first = (await operation.next()).value as IocEvent
  controller.abort()
  await sleep(5)
  assert.is(line(seen.at(-1) as IocEvent), 'JailStart:failed')
  const pulled = [first]
  const error = await thrown(async () => {
    for await (const event of operation) pulled.push(event)
  })
  assert.instance(error, OperationCancelled)
  assert.equal(pulled, seen)
})

test('the process is warned of an operation that was dropped while it ran, and of no other', async () => {
  const script = resolve(import.meta.dirname, 'fixtures/abandon.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--no-warnings', script])
  assert.equal(JSON.parse(stdout), [
    'IOC_ABANDONED JailStart was started and then neither finished nor left with return(); nothing was undone',
  ])
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
