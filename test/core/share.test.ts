import { type IocEvent, OperationCancelled, share } from '@gaoler/core'
import { share as observable } from '@gaoler/core/rx'
import { lastValueFrom, take, toArray } from 'rxjs'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, line, lines, toyWorld } from './toys.ts'

const test = suite('core/share')

const whole = ['JailStart:pending', 'JailAttach:pending', 'JailAttach:done', 'JailStart:done']

function puts(world: ReturnType<typeof toyWorld>, options = {}) {
  return world.run(async function* (s) {
    return yield* s.step('JailAttach', (t) => t.host.put({ thing: 'first' }))
  }, options)
}

/** Puts one thing, then waits for its signal. */
function waits(world: ReturnType<typeof toyWorld>, options = {}) {
  return world.run(async function* (s) {
    yield* s.step('JailAttach', (t) => t.host.put({ thing: 'first' }))
    yield* s.step(
      'JailHookStart',
      (t) => new Promise<void>((resolve) => t.signal.addEventListener('abort', () => resolve())),
    )
  }, options)
}

async function all(events: AsyncIterable<IocEvent>): Promise<IocEvent[]> {
  const seen: IocEvent[] = []
  for await (const event of events) seen.push(event)
  return seen
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('one run has many watchers; those who come late see all events from the first', async () => {
  const world = toyWorld()
  const handle = share(puts(world))
  const early = all(handle.events())
  assert.is(await handle.result, 5)
  const late = await all(handle.events())
  assert.equal(lines(late), whole)
  assert.equal(await early, late)
  assert.equal(faultsOf(late), [])
  assert.equal(world.history, ['put first'])
})

test('it runs without watchers, and who leaves only stops watching', async () => {
  const handle = share(puts(toyWorld()))
  for await (const event of handle.events()) if (line(event) === 'JailAttach:pending') break
  assert.is(await handle.result, 5)
})

test('on() tells of one kind, of what derives from it, or of all, until it is stopped', async () => {
  const handle = share(puts(toyWorld()))
  const heard: string[] = []
  handle.on('JailAttach', (event) => heard.push(line(event)))
  handle.on('VnetEvent', (event) => heard.push(line(event)))
  const stop = handle.on('*', (event) => {
    heard.push(`* ${line(event)}`)
    stop()
  })
  handle.on('JailEvent', (event) => event.isFinal() && heard.push(`final ${line(event)}`))
  await handle.result
  assert.equal(heard, [
    '* JailStart:pending',
    'JailAttach:pending',
    'JailAttach:done',
    'final JailAttach:done',
    'final JailStart:done',
  ])
})

test('abort cancels; watchers see the undo where the operation was given as a function', async () => {
  for (const how of ['function', 'operation'] as const) {
    const world = toyWorld()
    const handle = how === 'function' ? share((o) => waits(world, o)) : share(waits(world))
    const watched: IocEvent[] = []
    const watching = (async () => {
      for await (const event of handle.events()) watched.push(event)
    })()
    await until(() => watched.some((event) => line(event) === 'JailHookStart:pending'))
    handle.abort(new Error('enough'))
    handle.abort(new Error('and again'))
    const error = await thrown<OperationCancelled>(() => handle.result)
    assert.instance(error, OperationCancelled)
    assert.match(error.message, 'enough')
    assert.is(await thrown(() => watching), error)
    assert.equal([...world.things], [])
    if (how === 'function') assert.equal(faultsOf(watched), [])
    handle.abort()
  }
})

test('disposing of a handle cancels and waits for the undo; of a finished one it does nothing', async () => {
  const world = toyWorld()
  const handle = share((o) => waits(world, o))
  await until(() => world.things.has('first'))
  await handle[Symbol.asyncDispose]()
  assert.equal([...world.things], [])
  const finished = share(puts(world))
  await finished.result
  await finished[Symbol.asyncDispose]()
  assert.equal([...world.things], ['first'])
})

test('a failure is unhandled only when nobody watches', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  try {
    const failing = () => {
      const world = toyWorld()
      world.faults.add('put first')
      return share(puts(world))
    }
    await thrown(() => all(failing().events()))
    await new Promise((resolve) => setImmediate(resolve))
    assert.is(unhandled.length, 0)
    failing()
    await until(() => unhandled.length > 0)
    assert.match((unhandled[0] as Error).message, 'put first failed')
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
})

test('the handle of @gaoler/core/rx can be observed, also late; unsubscribing only stops the watching', async () => {
  const handle = observable(puts(toyWorld()))
  await lastValueFrom(handle.observe().pipe(take(1)))
  assert.is(await handle.result, 5)
  assert.equal(lines(await lastValueFrom(handle.observe().pipe(toArray()))), whole)
})

test.run()
