import { collect, drain, IocError, type IocEvent, OperationCancelled, operation } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, hang, line, lines, type ToyScope, toyWorld } from './toys.ts'

const test = suite('core/nesting')

test('an operation with an eventScope nests under the event of the caller, and is undone with it', async () => {
  const world = toyWorld()
  const { error, pulled } = await world.live(async function* (s) {
    const got = yield* world.run(
      async (t) => {
        await t.host.put({ thing: 'a' })
        return 'result'
      },
      { eventScope: s },
    )
    assert.is(got, 'result')
    throw new Error('no')
  })
  assert.is(error?.reverted, true)
  assert.equal(world.history, ['put a', 'remove a'])
  assert.equal(lines(pulled), [
    'JailStart:pending',
    'JailStart:pending',
    'JailStart:done',
    'undo JailStart:pending',
    'undo JailStart:done',
    'JailStart:failed',
  ])
  assert.is(pulled[1]?.parent, pulled[0]?.id)
  assert.is(pulled[3]?.undoes, pulled[1]?.id)
  assert.equal(faultsOf(pulled), [])
})

test('an operation with an eventScope may be drained in a leaf: its events are delivered, in lock-step', async () => {
  const world = toyWorld()
  const running = world.run(async (s) => {
    await drain(world.run((t) => t.host.put({ thing: 'a' }), { eventScope: s }))
    const events = await collect(world.run((t) => t.host.put({ thing: 'b' }), { eventScope: s }))
    assert.equal(lines(events), ['JailStart:pending', 'JailStart:done'])
  })
  const seen: IocEvent[] = []
  for await (const event of running) {
    seen.push(event)
    if (seen.length === 2) assert.equal(world.history, [], 'it waits at its pending')
  }
  assert.is(seen.length, 6)
  assert.equal(faultsOf(seen), [])
})

test('leaving an operation with an eventScope undoes that one only', async () => {
  const world = toyWorld()
  const { error, seen } = await world.live(async function* (s) {
    await s.host.put({ thing: 'a' })
    for await (const event of world.run(
      async function* (t) {
        await t.host.put({ thing: 'b' })
        yield* t.step('JailAttach', (u) => hang(u.signal))
      },
      { eventScope: s },
    )) {
      yield event
      if (event.type === 'JailAttach') break
    }
    await s.host.put({ thing: 'c' })
  })
  assert.is(error, undefined)
  assert.equal(world.history, ['put a', 'put b', 'remove b', 'put c'])
  assert.equal(faultsOf(seen), [])
})

test('leaving an operation with an eventScope rejects when not all of it could be undone, whoever heard first', async () => {
  for (const pulls of [1, 9]) {
    const world = toyWorld()
    world.faults.add('remove b')
    const put = Promise.withResolvers<void>()
    const { error, seen } = await world.live(async (s) => {
      const nested = world.run(
        async (t) => {
          await t.host.put({ thing: 'b' })
          put.resolve()
          await hang(t.signal)
        },
        { eventScope: s },
      )
      await nested.next()
      for (let pull = 0; pull < pulls; pull++) nested.next().catch(() => {})
      await put.promise
      await nested.return()
    })
    assert.instance(error, OperationCancelled)
    assert.is(error?.reverted, false)
    assert.equal(faultsOf(seen), [])
  }
})

test('a nested operation has its own signal and its own listener, and hears the signal of the outer one', async () => {
  const world = toyWorld()
  const own = new AbortController()
  const heard: IocEvent[] = []
  const onEvent = (event: IocEvent) => heard.push(event)
  const { error, seen } = await world.live(async function* (s) {
    const nested = world.run((t) => hang(t.signal), { signal: own.signal, onEvent, eventScope: s })
    setTimeout(() => own.abort(new Error('mine')), 2)
    const caught = await thrown(() => drain(nested))
    assert.match(caught.message, 'mine')
    s.signal.throwIfAborted()
    yield* s.step('JailAttach', () => 1)
  })
  assert.is(error, undefined)
  assert.equal(lines(heard), ['JailStart:pending', 'JailStart:failed'])
  assert.equal(lines(seen), [
    'JailStart:pending',
    'JailStart:pending',
    'JailStart:failed',
    'JailAttach:pending',
    'JailAttach:done',
    'JailStart:done',
  ])
})

test('events carry the identifier of what is around them, unless they have one', async () => {
  const { pulled } = await toyWorld().live(async function* (s) {
    yield* s.step('JailAttach', () => 1)
    yield* s.step('MountDevFS', (t) => t.step('JailHookStart', () => 1), { identifier: '/dev' })
    yield* s.run(operation('JailCreate', () => 1, { identifier: 'other' }))
  })
  assert.equal(
    pulled.filter((event) => event.state === 'pending').map((event) => event.identifier),
    ['web', 'web', '/dev', '/dev', 'other'],
  )
})

test('teardown: a step that fails does not keep the next from being done; the first failure is thrown', async () => {
  const world = toyWorld()
  for (const thing of ['a', 'b', 'c']) world.things.add(thing)
  world.faults.add('remove a').add('remove c')
  const { error, seen } = await world.live(async function* (s) {
    for (const thing of ['a', 'b', 'c']) yield* s.attempt(s.step('JailRemove', (t) => t.host.remove({ thing })))
  })
  assert.is(error?.message, 'remove a failed')
  assert.equal(
    error?.suppressed.map(({ message }) => message),
    ['remove c failed'],
  )
  assert.equal([...world.things], ['a', 'c'])
  assert.equal(lines(seen), [
    'JailStart:pending',
    'JailRemove:pending',
    'JailRemove:failed',
    'JailRemove:pending',
    'JailRemove:done',
    'JailRemove:pending',
    'JailRemove:failed',
    'JailStart:failed',
  ])
})

test('what was attempted and failed is kept beside an error that ends the body', async () => {
  const { error } = await toyWorld().live(async function* (s) {
    yield* s.attempt(s.step('JailRemove', () => Promise.reject(new Error('attempted'))))
    throw new Error('thrown')
  })
  assert.is(error?.message, 'thrown')
  assert.equal(
    error?.suppressed.map(({ message }) => message),
    ['attempted'],
  )
})

test('attempt() gives back what the step returns, and undefined where it failed', async () => {
  const got: unknown[] = []
  await toyWorld().live(async function* (s) {
    got.push(yield* s.attempt(s.step('JailRemove', () => 7)))
    got.push(yield* s.attempt(s.step('JailRemove', () => Promise.reject(new Error('no')))))
    got.push(yield* s.attempt(s.all([toyWorld().run(() => Promise.reject(new Error('no')))])))
  })
  assert.equal(got, [7, undefined, undefined])
})

test('attempt() takes a step that its own scope has just made', async () => {
  const { error } = await toyWorld().live(async function* (s) {
    yield* s.step('JailAttach', async function* (t) {
      yield* t.attempt(s.step('JailRemove', () => 1))
    })
  })
  assert.match(error?.message ?? '', 'attempt() of JailAttach takes a step')
})

test('a cancellation is not collected by attempt()', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  const ran: string[] = []
  const running = world.run(
    async function* (s) {
      yield* s.attempt(
        s.step('JailStop', async (t) => {
          await t.host.put({ thing: 'a' })
          await hang(t.signal)
        }),
      )
      ran.push('next')
    },
    { signal: controller.signal },
  )
  setTimeout(() => controller.abort(), 2)
  assert.instance(await thrown(() => drain(running)), OperationCancelled)
  assert.equal(ran, [])
  assert.equal([...world.things], [])
})

test('the first IocError is thrown through all scopes as the same object; a foreign one is wrapped once', async () => {
  const own = new IocError('mine')
  const foreign = new RangeError('theirs')
  for (const error of [own, foreign]) {
    const nest = (s: ToyScope, depth: number): ReturnType<ToyScope['step']> =>
      s.step('JailAttach', depth > 0 ? (t) => nest(t, depth - 1) : () => Promise.reject(error))
    const world = toyWorld()
    const { error: got, seen } = await world.live(async function* (s) {
      yield* s.run(world.run((t) => nest(t, 3)))
    })
    if (error === own) assert.is(got, own)
    else assert.is(got?.cause, foreign)
    assert.is(got?.name, error === own ? 'IocError' : 'UnexpectedError')
    if (error === foreign) assert.equal(got?.details, { step: 'JailAttach' })
    assert.is(seen.filter((event) => event.state === 'failed').length, 6)
    assert.ok(seen.every((event) => event.error === null || event.error.message === error.message))
  }
})

test('whatever is thrown becomes an error: null, a string, nothing', async () => {
  for (const odd of [null, undefined, 'text', 0, { message: 'no error' }]) {
    const { error, seen } = await toyWorld().live(async () => {
      throw odd
    })
    assert.is(error?.name, 'UnexpectedError')
    assert.is(error?.cause, odd)
    assert.equal(faultsOf(seen), [])
  }
})

test('an operation that fails inside another, and is caught, is undone there and then', async () => {
  const world = toyWorld()
  const { error, result, seen } = await world.live(async function* (s) {
    await s.host.put({ thing: 'a' })
    try {
      yield* s.run(
        world.run(async (t) => {
          await t.host.put({ thing: 'b' })
          throw new Error('no')
        }),
      )
    } catch (caught) {
      assert.is((caught as IocError).reverted, true)
    }
    return [...world.things]
  })
  assert.is(error, undefined)
  assert.equal(result, ['a'])
  assert.is(line(seen.at(-1) as IocEvent), 'JailStart:done')
})

test.run()
