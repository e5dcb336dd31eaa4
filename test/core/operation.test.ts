import { collect, drain, IocError, type IocEvent, OperationCancelled } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, line, lines, toyWorld } from './toys.ts'

const test = suite('core/operation')

/** Three steps, the second with one nested in it; two things are put. */
function threeSteps(world: ReturnType<typeof toyWorld>, options = {}) {
  return world.run(async function* (s) {
    yield* s.step('JailDependantsStart', () => 'unused', { unless: 'No dependant jails' })
    yield* s.step('JailAttach', async function* (t) {
      await t.host.put({ thing: 'outer' })
      yield* t.step('MountDevFS', (u) => u.host.put({ thing: 'inner' }))
    })
    return yield* s.step('JailHookStart', async () => 42)
  }, options)
}

test('nothing happens before the first next()', async () => {
  const world = toyWorld()
  const operation = threeSteps(world)
  assert.equal(world.history, [])
  await operation.return()
  assert.equal(world.history, [])
  assert.equal(await operation.next(), { done: true, value: undefined })
})

test('events are nested, numbered, frozen, and the result is returned', async () => {
  const world = toyWorld()
  const events: IocEvent[] = []
  const operation = threeSteps(world)
  let next = await operation.next()
  for (; !next.done; next = await operation.next()) events.push(next.value)
  assert.is(next.value, 42)
  assert.equal(lines(events), [
    'JailStart:pending',
    'JailDependantsStart:pending',
    'JailDependantsStart:skipped',
    'JailAttach:pending',
    'MountDevFS:pending',
    'MountDevFS:done',
    'JailAttach:done',
    'JailHookStart:pending',
    'JailHookStart:done',
    'JailStart:done',
  ])
  assert.equal(faultsOf(events), [])
  assert.equal(
    events.map((event) => event.depth),
    [0, 1, 1, 1, 2, 2, 1, 1, 1, 0],
  )
  assert.is(events[2]?.message, 'No dependant jails')
  assert.is(events[4]?.identifier, 'web')
  assert.ok(events[6]?.is('JailEvent') && !events[6].is('VnetEvent'))
})

test('work goes on only when the consumer pulls', async () => {
  const world = toyWorld()
  for await (const event of threeSteps(world)) {
    if (line(event) === 'JailAttach:pending') {
      assert.equal(world.history, [])
      break
    }
  }
  assert.equal(world.history, [], 'who leaves at JailAttach: pending prevents the attach')
})

test('whoever leaves at any event, by break, throw, return or signal, finds the world as it was', async () => {
  const total = (await collect(threeSteps(toyWorld()))).length
  for (const way of ['break', 'throw', 'return', 'signal'] as const) {
    for (let at = 1; at <= total; at++) {
      const world = toyWorld()
      const seen: IocEvent[] = []
      const controller = new AbortController()
      const operation = threeSteps(world, { signal: controller.signal, onEvent: (event: IocEvent) => seen.push(event) })
      const leave = async () => {
        for await (const event of operation) {
          if (event.seq !== at) continue
          if (way === 'break') break
          if (way === 'throw') throw new RangeError('mine')
          if (way === 'return') await operation.return()
          if (way === 'signal') controller.abort(new Error('enough'))
        }
      }
      const error = await leave().then(
        () => undefined,
        (e) => e,
      )
      const where = `${way} at ${at}`
      if (at < total) {
        assert.equal([...world.things], [], where)
        if (way === 'signal') assert.instance(error, OperationCancelled, where)
        if (way === 'signal') assert.is(error.reverted, true, where)
      } else assert.equal([...world.things], ['outer', 'inner'], `${where}: done is done`)
      if (way === 'throw') assert.instance(error, RangeError, where)
      assert.equal(faultsOf(seen), [], where)
      assert.is(line(seen.at(-1) as IocEvent), at < total ? 'JailStart:failed' : 'JailStart:done', where)
    }
  }
})

test('a failure undoes last in, first out, with an event for each reverted step, then fails outwards', async () => {
  const world = toyWorld()
  const events: IocEvent[] = []
  const failing = world.run(
    async function* (s) {
      yield* s.step('JailAttach', async function* (t) {
        await t.host.put({ thing: 'a' })
        yield* t.step('MountDevFS', (u) => u.host.put({ thing: 'b' }), { payload: { target: '/dev' } })
        await t.host.put({ thing: 'c' })
      })
      yield* s.step('JailHookStart', () => {
        throw new RangeError('no')
      })
    },
    { onEvent: (event) => events.push(event) },
  )
  const error = await thrown<IocError>(() => drain(failing))
  assert.instance(error, IocError)
  assert.instance(error.cause, RangeError)
  assert.is(error.reverted, true)
  assert.equal(world.history, ['put a', 'put b', 'put c', 'remove c', 'remove b', 'remove a'])
  assert.equal(lines(events).slice(6), [
    'JailHookStart:failed',
    'undo JailAttach:pending',
    'undo JailAttach:done',
    'undo MountDevFS:pending',
    'undo MountDevFS:done',
    'undo JailAttach:pending',
    'undo JailAttach:done',
    'JailStart:failed',
  ])
  const undo = events.find((event) => event.rollback && event.type === 'MountDevFS') as IocEvent<'MountDevFS'>
  assert.is(undo.undoes, events.find((event) => event.type === 'MountDevFS')?.id)
  assert.equal(undo.payload, { target: '/dev' })
  assert.is(events.at(-1)?.error?.message, 'no')
})

test.run()
