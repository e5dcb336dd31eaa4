import { type IocEvent, type Operation, OperationCancelled } from '@gaoler/core'
import { type EventOrResult, toObservable } from '@gaoler/core/rx'
import { config, firstValueFrom, from, lastValueFrom, type Observable, take, toArray } from 'rxjs'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, line, lines, toyWorld } from './toys.ts'

const test = suite('core/rx')

/** Puts one thing in a step, then waits in another one, silently, until its signal fires. */
function waits(world: ReturnType<typeof toyWorld>, options = {}) {
  return world.run(async function* (s) {
    yield* s.step('JailAttach', (t) => t.host.put({ thing: 'first' }))
    yield* s.step('JailHookStart', (t) => new Promise<void>((resolve) => (t.signal.onabort = () => resolve())))
    return 7
  }, options)
}

function puts(world: ReturnType<typeof toyWorld>, options = {}) {
  return world.run(async function* (s) {
    return yield* s.step('JailAttach', (t) => t.host.put({ thing: 'first' }))
  }, options)
}

/** As a generator that does not refuse rxjs's from(), as an operation does. */
async function* bare<R>(operation: Operation<R>): AsyncGenerator<IocEvent, R, void> {
  return (yield* operation) as R
}

const seen = async <T>(observable: Observable<T>): Promise<T[]> => lastValueFrom(observable.pipe(toArray()))

async function until(condition: () => boolean, limit = 1000): Promise<number> {
  const from = performance.now()
  while (!condition()) {
    if (performance.now() - from > limit) throw new Error(`not so after ${limit} ms`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return performance.now() - from
}

test('an operation starts when somebody subscribes, anew for each subscriber, and completes after its return', async () => {
  const worlds: ReturnType<typeof toyWorld>[] = []
  const events = toObservable((o) => {
    worlds.push(toyWorld())
    return puts(worlds.at(-1) as ReturnType<typeof toyWorld>, o)
  })
  assert.is(worlds.length, 0)
  const [one, two] = await Promise.all([seen(events), seen(events)])
  assert.is(worlds.length, 2)
  for (const all of [one, two]) {
    assert.equal(faultsOf(all), [])
    assert.equal(lines(all), ['JailStart:pending', 'JailAttach:pending', 'JailAttach:done', 'JailStart:done'])
  }
  assert.not.equal(one[0]?.id, two[0]?.id)
})

test('unsubscribing aborts at once what waits, and it is undone', async () => {
  const world = toyWorld()
  const undone: IocEvent[] = []
  const subscription = toObservable((o) =>
    waits(world, { ...o, onEvent: (event: IocEvent) => undone.push(event) }),
  ).subscribe()
  await until(() => undone.some((event) => line(event) === 'JailHookStart:pending'))
  subscription.unsubscribe()
  const time = await until(() => undone.at(-1)?.depth === 0)
  assert.ok(time < 200, `${time} ms`)
  assert.equal([...world.things], [])
  assert.equal(
    lines(undone).filter((each) => each.startsWith('undo')),
    ['undo JailAttach:pending', 'undo JailAttach:done'],
  )
  assert.equal(faultsOf(undone), [])
})

test('regression: from() of rxjs leaves the operation running; toObservable does not', async () => {
  const world = toyWorld()
  const operation = waits(world)
  const subscription = from(bare(operation)).subscribe()
  await until(() => world.things.has('first'))
  subscription.unsubscribe()
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal([...world.things], ['first'], 'from() did not cancel it')
  await operation.return()
  assert.equal([...world.things], [])
})

test('regression: from() of one operation splits its events between two subscribers; toObservable gives all to each', async () => {
  const single = from(bare(puts(toyWorld())))
  const halves = await Promise.all([seen(single), seen(single)])
  assert.is(halves[0].length + halves[1].length, 4, 'both together have the events of one run')
  const whole = toObservable((o) => puts(toyWorld(), o))
  assert.equal(
    (await Promise.all([seen(whole), seen(whole)])).map((each) => each.length),
    [4, 4],
  )
})

test('from() of an operation itself is refused', async () => {
  assert.match((await thrown(() => from(puts(toyWorld())))).message, 'cannot be awaited')
})

test('take(1) ends the operation', async () => {
  const world = toyWorld()
  await lastValueFrom(toObservable((o) => waits(world, o)).pipe(take(1)))
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(world.history, [])
})

test('a failure reaches the subscriber once, after the event that tells of it', async () => {
  const world = toyWorld()
  world.faults.add('put first')
  const events: IocEvent[] = []
  const errors: unknown[] = []
  await new Promise<void>((resolve) => {
    toObservable((o) => puts(world, o)).subscribe({
      next: (event) => events.push(event),
      error: (error) => {
        errors.push(error)
        resolve()
      },
    })
  })
  assert.is(line(events.at(-1) as IocEvent), 'JailStart:failed')
  assert.is(errors.length, 1)
  assert.match((errors[0] as Error).message, 'put first failed')
})

test('a factory that throws is an error of the Observable', async () => {
  const broken = toObservable(() => {
    throw new RangeError('no')
  })
  assert.instance(await thrown(() => firstValueFrom(broken)), RangeError)
})

test('withResult ends with the result', async () => {
  const all = await seen(toObservable.withResult((o) => puts(toyWorld(), o)))
  assert.equal(
    all.map((each: EventOrResult<number>) => (each.kind === 'event' ? line(each.event) : each.result)),
    ['JailStart:pending', 'JailAttach:pending', 'JailAttach:done', 'JailStart:done', 5],
  )
})

test('an undo that fails after unsubscribing is reported and neither thrown nor unhandled', async () => {
  const world = toyWorld()
  world.faults.add('remove first')
  const reported: unknown[] = []
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  config.onUnhandledError = (error) => reported.push(error)
  try {
    const subscription = toObservable((o) => waits(world, o)).subscribe()
    await until(() => world.things.has('first'))
    subscription.unsubscribe()
    await until(() => reported.length > 0)
    config.onUnhandledError = null
    const warned = new Promise((resolve) => process.once('warning', resolve))
    const again = toObservable((o) => waits(world, o)).subscribe()
    await until(() => world.history.filter((each) => each === 'put first').length === 2)
    again.unsubscribe()
    assert.instance(await warned, OperationCancelled)
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    config.onUnhandledError = null
    process.off('unhandledRejection', onUnhandled)
  }
  assert.instance(reported[0], OperationCancelled)
  assert.is((reported[0] as OperationCancelled).reverted, false)
  assert.equal(unhandled, [])
})

test.run()
