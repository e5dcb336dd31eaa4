import { collect, drain, type IocEvent, UsageError } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, hang, lines, sleep, type ToyScope, toyWorld } from './toys.ts'

const test = suite('core/misuse')

test('whatever is yielded and is no event of the operation is refused, and all is undone', async () => {
  const stranger = toyWorld()
  const [foreign] = (await stranger.live(() => 0)).pulled
  const junk: Record<string, unknown> = { undefined, null: null, zero: 0, text: 'JailStart', plain: {}, foreign }
  for (const [name, value] of Object.entries(junk)) {
    const world = toyWorld()
    const { error, seen } = await world.live(async function* (s) {
      await s.host.put({ thing: 'a' })
      yield value as IocEvent
      await s.host.put({ thing: 'b' })
    })
    assert.instance(error, UsageError, name)
    assert.match(error?.message ?? '', 's.run(operation)', name)
    assert.equal(world.history, ['put a', 'remove a'], name)
    assert.equal(faultsOf(seen), [], name)
  }
})

test('a copy of an event, or the same event again, is refused', async () => {
  const { error: copied } = await toyWorld().live(async function* (s) {
    for await (const event of s.step('JailAttach', () => 1)) yield { ...event } as IocEvent
  })
  assert.instance(copied, UsageError)
  const { error: twice, seen } = await toyWorld().live(async function* (s) {
    for await (const event of s.step('JailAttach', () => 1)) {
      yield event
      yield event
    }
  })
  assert.instance(twice, UsageError)
  assert.equal(faultsOf(seen), [])
})

test('an operation that is yielded without s.run() is refused and stopped before it does anything', async () => {
  const world = toyWorld()
  const inner = toyWorld()
  const { error, seen } = await world.live(async function* (s) {
    await s.host.put({ thing: 'a' })
    yield* s.step('JailAttach', async function* () {
      yield* inner.run((t) => t.host.put({ thing: 'b' }))
    })
  })
  assert.instance(error, UsageError)
  assert.match(error?.message ?? '', 'yield* s.run(operation)')
  assert.equal(inner.history, [])
  assert.equal(world.history, ['put a', 'remove a'])
  assert.equal(lines(seen), [
    'JailStart:pending',
    'JailAttach:pending',
    'JailAttach:failed',
    'undo JailStart:pending',
    'undo JailStart:done',
    'JailStart:failed',
  ])
})

test('a step that is made and never run is refused by name: before the next step, the next effect, at the end', async () => {
  const bodies: Record<string, (s: ToyScope) => unknown> = {
    step: (s) => [s.step('JailAttach', () => 1), s.step('MountDevFS', () => 2)],
    effect: (s) => [s.step('JailAttach', () => 1), s.host.put({ thing: 'a' })][1],
    end: (s) => void s.step('JailAttach', () => 1),
  }
  for (const [when, body] of Object.entries(bodies)) {
    const world = toyWorld()
    const { error, seen } = await world.live(async (s) => void (await body(s)))
    assert.instance(error, UsageError, when)
    assert.match(error?.message ?? '', 'the step JailAttach was made and never run', when)
    assert.equal(world.history, [], when)
    assert.equal(lines(seen), ['JailStart:pending', 'JailStart:failed'], when)
  }
})

test('a step that was never run is refused at the end also when an earlier refusal was caught', async () => {
  const { error } = await toyWorld().live(async (s) => {
    s.step('JailAttach', () => 1)
    await s.host.put({ thing: 'a' }).catch(() => {})
  })
  assert.match(error?.message ?? '', 'the step JailAttach was made and never run')
})

test('s.run() and s.all() that are never run are refused too', async () => {
  const world = toyWorld()
  const inner = world.run(() => 1)
  const { error: run } = await world.live((s) => void s.run(inner))
  assert.match(run?.message ?? '', 'the step run was made and never run')
  const { error: all } = await world.live((s) => void s.all([inner]))
  assert.match(all?.message ?? '', 'the step all was made and never run')
})

test('a second step while one runs is refused, and the first is waited for', async () => {
  const world = toyWorld()
  const { error, seen } = await world.live(async (s) => {
    const first = drain(s.step('JailAttach', (t) => t.host.putSlowly({ thing: 'a', time: 5 })) as never)
    await sleep(1)
    await Promise.all([first, drain(s.step('MountDevFS', (t) => t.host.put({ thing: 'b' })) as never)])
  })
  assert.instance(error, UsageError)
  assert.match(error?.message ?? '', 'the step MountDevFS was begun while JailAttach runs')
  assert.equal(world.history, ['put a', 'remove a'])
  assert.equal(faultsOf(seen), [])
})

test('an effect of an outer scope while its step runs is refused: it would be undone out of order', async () => {
  const world = toyWorld()
  const { error } = await world.live(async function* (s) {
    yield* s.step('JailAttach', async (t) => {
      await t.host.put({ thing: 'a' })
      await s.host.put({ thing: 'b' })
    })
  })
  assert.instance(error, UsageError)
  assert.match(error?.message ?? '', 'its effect put was begun while its step JailAttach runs')
  assert.equal(world.history, ['put a', 'remove a'])
})

test('a step of an outer scope inside a step is refused', async () => {
  const { error } = await toyWorld().live(async function* (s) {
    yield* s.step('JailAttach', async function* () {
      yield* s.step('MountDevFS', () => 1)
    })
  })
  assert.match(error?.message ?? '', 'the step MountDevFS was begun while JailAttach runs')
})

test('an operation runs once: by itself, in a scope, or side by side', async () => {
  const world = toyWorld()
  const once = (thing: string) => world.run((s) => s.host.put({ thing }))
  const finished = once('a')
  await drain(finished)
  const left = once('b')
  await left.return()
  for (const used of [finished, left]) {
    const { error: run } = await world.live((s) => s.run(used))
    assert.match(run?.message ?? '', 'an operation runs once')
    const { error: all } = await world.live((s) => s.all([used]))
    assert.match(all?.message ?? '', 'an operation runs once')
  }
  const { error: twice } = await world.live(async function* (s) {
    const used = once('c')
    yield* s.run(used)
    yield* s.run(used)
  })
  assert.match(twice?.message ?? '', 'an operation runs once')
  const { error: nested } = await world.live(async function* (s) {
    const used = world.run((t) => t.host.put({ thing: 'd' }), { eventScope: s })
    yield* used
    yield* s.run(used)
  })
  assert.match(nested?.message ?? '', 'an operation runs once')
  assert.equal([...world.things], ['a'], 'of the one that was drained')
})

test('s.all() with an operation that has begun fails, waits for the others, and undoes them', async () => {
  const world = toyWorld()
  const begun = world.run(() => 1)
  await drain(begun)
  const { error, seen } = await world.live(async function* (s) {
    const slow = (thing: string) => world.run((t) => t.host.putSlowly({ thing, time: 5 }))
    yield* s.all<unknown>([slow('a'), world.run(() => 1), begun, slow('b')], { concurrency: 2 })
  })
  assert.instance(error, UsageError)
  assert.equal([...world.things], [])
  assert.equal(faultsOf(seen), [])
})

test('s.all() refuses a concurrency at which nothing would run, and an iterable that throws loses nothing', async () => {
  for (const concurrency of [0, -1, Number.NaN]) {
    const world = toyWorld()
    const { error } = await world.live((s) => s.all([world.run((t) => t.host.put({ thing: 'a' }))], { concurrency }))
    assert.instance(error, UsageError)
  }
  const world = toyWorld()
  function* jobs() {
    yield world.run((s) => s.host.putSlowly({ thing: 'a', time: 5 }))
    throw new RangeError('no more')
  }
  const { error, seen } = await world.live((s) => s.all(jobs()))
  assert.is(error?.message, 'no more')
  assert.equal([...world.things], [])
  assert.equal(faultsOf(seen), [])
})

test('s.run() and s.all() take operations only', async () => {
  async function* bare() {}
  for (const wrong of [bare(), {}, 7]) {
    const { error: run } = await toyWorld().live((s) => s.run(wrong as never))
    assert.instance(run, UsageError)
    const { error: all } = await toyWorld().live((s) => s.all([wrong as never]))
    assert.instance(all, UsageError)
  }
})

test('awaiting a step or an operation is refused and says what to write', async () => {
  const world = toyWorld()
  const operation = world.run(() => 1)
  const awaited = await thrown(async () => await (operation as never))
  assert.instance(awaited, TypeError)
  assert.match(awaited.message, 'await drain(operation)')
  const { error } = await world.live(async (s) => await (s.step('JailAttach', () => 1) as never))
  assert.match(error?.message ?? '', 'cannot be awaited')
  const { error: returned } = await world.live(async (s) => s.step('JailAttach', () => 1))
  assert.match(returned?.message ?? '', 'cannot be awaited', 'an async leaf cannot return a step')
})

test('nothing begins after the end: no effect, no step, no resource', async () => {
  const world = toyWorld()
  let scope: ToyScope | undefined
  let step: AsyncGenerator<IocEvent, unknown> | undefined
  await world.live(async (s) => {
    scope = s
  })
  const late = scope as ToyScope
  assert.match((await thrown(() => late.host.put({ thing: 'a' }))).message, 'its effect put comes too late')
  assert.match((await thrown(() => late.step('JailAttach', () => 1))).message, 'its step JailAttach comes too late')
  assert.match((await thrown(() => late.use({ [Symbol.dispose]() {} }))).message, 'a resource comes too late')
  assert.match((await thrown(() => collect(world.run(() => 1, { eventScope: late })))).message, 'comes too late')
  const { error } = await world.live(async (s) => {
    step = s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
  })
  assert.instance(error, UsageError)
  assert.match((await thrown(() => step?.next())).message, 'its step JailAttach comes too late')
  assert.equal(world.history, [])
  late.progress(1)
  await late.output('nobody hears it')
})

test('a bare async function* as a helper is fine with yield*', async () => {
  async function* helper(s: ToyScope) {
    yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
    return 'helped'
  }
  const { result } = await toyWorld().live((s) => helper(s))
  assert.is(result, 'helped')
})

test('a scope that is no scope is refused as eventScope', async () => {
  const world = toyWorld()
  const eventScope = { signal: new AbortController().signal, progress() {}, message() {} }
  const error = await thrown(() => drain(world.run(() => hang(eventScope.signal), { eventScope })))
  assert.instance(error, UsageError)
})

test.run()
