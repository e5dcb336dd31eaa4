import { drain, type IocEvent, UsageError } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, lines, sleep, toyWorld } from './toys.ts'

const test = suite('core/left steps')

test('a step that was begun and left is waited for, undone, and refused', async () => {
  const world = toyWorld()
  const { error, seen } = await world.live(async (s) => {
    const step = s.step('JailAttach', (t) => t.host.putSlowly({ thing: 'a', time: 5 }))
    await step.next()
    void step.next()
  })
  assert.instance(error, UsageError)
  assert.match(error?.message ?? '', 'JailAttach was begun and not run to its end')
  assert.equal(world.history, ['put a', 'remove a'])
  assert.equal(faultsOf(seen), [])
})

test('a step that is left while it runs, because its body has failed, is waited for and its failure kept', async () => {
  const world = toyWorld()
  world.faults.add('put a')
  const { error, seen } = await world.live(async (s) => {
    const step = s.step('JailAttach', (t) => t.host.putSlowly({ thing: 'a', time: 5 }))
    await Promise.all([drain(step as never), Promise.reject(new RangeError('first'))])
  })
  assert.is(error?.message, 'first')
  assert.equal(
    error?.suppressed.map(({ message }) => message),
    ['put a failed'],
  )
  assert.equal(faultsOf(seen), [])
})

test('a step with steps in it that was left to itself still has each of its events once', async () => {
  const running = toyWorld().run(async (s) => {
    const reported = Promise.withResolvers<void>()
    const step = s.step('JailAttach', (t) =>
      t.step('MountDevFS', async (u) => {
        u.progress(1)
        reported.resolve()
        await sleep(3)
      }),
    )
    void drain(step as never).catch(() => {})
    await reported.promise
  })
  const seen: IocEvent[] = []
  const error = await thrown(async () => {
    for await (const event of running) {
      seen.push(event)
      if (event.state === 'progress') await sleep(9)
    }
  })
  assert.match(error.message, 'JailAttach was begun and not run to its end')
  assert.equal(lines(seen).slice(-3), ['MountDevFS:done', 'JailAttach:done', 'JailStart:failed'])
  assert.equal(faultsOf(seen), [])
})

test('a body that keeps the events of its step to itself does not hide them', async () => {
  const world = toyWorld()
  const { pulled } = await world.live(async function* (s) {
    for await (const event of s.step('JailAttach', async function* (t) {
      yield* t.step('MountDevFS', (u) => u.progress(1))
    })) {
      if (event.state === 'done') yield event
    }
    for await (const _ of s.step('JailHookStart', (t) => t.host.put({ thing: 'a' }))) break
  })
  assert.equal(lines(pulled), [
    'JailStart:pending',
    'JailAttach:pending',
    'MountDevFS:pending',
    'MountDevFS:progress',
    'MountDevFS:done',
    'JailAttach:done',
    'JailHookStart:pending',
    'JailHookStart:done',
    'JailStart:done',
  ])
  assert.equal(faultsOf(pulled), [])
})

test.run()
