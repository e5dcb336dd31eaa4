import { assert, suite } from '../harness.ts'
import { faultsOf, lines, toyWorld } from './toys.ts'

const test = suite('core/undo')

test('an undo that fails does not stop the others, is kept beside the error, and makes it say so', async () => {
  const world = toyWorld()
  world.faults.add('remove b').add('remove c')
  const { error, seen } = await world.live(async function* (s) {
    for (const thing of ['a', 'b']) yield* s.step('JailAttach', (t) => t.host.put({ thing }))
    yield* s.step('MountDevFS', async (t) => {
      await t.host.put({ thing: 'c' })
      await t.host.put({ thing: 'd' })
    })
    throw new Error('no')
  })
  assert.is(error?.message, 'no')
  assert.is(error?.reverted, false)
  assert.equal(
    error?.suppressed.map(({ message }) => message),
    ['remove c failed', 'remove b failed'],
  )
  assert.equal([...world.things], ['b', 'c'])
  assert.equal(lines(seen).slice(-7), [
    'undo MountDevFS:pending',
    'undo MountDevFS:failed',
    'undo JailAttach:pending',
    'undo JailAttach:failed',
    'undo JailAttach:pending',
    'undo JailAttach:done',
    'JailStart:failed',
  ])
  assert.equal(faultsOf(seen), [])
})

test('an error that is caught, and whose undo has failed, is not forgotten by a later one', async () => {
  const world = toyWorld()
  world.faults.add('remove a')
  const { error } = await world.live(async function* (s) {
    await s.host.put({ thing: 'b' })
    try {
      yield* s.step('JailAttach', async (t) => {
        await t.host.put({ thing: 'a' })
        throw new Error('caught')
      })
    } catch {}
    throw new Error('later')
  })
  assert.is(error?.message, 'later')
  assert.is(error?.reverted, false)
  assert.equal([...world.things], ['a'])
})

test('an error that is caught after a whole undo does not stain a later one', async () => {
  const world = toyWorld()
  const { error, seen } = await world.live(async function* (s) {
    try {
      yield* s.step('JailAttach', async (t) => {
        await t.host.put({ thing: 'a' })
        throw new Error('caught')
      })
    } catch {}
    await s.host.put({ thing: 'b' })
    throw new Error('later')
  })
  assert.is(error?.reverted, true)
  assert.equal(error?.suppressed, [])
  assert.equal(world.history, ['put a', 'remove a', 'put b', 'remove b'])
  assert.equal(faultsOf(seen), [])
})

test.run()
