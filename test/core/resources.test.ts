import { drain, type IocError } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, sleep, toyWorld } from './toys.ts'

const test = suite('core/resources')

test('resources are given back after the undo and before the final event, the last one first, whatever throws', async () => {
  const world = toyWorld()
  const resource = (name: string, fails: boolean) => ({
    [Symbol.asyncDispose]: async () => {
      await sleep(1)
      world.history.push(`free ${name}`)
      if (fails) throw new Error(`${name} is stuck`)
    },
  })
  const order: string[] = world.history
  const running = (fails: boolean) =>
    world.run(
      async (s) => {
        s.use(resource('first', fails))
        s.use({ [Symbol.dispose]: () => void world.history.push('free second') })
        s.use(resource('third', fails))
        await s.host.put({ thing: 'a' })
        throw new Error('no')
      },
      { onEvent: (event) => order.push(`${event.type}:${event.state}`) },
    )
  const error = await thrown<IocError>(() => drain(running(true)))
  assert.equal(order, [
    'JailStart:pending',
    'put a',
    'JailStart:pending',
    'remove a',
    'JailStart:done',
    'free third',
    'free second',
    'free first',
    'JailStart:failed',
  ])
  assert.equal(
    error.suppressed.map(({ message }) => message),
    ['third is stuck', 'first is stuck'],
  )
  assert.is(error.reverted, true)
})

test('an operation that succeeds gives back before it is done; what fails then makes it fail and undo', async () => {
  const world = toyWorld()
  const { error, result } = await world.live(async (s) => {
    s.use({ [Symbol.dispose]: () => void world.history.push('free') })
    await s.host.put({ thing: 'a' })
    return 'fine'
  })
  assert.is(error, undefined)
  assert.is(result, 'fine')
  assert.equal(world.history, ['put a', 'free'])
  const other = toyWorld()
  const { error: stuck, seen } = await other.live(async (s) => {
    s.use({ [Symbol.dispose]: () => void other.history.push('free') })
    s.use({
      [Symbol.dispose]: () => {
        throw new Error('stuck')
      },
    })
    await s.host.put({ thing: 'a' })
  })
  assert.is(stuck?.message, 'stuck')
  assert.equal(other.history, ['put a', 'remove a', 'free'])
  assert.equal(faultsOf(seen), [])
})

test.run()
