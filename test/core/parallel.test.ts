import { drain, IocError, type IocEvent, OperationCancelled, operation, UnexpectedError } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, hang, line, sleep, toyWorld } from './toys.ts'

const test = suite('core/parallel')

test('operations run side by side under one event, and their results come in their own order', async () => {
  const world = toyWorld()
  const { pulled, result } = await world.live(async function* (s) {
    const times = [9, 3, 6]
    return yield* s.all(
      times.map((time) =>
        world.run(async (t) => {
          await t.host.putSlowly({ thing: `${time}`, time })
          return time
        }),
      ),
    )
  })
  assert.equal(result, [9, 3, 6])
  assert.equal(world.history, ['put 3', 'put 6', 'put 9'])
  assert.equal(faultsOf(pulled), [])
  assert.equal(new Set(pulled.slice(1, -1).map((event) => event.parent)), new Set([pulled[0]?.id]))
})

test('no more operations run at a time than concurrency allows, and none before its turn', async () => {
  const world = toyWorld()
  let running = 0
  let most = 0
  const { pulled } = await world.live(async function* (s) {
    const jobs = Array.from({ length: 20 }, () =>
      world.run(async () => {
        most = Math.max(most, ++running)
        await sleep(1)
        running--
      }),
    )
    yield* s.all(jobs, { concurrency: 3 })
  })
  assert.is(most, 3)
  assert.equal(faultsOf(pulled), [])
})

test('the first failure is thrown, cancels the others, and theirs are kept beside it', async () => {
  const world = toyWorld()
  const first = new IocError('first')
  const begun = Promise.withResolvers<void>()
  const { error, seen } = await world.live(async function* (s) {
    await s.host.put({ thing: 'a' })
    yield* s.all([
      world.run(async (t) => {
        await t.host.put({ thing: 'b' })
        await begun.promise
        throw first
      }),
      world.run(async (t) => {
        await t.host.put({ thing: 'c' })
        await hang(t.signal).catch(() => {
          throw new IocError('while it was cancelled')
        })
      }),
      world.run((t) => hang(t.signal)),
      world.run(async (t) => {
        begun.resolve()
        await hang(t.signal).catch(() => {
          throw new RangeError('in the way')
        })
      }),
    ])
  })
  assert.is(error, first, 'the same object')
  assert.equal(error?.suppressed.map(String).sort(), [
    'IocError: while it was cancelled',
    'UnexpectedError: in the way',
  ])
  assert.is(error?.reverted, true)
  assert.equal([...world.things], [])
  assert.equal(world.history.slice(-1), ['remove a'], 'the children before their parent')
  assert.equal(faultsOf(seen), [])
})

test('after a failure or a cancellation no further operation begins', async () => {
  for (const way of ['failure', 'cancellation']) {
    const world = toyWorld()
    const controller = new AbortController()
    const { pulled } = await world.live(
      async function* (s) {
        const end = () => (way === 'failure' ? Promise.reject(new Error('no')) : controller.abort())
        yield* s.all(
          [end, () => 1, () => 2, () => 3].map((body) => world.run<unknown>(body)),
          { concurrency: 2 },
        )
      },
      { signal: controller.signal },
    )
    assert.is(pulled.filter((event) => event.state === 'pending').length, 3, way)
  }
})

test('siblings are cancelled with an error each, none of which is another', async () => {
  const world = toyWorld()
  const caught: unknown[] = []
  const { seen } = await world.live(async function* (s) {
    const waiting = () =>
      world.run(async function* (t) {
        try {
          yield* t.step('JailAttach', (u) => hang(u.signal))
        } catch (error) {
          caught.push(error)
          throw error
        }
      })
    yield* s.all([waiting(), waiting(), world.run(() => Promise.reject(new Error('no')))])
  })
  assert.is(caught.length, 2)
  for (const error of caught) assert.instance(error, OperationCancelled)
  assert.is.not(caught[0], caught[1])
  assert.is(seen.filter((event) => event.error?.name === 'OperationCancelled').length, 4)
})

test('two operations that fail with the very same error fail with it once', async () => {
  const world = toyWorld()
  const shared = new IocError('shared')
  const { error, seen } = await world.live(async function* (s) {
    yield* s.all([1, 2, 3].map(() => world.run(() => Promise.reject(shared))))
  })
  assert.is(error, shared)
  assert.equal(error?.suppressed, [])
  assert.equal(faultsOf(seen), [])
})

test('a failure that stems from the first one is not told a second time, in a circle', async () => {
  const world = toyWorld()
  const shared = new IocError('shared')
  const { error, seen } = await world.live(async function* (s) {
    const wrapping = () =>
      world.run(async () => {
        await Promise.reject(shared).catch((cause) => {
          throw new IocError('wrapped', {}, { cause })
        })
      })
    yield* s.all([world.run(() => Promise.reject(shared)), wrapping(), wrapping()])
  })
  assert.is(error, shared)
  assert.equal(error?.suppressed, [])
  assert.equal(faultsOf(seen), [])
})

test('an operation that throws the reason of its signal, as fetch does, is cancelled and not the failure itself', async () => {
  const world = toyWorld()
  const reason = new IocError('a reason that is an IocError')
  const controller = new AbortController()
  const running = world.run(
    async function* (s) {
      yield* s.all([world.run((t) => hang(t.signal)), world.run((t) => hang(t.signal))])
    },
    { signal: controller.signal },
  )
  setTimeout(() => controller.abort(reason), 2)
  const error = await thrown<OperationCancelled>(() => drain(running))
  assert.instance(error, OperationCancelled)
  assert.is(error.cause, reason)
  assert.equal(error.suppressed, [])
})

test('an undo that fails in a cancelled sibling is kept, and the failure says that not all was undone', async () => {
  const world = toyWorld()
  world.faults.add('remove b')
  const begun = Promise.withResolvers<void>()
  const { error } = await world.live(async function* (s) {
    yield* s.all([
      world.run(async (t) => {
        await t.host.put({ thing: 'b' })
        begun.resolve()
        await hang(t.signal)
      }),
      world.run(async () => {
        await begun.promise
        throw new Error('no')
      }),
    ])
  })
  assert.is(error?.message, 'no')
  assert.is(error?.reverted, false)
  assert.equal(
    error?.suppressed.map(({ message }) => message),
    ['remove b failed'],
  )
  assert.equal([...world.things], ['b'])
})

test('operations that never fail together are each undone by whoever fails after them', async () => {
  const world = toyWorld()
  const { error, seen } = await world.live(async function* (s) {
    yield* s.all(['a', 'b', 'c'].map((thing) => world.run((t) => t.host.put({ thing }))))
    throw new RangeError('after')
  })
  assert.instance(error, UnexpectedError)
  assert.equal(world.history, ['put a', 'put b', 'put c', 'remove c', 'remove b', 'remove a'])
  assert.equal(faultsOf(seen), [])
})

test('leaving in the middle waits for every operation that runs', async () => {
  const world = toyWorld()
  const seen: IocEvent[] = []
  const running = world.run(
    async function* (s) {
      yield* s.all([1, 2, 3].map((n) => world.run((t) => t.host.putSlowly({ thing: `${n}`, time: 1000 }))))
    },
    { onEvent: (event) => seen.push(event) },
  )
  const begun = new Set<string>()
  for await (const { id, state } of running) if (state === 'progress' && begun.add(id).size === 3) break
  assert.equal([...world.things], [])
  assert.is(world.history.length, 6, 'each had been put when it was told to stop, and was removed')
  assert.equal(faultsOf(seen), [])
  assert.is(line(seen.at(-1) as IocEvent), 'JailStart:failed')
})

test('cancelled operations have an error of their own each, and their parent has its own', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  const seen: IocEvent[] = []
  const inner = () => operation('JailCreate', (t) => hang(t.signal))
  const running = world.run(
    async function* (s) {
      yield* s.run(
        operation('JailClone', async function* (t) {
          yield* t.run(inner())
        }),
      )
    },
    { signal: controller.signal, onEvent: (event) => seen.push(event) },
  )
  setTimeout(() => controller.abort(), 2)
  const error = await thrown<OperationCancelled>(() => drain(running))
  assert.equal(error.details.operation, 'JailStart')
  assert.equal(
    seen.filter((event) => event.state === 'failed').map((event) => event.error?.details.operation),
    ['JailCreate', 'JailClone', 'JailStart'],
  )
})

test.run()
