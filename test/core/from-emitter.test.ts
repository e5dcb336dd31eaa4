import { EventEmitter as NodeEmitter } from 'node:events'
import { BufferOverflow, fromEmitter, type IocEventMap, pipeTo } from '@gaoler/core/emitter'
import { EventEmitter } from 'eventemitter3'
import { assert, suite, thrown } from '../harness.ts'
import { line, toyWorld } from './toys.ts'

const test = suite('core/from-emitter')

function mounts(world: ReturnType<typeof toyWorld>) {
  return world.run(async function* (s) {
    yield* s.step('MountDevFS', (t) => t.host.put({ thing: 'dev' }), { payload: { target: '/dev' } })
  })
}

async function first<T>(events: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  if (count === 0) return taken
  for await (const event of events) if (taken.push(event) === count) break
  return taken
}

test('what was emitted since the call is there, of one kind or of all; leaving stops the listening', async () => {
  for (const emitter of [new EventEmitter<IocEventMap>(), new NodeEmitter()]) {
    const mounted = fromEmitter(emitter, 'MountDevFS')
    const all = fromEmitter(emitter, '*')
    await pipeTo(mounts(toyWorld()), emitter)
    const events = await first(mounted, 2)
    assert.equal(
      events.map((event) => `${event.payload.target} ${event.state}`),
      ['/dev pending', '/dev done'],
    )
    assert.equal((await first(all, 4)).map(line), [
      'JailStart:pending',
      'MountDevFS:pending',
      'MountDevFS:done',
      'JailStart:done',
    ])
    for (const name of ['*', 'MountDevFS', 'error'] as const) assert.is(emitter.listenerCount(name), 0)
  }
})

test('a pull waits for the next event', async () => {
  const emitter = new EventEmitter<IocEventMap>()
  const events = fromEmitter(emitter, '*')
  const pulls = [events.next(), events.next()]
  await pipeTo(mounts(toyWorld()), emitter)
  assert.equal(
    (await Promise.all(pulls)).map(({ value }) => value && line(value)),
    ['JailStart:pending', 'MountDevFS:pending'],
  )
  await events.return()
})

test('when there is no room: sliding forgets the oldest, dropping the newest, failing ends with BufferOverflow', async () => {
  const emitter = new EventEmitter<IocEventMap>()
  const sliding = fromEmitter(emitter, '*', { buffer: 'sliding', size: 2 })
  const dropping = fromEmitter(emitter, '*', { buffer: 'dropping', size: 2 })
  const failing = fromEmitter(emitter, '*', { size: 2 })
  await pipeTo(mounts(toyWorld()), emitter)
  assert.equal((await first(sliding, 2)).map(line), ['MountDevFS:done', 'JailStart:done'])
  assert.equal((await first(dropping, 2)).map(line), ['JailStart:pending', 'MountDevFS:pending'])
  const error = await thrown<BufferOverflow>(() => first(failing, 3))
  assert.instance(error, BufferOverflow)
  assert.equal(error.details, { type: '*', size: 2 })
  assert.is((await failing.next()).done, true)
  assert.is(emitter.listenerCount('*'), 0)
})

test('an error that is emitted ends it after the events before', async () => {
  const emitter = new EventEmitter<IocEventMap>()
  const world = toyWorld()
  world.faults.add('put dev')
  const events = fromEmitter(emitter, '*')
  const failure = await thrown(() => pipeTo(mounts(world), emitter))
  const seen: string[] = []
  const error = await thrown(async () => {
    for await (const event of events) seen.push(line(event))
  })
  assert.is(error, failure)
  assert.is(seen.at(-1), 'JailStart:failed')
})

test('a signal ends it with its reason, also while a pull waits', async () => {
  const emitter = new EventEmitter<IocEventMap>()
  const controller = new AbortController()
  const events = fromEmitter(emitter, '*', { signal: controller.signal })
  const pull = events.next()
  const reason = new Error('enough')
  controller.abort(reason)
  assert.is(await thrown(() => pull), reason)
  assert.is((await events.next()).done, true)
  assert.is(emitter.listenerCount('*'), 0)
  assert.is(await thrown(() => fromEmitter(emitter, '*', { signal: controller.signal }).next()), reason)
})

test.run()
