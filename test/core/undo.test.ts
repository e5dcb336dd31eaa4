import { mock } from 'node:test'
import { defineEffects, drain, type IocError, type IocEvent, operation } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, hang, lines, sleep, toyWorld } from './toys.ts'

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

test('what follows an effect in memory is told once, after its undo, also where that fails and its operation is nested', async () => {
  for (const fault of [false, true]) {
    const world = toyWorld()
    if (fault) world.faults.add('remove a')
    const told: string[] = []
    await world.live(async function* (s) {
      yield* s.step('JailAttach', async function* (t) {
        yield* t.step('MountDevFS', async (u) => {
          u.onUndone(() => told.push('of nothing'))
          await u.host.put({ thing: 'a' })
          u.onUndone(() => told.push(world.things.has('a') ? 'there' : 'gone'))
        })
      })
      throw new Error('later')
    })
    assert.equal(told, [fault ? 'there' : 'gone'])
  }
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

test('an undo is an event of the reverted type, with its identifier and its last payload', async () => {
  const world = toyWorld()
  const { seen } = await world.live(async function* (s) {
    yield* s.step(
      'JailAttach',
      async (t) => {
        await t.host.put({ thing: 'a' })
        t.set({ jid: 7 })
      },
      { identifier: 'db', payload: { jid: 0 } },
    )
    throw new Error('no')
  })
  const [undo] = seen.filter((event) => event.rollback)
  assert.is(undo?.type, 'JailAttach')
  assert.is(undo?.identifier, 'db')
  assert.equal(undo?.payload, { jid: 7 })
  assert.is(undo?.undoes, seen.find((event) => event.type === 'JailAttach')?.id)
  assert.is.not(undo?.id, undo?.undoes)
  assert.is(undo?.parent, seen[0]?.id)
  assert.ok(seen.every((event) => event.rollback === (event.undoes !== null)))
})

test('an undo may report, and its failure is the error of its event', async () => {
  const effects = defineEffects({
    put: { run: (_: object) => {}, undo: () => ['take', {}] },
    take: {
      run: async (_: object, { progress, output }) => {
        progress(1, 2)
        await output('taking')
        throw new RangeError('stuck')
      },
      undo: null,
    },
  })
  const seen: IocEvent[] = []
  const failing = operation(
    'JailStart',
    async (s) => {
      await s.host.put({})
      throw new Error('no')
    },
    { effects, onEvent: (event) => seen.push(event) },
  )
  await thrown(() => drain(failing))
  assert.equal(lines(seen).slice(1), [
    'undo JailStart:pending',
    'undo JailStart:progress',
    'undo JailStart:progress',
    'undo JailStart:failed',
    'JailStart:failed',
  ])
  assert.is(seen[4]?.error?.message, 'stuck')
  assert.equal(faultsOf(seen), [])
})

test('undoing goes on when it is cancelled in the middle, and whoever leaves waits for it', async () => {
  for (const way of ['abort', 'return', 'break'] as const) {
    const controller = new AbortController()
    const signals: boolean[] = []
    const things = new Set<number>()
    const effects = defineEffects({
      put: { run: ({ thing }: { thing: number }) => void things.add(thing), undo: ({ thing }) => ['take', { thing }] },
      take: {
        run: async ({ thing }: { thing: number }, { signal }) => {
          await sleep(1)
          signals.push(signal.aborted)
          things.delete(thing)
        },
        undo: null,
      },
    })
    const seen: IocEvent[] = []
    const failing = operation(
      'JailStart',
      async function* (s) {
        for (const thing of [1, 2, 3]) yield* s.step('JailAttach', (t) => t.host.put({ thing }))
        throw new Error('no')
      },
      { effects, signal: controller.signal, onEvent: (event) => seen.push(event) },
    )
    const leave = async () => {
      for await (const event of failing) {
        if (!event.rollback) continue
        if (way === 'abort') controller.abort()
        if (way === 'return') await failing.return()
        if (way === 'break') break
      }
    }
    const error = await leave().catch((thrown) => thrown)
    assert.is(error?.message, way === 'abort' ? 'no' : undefined, 'the failure came first; who leaves is not told')
    assert.equal([...things], [], way)
    assert.equal(signals, [false, false, false], way)
    assert.equal(faultsOf(seen), [])
  }
})

test('an undo that hangs is told to stop after a minute, is waited for, and does not shorten the next', async () => {
  const told: string[] = []
  const effects = defineEffects({
    put: { run: (_: { thing: string }) => {}, undo: ({ thing }) => ['take', { thing }] },
    take: {
      run: async ({ thing }: { thing: string }, { signal }) => {
        if (thing === 'quick') told.push(`${thing} ${signal.aborted}`)
        else
          await hang(signal).catch((reason) => {
            told.push(`${thing} ${reason.name}`)
            throw reason
          })
      },
      undo: null,
    },
  })
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const failing = operation(
      'JailStart',
      async (s) => {
        for (const thing of ['quick', 'slow']) await s.host.put({ thing })
        throw new Error('no')
      },
      { effects },
    )
    const failed = thrown<IocError>(() => drain(failing))
    const turns = async () => {
      for (let turn = 0; turn < 100; turn++) await undefined
    }
    await turns()
    mock.timers.tick(59_999)
    await turns()
    assert.equal(told, [])
    mock.timers.tick(1)
    const error = await failed
    assert.equal(told, ['slow TimeoutError', 'quick false'])
    assert.is(error.reverted, false)
    assert.match(error.suppressed[0]?.message ?? '', 'take takes too long')
  } finally {
    mock.timers.reset()
  }
})

test('undoing leaves no timer behind', async () => {
  const before = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const world = toyWorld()
  for (let n = 0; n < 10; n++) {
    await world.live(async (s) => {
      await s.host.put({ thing: 'a' })
      throw new Error('no')
    })
  }
  assert.is(process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length, before)
})

test('what a step has done is undone by its parent from its done on, and by nobody after the last done', async () => {
  const world = toyWorld()
  for await (const event of world.run(async function* (s) {
    yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
    yield* s.step('MountDevFS', (t) => t.host.put({ thing: 'b' }))
  }))
    if (event.type === 'JailAttach' && event.state === 'done') break
  assert.equal(world.history, ['put a', 'remove a'])
  for await (const event of world.run((s) => s.host.put({ thing: 'c' }))) if (event.state === 'done') break
  assert.equal([...world.things], ['c'])
})

test.run()
