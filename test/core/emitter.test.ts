import { EventEmitter as NodeEmitter } from 'node:events'
import { IocError, type IocEvent } from '@gaoler/core'
import { type IocEventMap, pipeTo } from '@gaoler/core/emitter'
import { EventEmitter } from 'eventemitter3'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, line, toyWorld } from './toys.ts'

const test = suite('core/emitter')

function mounts(world: ReturnType<typeof toyWorld>, options = {}) {
  return world.run(async function* (s) {
    return yield* s.step('MountDevFS', (t) => t.host.put({ thing: 'dev' }), { payload: { target: '/dev' } })
  }, options)
}

test('an event is emitted under its own kind and under *, in order, and the promise has the result', async () => {
  const emitter = new EventEmitter<IocEventMap>()
  const heard: string[] = []
  const all: IocEvent[] = []
  emitter.on('MountDevFS', (event) => heard.push(`${event.payload.target} ${event.state}`))
  emitter.on('DevFSEvent', () => heard.push('an ancestor'))
  emitter.on('*', (event) => {
    all.push(event)
    heard.push(`* ${line(event)}`)
  })
  assert.is(await pipeTo(mounts(toyWorld()), emitter), 3)
  assert.equal(heard, [
    '* JailStart:pending',
    '/dev pending',
    '* MountDevFS:pending',
    '/dev done',
    '* MountDevFS:done',
    '* JailStart:done',
  ])
  assert.equal(faultsOf(all), [])
})

test('a failure rejects the promise, with or without a listener for error', async () => {
  for (const emitter of [new EventEmitter<IocEventMap>(), new NodeEmitter()]) {
    const failing = () => {
      const world = toyWorld()
      world.faults.add('put dev')
      return pipeTo(mounts(world), emitter)
    }
    assert.match((await thrown(failing)).message, 'put dev failed')
    const errors: IocError[] = []
    const { on } = emitter as NodeEmitter
    on.call(emitter, 'error', (error: IocError) => errors.push(error))
    const error = await thrown(failing)
    assert.equal(errors, [error])
    assert.instance(error, IocError)
  }
})

test('a listener that throws leaves the operation, which is undone, and rejects with that error', async () => {
  const world = toyWorld()
  const emitter = new EventEmitter<IocEventMap>()
  emitter.on('MountDevFS', (event) => {
    if (event.state === 'done') throw new RangeError('mine')
  })
  const events: IocEvent[] = []
  const error = await thrown(() => pipeTo(mounts(world, { onEvent: (event: IocEvent) => events.push(event) }), emitter))
  assert.instance(error, RangeError)
  assert.equal([...world.things], [])
  assert.equal(world.history, ['put dev', 'remove dev'])
  assert.equal(faultsOf(events), [])
})

test.run()
