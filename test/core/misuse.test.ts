import { type IocEvent, UsageError } from '@gaoler/core'
import { assert, suite } from '../harness.ts'
import { faultsOf, lines, toyWorld } from './toys.ts'

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

test.run()
