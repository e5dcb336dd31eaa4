import { collect, drain, type IocError, OperationCancelled, retry, TimeLimitExceeded, timeLimit } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, lines, toyWorld } from './toys.ts'

const test = suite('core/retry and time limit')

test('an operation is tried until it succeeds, each attempt undone before the next, under one event', async () => {
  const world = toyWorld()
  const events = await collect(
    retry(
      (attempt) =>
        world.run(async (s) => {
          await s.host.put({ thing: `try ${attempt}` })
          if (attempt < 3) throw new Error('not yet')
        }),
      { attempts: 5 },
    ),
  )
  assert.equal([...world.things], ['try 3'])
  assert.equal(world.history, ['put try 1', 'remove try 1', 'put try 2', 'remove try 2', 'put try 3'])
  assert.equal(faultsOf(events), [])
  assert.equal(lines(events.filter(({ depth }) => depth === 1)), [
    'JailStart:pending',
    'JailStart:failed',
    'JailStart:pending',
    'JailStart:failed',
    'JailStart:pending',
    'JailStart:done',
  ])
})

test('after the last attempt its error comes out; an error that is not worth it comes at once', async () => {
  const world = toyWorld()
  let attempts = 0
  const failing = () =>
    world.run(() => {
      throw new Error(`attempt ${++attempts}`)
    })
  assert.match((await thrown(() => drain(retry(failing, { attempts: 2 })))).message, 'attempt 2')
  assert.match((await thrown(() => drain(retry(failing, { attempts: 9, when: () => false })))).message, 'attempt 3')
})

test('what could not be undone is not tried again', async () => {
  const world = toyWorld()
  world.faults.add('remove a')
  const dirty = () =>
    world.run(async (s) => {
      await s.host.put({ thing: 'a' })
      throw new Error('failed')
    })
  const error = await thrown<IocError>(() => drain(retry(dirty, { attempts: 3 })))
  assert.is(error.reverted, false)
  assert.equal(world.history, ['put a', 'remove a'])
})

test('cancelled while it waits for the next attempt, it ends at once', async () => {
  const controller = new AbortController()
  const failing = () =>
    toyWorld().run(() => {
      throw new Error('no')
    })
  setTimeout(() => controller.abort(new Error('enough')), 20)
  const error = await thrown(() => drain(retry(failing, { attempts: 2, delay: 60_000, signal: controller.signal })))
  assert.instance(error, OperationCancelled)
})

test('an operation that takes too long is undone, and the error says how long it was allowed', async () => {
  const world = toyWorld()
  const slow = (options: object) =>
    world.run(async function* (s) {
      yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
      yield* s.step('JailHookStart', (t) => t.host.putSlowly({ thing: 'b', time: 100_000 }))
    }, options)
  const error = await thrown<TimeLimitExceeded>(() => drain(timeLimit(30, slow)))
  assert.instance(error, TimeLimitExceeded)
  assert.equal(error.details, { limit: 30 })
  assert.is(error.reverted, true)
  assert.equal([...world.things], [])
  await drain(timeLimit(10_000, (options) => world.run((s) => s.host.put({ thing: 'quick' }), options)))
  assert.equal([...world.things], ['quick'])
})

test('the time of an operation that was not begun does not run', async () => {
  const world = toyWorld()
  const operation = timeLimit(20, (options) => world.run((s) => s.host.put({ thing: 'late' }), options))
  await new Promise((resolve) => setTimeout(resolve, 60))
  await drain(operation)
  assert.equal([...world.things], ['late'])
})

test.run()
