import { defineEffects, drain, IocError, operation, UsageError } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, hang, lines, sleep, type ToyScope, toyWorld } from './toys.ts'

const test = suite('core/effects')

test('an effect returns what its run returns, and is undone by its inverse when the operation fails', async () => {
  const world = toyWorld()
  const { error } = await world.live(async (s) => {
    assert.is(await s.host.put({ thing: 'four' }), 4)
    throw new Error('no')
  })
  assert.is(error?.reverted, true)
  assert.equal(world.history, ['put four', 'remove four'])
})

test('an effect that throws has done nothing, and nothing is undone for it', async () => {
  const world = toyWorld()
  world.things.add("a stranger's")
  world.faults.add("put a stranger's")
  const { error, seen } = await world.live((s) => s.host.put({ thing: "a stranger's" }))
  assert.is(error?.message, "put a stranger's failed")
  assert.is(error?.reverted, true)
  assert.equal([...world.things], ["a stranger's"])
  assert.equal(lines(seen), ['JailStart:pending', 'JailStart:failed'])
})

test('an effect that can fail half-way is undone also when it throws', async () => {
  const world = toyWorld()
  const { error } = await world.live((s) => s.host.putHalf({ thing: 'half' }))
  assert.is(error?.message, 'half was put only half')
  assert.equal([...world.things], [])
  assert.equal(world.history, ['remove half'])
})

test('effects side by side in one leaf: when one fails, the others are waited for and undone', async () => {
  const world = toyWorld()
  world.faults.add('put b')
  const { error, seen } = await world.live((s) =>
    s.step('JailAttach', async (t) => {
      const slow = (thing: string, time: number) => t.host.putSlowly({ thing, time })
      await Promise.all([slow('a', 9), t.host.put({ thing: 'b' }), slow('c', 4)])
    }),
  )
  assert.is(error?.message, 'put b failed')
  assert.is(error?.reverted, true)
  assert.equal(world.history, ['put b', 'put c', 'put a', 'remove a', 'remove c'])
  assert.equal(faultsOf(seen), [])
})

test('when two fail side by side, the second is kept beside the first', async () => {
  const world = toyWorld()
  world.faults.add('put a').add('put b')
  const { error } = await world.live(async (s) => {
    await Promise.all([s.host.put({ thing: 'a' }), s.host.putSlowly({ thing: 'b', time: 3 })])
  })
  assert.is(error?.message, 'put a failed')
  assert.equal(
    error?.suppressed.map(({ message }) => message),
    ['put b failed'],
  )
})

test('work that a leaf has left running after its failure can begin no further effect', async () => {
  const world = toyWorld()
  let refused: unknown
  const { error } = await world.live((s) =>
    s.step('JailAttach', async (t) => {
      const chain = async () => {
        await t.host.putSlowly({ thing: 'a', time: 3 })
        await sleep(3)
        await t.host.put({ thing: 'b' }).catch((late) => {
          refused = late
        })
      }
      void chain()
      await sleep(1)
      throw new Error('no')
    }),
  )
  await sleep(10)
  assert.is(error?.reverted, true)
  assert.instance(refused, UsageError)
  assert.equal(world.history, ['put a', 'remove a'])
})

test('an effect that nobody awaits is waited for, undone with the rest, and its failure is not lost', async () => {
  const world = toyWorld()
  const fine = await world.live(async function* (s) {
    yield* s.step('JailAttach', (t) => void t.host.putSlowly({ thing: 'a', time: 3 }))
    throw new Error('later')
  })
  assert.equal(fine.error?.message, 'later')
  assert.equal(world.history, ['put a', 'remove a'])
  world.faults.add('put b')
  const { error } = await world.live((s) => void s.host.putSlowly({ thing: 'b', time: 3 }))
  assert.is(error?.message, 'put b failed')
})

test('an effect that is told to stop and reports it as an error of its own is a cancellation all the same', async () => {
  const stopped = new IocError('the command was killed')
  const effects = defineEffects({
    exec: { run: (_: object, { signal }) => hang(signal).catch(() => Promise.reject(stopped)), undo: null },
  })
  const controller = new AbortController()
  const running = operation('JailStart', (s) => s.host.exec({}), { effects, signal: controller.signal })
  setTimeout(() => controller.abort(), 3)
  const error = await thrown<IocError>(() => drain(running))
  assert.is(error.code, 'OPERATION_CANCELLED')
  assert.equal(error.suppressed, [stopped])
})

test('an effect that is told to stop and fails is a cancellation; what it says is kept', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  world.faults.add('put a')
  const running = world.run((s) => s.host.putSlowly({ thing: 'a', time: 1000 }), { signal: controller.signal })
  setTimeout(() => controller.abort(), 3)
  const error = await thrown<IocError>(() => drain(running))
  assert.is(error.code, 'OPERATION_CANCELLED')
  assert.equal(
    error.suppressed.map(({ message }) => message),
    ['put a failed'],
  )
})

test('an effect that finishes although it was told to stop is undone', async () => {
  const world = toyWorld()
  const running = world.run((s) => s.host.putSlowly({ thing: 'a', time: 1000 }))
  for await (const event of running) if (event.state === 'progress') break
  assert.equal(world.history, ['put a', 'remove a'])
})

test('no effect begins after a cancellation, also when the body goes on', async () => {
  const world = toyWorld()
  const controller = new AbortController()
  const running = world.run(
    async (s) => {
      await s.host.put({ thing: 'a' })
      await hang(s.signal).catch(() => {})
      await s.host.put({ thing: 'b' })
    },
    { signal: controller.signal },
  )
  setTimeout(() => controller.abort(), 3)
  await thrown(() => drain(running))
  assert.equal(world.history, ['put a', 'remove a'])
})

test('an inverse that cannot be had is refused before anything is done', async () => {
  const done: string[] = []
  const run = (_: object) => void done.push('run')
  const tables = {
    throws: {
      odd: {
        run,
        undo: () => {
          throw new RangeError('no inverse')
        },
      },
    },
    unknown: { odd: { run, undo: () => ['nothing', {}] as const } },
  }
  for (const [name, effects] of Object.entries(tables)) {
    const error = await thrown<IocError>(() => drain(operation('JailStart', (s) => s.host.odd({}), { effects })))
    assert.match(error.message, name === 'throws' ? 'no inverse' : 'undone by nothing, which does not exist')
    assert.is(error.reverted, true)
  }
  assert.equal(done, [])
})

test('what is not in the table is no effect', async () => {
  const { error } = await toyWorld().live((s) => (s.host as unknown as Record<string, () => unknown>).fly?.())
  assert.is(error, undefined)
  const { error: called } = await toyWorld().live((s) => (s as unknown as { host: { fly(): void } }).host.fly())
  assert.match(called?.message ?? '', 'fly')
})

test('a query is undone by nothing, and may be asked of an outer scope', async () => {
  const asked: string[] = []
  const effects = defineEffects({
    ask: { run: ({ what }: { what: string }) => void asked.push(what), undo: null, query: true },
  })
  const events: string[] = []
  const failing = operation(
    'JailStart',
    async function* (s) {
      yield* s.step('JailAttach', async (t) => {
        await t.host.ask({ what: 'inner' })
        await s.host.ask({ what: 'outer' })
      })
      throw new Error('no')
    },
    { effects, onEvent: (event) => events.push(`${event.type}:${event.state}`) },
  )
  await thrown(() => drain(failing))
  assert.equal(asked, ['inner', 'outer'])
  assert.equal(events, ['JailStart:pending', 'JailAttach:pending', 'JailAttach:done', 'JailStart:failed'])
})

test('an operation inside another uses the table of effects of the outer one, unless it has its own', async () => {
  const outer = toyWorld()
  const own = toyWorld()
  const { error } = await outer.live(async function* (s) {
    yield* s.run(operation('JailCreate', (t) => (t as unknown as ToyScope).host.put({ thing: 'a' })))
    yield* s.run(own.run((t) => t.host.put({ thing: 'b' })))
    throw new Error('no')
  })
  assert.is(error?.reverted, true)
  assert.equal(outer.history, ['put a', 'remove a'])
  assert.equal(own.history, ['put b', 'remove b'])
})

test('more effects than fit on a stack are handed over and undone', async () => {
  let count = 0
  const effects = defineEffects({
    up: { run: (_: object) => void count++, undo: () => ['down', {}] },
    down: { run: (_: object) => void count--, undo: null },
  })
  const many = operation(
    'JailStart',
    async function* (s) {
      yield* s.step('JailAttach', async (t) => {
        for (let n = 0; n < 130_000; n++) await t.host.up({})
      })
      throw new Error('no')
    },
    { effects },
  )
  const error = await thrown<IocError>(() => drain(many))
  assert.is(error.message, 'no')
  assert.is(count, 0)
})

test.run()
