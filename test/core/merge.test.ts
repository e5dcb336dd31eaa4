import { type IocError, type IocEvent, merge, type Operation, OperationCancelled } from '@gaoler/core'
import { assert, collectGarbage, suite, thrown } from '../harness.ts'
import { faultsOf, line, toyWorld } from './toys.ts'

const test = suite('core/merge')

type World = ReturnType<typeof toyWorld>

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function puts(world: World, thing: string, options = {}): Operation<number> {
  return world.run(async function* (s) {
    const size = yield* s.step('JailAttach', (t) => t.host.put({ thing }))
    await pause(1)
    return size
  }, options)
}

function waits(world: World, thing: string, options = {}): Operation<number> {
  return world.run(async function* (s) {
    yield* s.step('JailAttach', (t) => t.host.put({ thing }))
    await new Promise<void>((resolve) => s.signal.addEventListener('abort', () => resolve()))
    return 0
  }, options)
}

/** The events of each run on their own. */
function byRun(events: readonly IocEvent[]): IocEvent[][] {
  return Object.values(Object.groupBy(events, ({ id }) => id.split('.')[0] as string)) as IocEvent[][]
}

async function taken(
  merged: AsyncGenerator<IocEvent, number[], void>,
): Promise<{ events: IocEvent[]; results: number[] }> {
  const events: IocEvent[] = []
  for (;;) {
    const next = await merged.next()
    if (next.done) return { events, results: next.value }
    events.push(next.value)
  }
}

test('operations run side by side; their results come in their order, and each stream is whole', async () => {
  const world = toyWorld()
  const { events, results } = await taken(merge(['a', 'bb', 'ccc'].map((thing) => puts(world, thing))))
  assert.equal(results, [1, 2, 3])
  const runs = byRun(events)
  assert.is(runs.length, 3)
  for (const run of runs) assert.equal(faultsOf(run), [])
  assert.equal(events.slice(0, 3).map(line), ['JailStart:pending', 'JailStart:pending', 'JailStart:pending'])
})

test('ordered, the events of each operation come together, and yet all run at once', async () => {
  const world = toyWorld()
  const { events, results } = await taken(
    merge(
      ['a', 'bb', 'ccc'].map((thing) => puts(world, thing)),
      { ordered: true },
    ),
  )
  assert.equal(results, [1, 2, 3])
  assert.equal(byRun(events).flat(), events)
  const iterator = merge([waits(world, 'x'), puts(world, 'y')], { ordered: true })
  await iterator.next()
  await pause(20)
  assert.ok(world.things.has('y'), 'the second one is done though the first one waits')
  await iterator.return([])
})

test('no more run at the same time than concurrency allows, and none is made before its turn', async () => {
  for (const ordered of [false, true]) {
    let made = 0
    let running = 0
    let most = 0
    const operations = function* (): Generator<Operation<number>> {
      for (; made < 100; made++) {
        yield toyWorld().run(async () => {
          most = Math.max(most, ++running)
          await pause(made % 3)
          return --running
        })
      }
    }
    const merged = merge(operations(), { concurrency: 8, ordered })
    await merged.next()
    assert.is(made, 7, 'the eighth was asked for')
    assert.is((await taken(merged)).results.length, 100)
    assert.ok(most <= 8 && most > 1, `${most} at once`)
  }
})

test('an operation goes on only when its event was taken and the next is asked for', async () => {
  const world = toyWorld()
  for await (const event of merge([puts(world, 'a')])) {
    if (line(event) === 'JailAttach:pending') break
  }
  assert.equal(world.history, [])
})

test('who leaves cancels all at once, also while a pull waits, and finds the world as it was', async () => {
  const world = toyWorld()
  const seen: IocEvent[] = []
  const merged = merge(
    ['a', 'b', 'c'].map((thing) => waits(world, thing, { onEvent: (event: IocEvent) => seen.push(event) })),
  )
  while (world.things.size < 3) await merged.next()
  const rest = (async () => {
    let count = 0
    while (!(await merged.next()).done) count++
    return count
  })()
  await pause(10)
  await merged.return([])
  await rest
  assert.equal([...world.things], [])
  for (const run of byRun(seen)) assert.equal(faultsOf(run), [])
  assert.equal(await merged.next(), { done: true, value: [] })
})

test('the first failure cancels the others and is thrown when they are undone', async () => {
  const world = toyWorld()
  world.faults.add('put bad')
  const merged = merge([waits(world, 'a'), puts(world, 'bad'), waits(world, 'c')])
  const events: IocEvent[] = []
  const error = await thrown<IocError>(async () => {
    for await (const event of merged) events.push(event)
  })
  assert.match(error.message, 'put bad failed')
  assert.equal(error.suppressed, [])
  assert.equal([...world.things], [])
  assert.ok(
    events.some((event) => line(event) === 'JailStart:failed'),
    'its failed event came before',
  )
  assert.is((await merged.next()).done, true)
})

test('an undo that fails is a suppressed error, and the failure says that not all was reverted', async () => {
  const world = toyWorld()
  world.faults.add('remove a').add('put bad')
  const error = await thrown<IocError>(() => taken(merge([waits(world, 'a'), slowly(puts(world, 'bad'))])))
  assert.match(error.message, 'put bad failed')
  assert.instance(error.suppressed[0], OperationCancelled)
  assert.is(error.reverted, false)
})

test('an iterable that fails cancels what runs', async () => {
  const world = toyWorld()
  const operations = function* (): Generator<Operation<number>> {
    yield waits(world, 'a')
    throw new RangeError('no more')
  }
  const error = await thrown<IocError>(() => taken(merge(operations())))
  assert.match(error.message, 'no more')
  assert.equal([...world.things], [])
})

test('10,000 operations leave nothing in the heap', async () => {
  const operations = function* (): Generator<Operation<number>> {
    for (let at = 0; at < 10_000; at++) yield toyWorld().run(async () => at)
  }
  const merged = merge(operations(), { concurrency: 8 })
  const after: number[] = []
  for (let at = 0; ; at++) {
    if ((await merged.next()).done) break
    if (at % 5000 === 4999) {
      await pause(1)
      // Without it, what is measured is when the collector chose to run.
      collectGarbage()
      after.push(process.memoryUsage().heapUsed)
    }
  }
  const growth = ((after.at(-1) as number) - (after[0] as number)) / 2 ** 20
  assert.ok(growth < 10, `${growth} MiB more`)
})

/** Gives the others time to do something first. */
function slowly(operation: Operation<number>): Operation<number> {
  const next = operation.next.bind(operation)
  operation.next = async () => {
    await pause(5)
    return next()
  }
  return operation
}

test.run()
