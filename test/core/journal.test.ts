import { collect, defineEffects, drain, type Intent, type Journal, operation } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'

const test = suite('core/journal')

/** Writes down what the operation does, and what its journal is told, in one order. */
function toys(): { told: string[]; effects: ReturnType<typeof tableOf>; journal: () => Journal } {
  const told: string[] = []
  const names = new Map<string, string>()
  const journal: Journal = {
    using: (resource) => told.push(`using ${(resource as { name?: string }).name}`),
    intend: async ({ mark, effect, inverse, completion }: Intent) => {
      names.set(mark, effect)
      told.push(`intend ${effect}, ${inverse ? `undone by ${inverse[0]}` : `completed by ${completion?.verb}`}`)
    },
    done: (mark) => told.push(`done ${names.get(mark)}`),
    undone: (mark) => told.push(`undone ${names.get(mark)}`),
    end: () => told.push('end'),
  }
  return { told, effects: tableOf(told), journal: () => journal }
}

const tableOf = (told: string[]) =>
  defineEffects({
    make: {
      run: (_: { name: string; key?: string }, { mark }) => void told.push(`make${mark ? '' : ' without a mark'}`),
      undo: ({ name }: { name: string }, mark: string) => ['unmake', { name, mark }],
      plan: ({ name }: { name: string }, world: string[]) => void world.push(name),
      secrets: ['key'],
    },
    unmake: { run: (_: { name: string; mark?: string }) => void told.push('unmake'), undo: null },
    refuse: {
      run: (_: object) => {
        throw new Error('refused')
      },
      undo: () => ['unmake', { name: 'x' }],
    },
    look: { run: (_: object) => void told.push('look'), undo: null, query: true },
  })

test('an intent is written before its effect runs, and the journal ends before what was used is given back', async () => {
  const { told, effects, journal } = toys()
  const lock = { name: 'lock', [Symbol.dispose]: () => void told.push('given back') }
  await drain(
    operation(
      'JailCreate',
      async function* (s) {
        s.use(lock)
        await s.host.look({})
        yield* s.step('JailSkeleton', (t) => t.host.make({ name: 'a' }))
      },
      { effects, journal },
    ),
  )
  assert.equal(told, ['using lock', 'look', 'intend make, undone by unmake', 'make', 'end', 'given back'])
})

test('a failure crosses out what is undone and what has done nothing, the journal of the outermost operation', async () => {
  const { told, effects, journal } = toys()
  const inner = operation('JailStart', (s) => s.host.refuse({}), {
    effects,
    journal: () => assert.unreachable() as never,
  })
  await thrown(() =>
    drain(
      operation(
        'JailCreate',
        async function* (s) {
          yield* s.step('JailSkeleton', (t) => t.host.make({ name: 'a' }))
          yield* s.run(inner)
        },
        { effects, journal },
      ),
    ),
  )
  assert.equal(told, [
    'intend make, undone by unmake',
    'make',
    'intend refuse, undone by unmake',
    'undone refuse',
    'unmake',
    'undone make',
    'end',
  ])
})

test('what has no inverse is written only where the operation can be completed', async () => {
  const { told, effects, journal } = toys()
  const remove = (completion?: () => { verb: string; args: object }) =>
    drain(operation('JailDestroy', (s) => s.host.unmake({ name: 'a' }), { effects, journal, completion }))
  await remove()
  assert.equal(told.splice(0), ['unmake', 'end'])
  await remove(() => ({ verb: 'destroy', args: {} }))
  assert.equal(told, ['intend unmake, completed by destroy', 'unmake', 'done unmake', 'end'])
})

test('what may outlive its process is written in any case, and so is its end', async () => {
  const { told, effects, journal } = toys()
  const table = { ...effects, unmake: { ...effects.unmake, outlives: true } } as const
  await drain(operation('JailStart', (s) => s.host.unmake({ name: 'a' }), { effects: table, journal }))
  assert.equal(told, ['intend unmake, completed by undefined', 'unmake', 'done unmake', 'end'])
})

test('a journal that is given, and not opened, is that of the operation also in another one, with its own completion', async () => {
  const [outer, inner] = [toys(), toys()]
  const completion = (verb: string) => () => ({ verb, args: {} })
  const nested = operation('HostRecover', (s) => s.host.unmake({ name: 'a' }), {
    effects: inner.effects,
    journal: inner.journal(),
    completion: completion('inner'),
  })
  const { effects, journal } = outer
  await drain(operation('JailStart', (s) => s.run(nested), { effects, journal, completion: completion('outer') }))
  assert.equal(inner.told, ['intend unmake, completed by inner', 'unmake', 'done unmake', 'end'])
  assert.equal(outer.told, ['end'])
})

test('an effect whose intent cannot be written does not run', async () => {
  const { told, effects, journal } = toys()
  const full: Journal = { ...journal(), intend: () => Promise.reject(new Error('no space left')) }
  const error = await thrown<Error>(() =>
    drain(operation('JailCreate', (s) => s.host.make({ name: 'a' }), { effects, journal: () => full })),
  )
  assert.match(error.message, /no space left/)
  assert.not.ok(told.includes('make'))
})

test('a plan runs queries, and of everything else only its plan; no journal, no secrets', async () => {
  const { told, effects, journal } = toys()
  const world: string[] = []
  const events = await collect(
    operation(
      'JailCreate',
      async (s) => {
        await s.host.look({})
        await s.host.make({ name: 'a', key: 'hidden' })
        await s.host.refuse({})
      },
      { effects, journal, plan: true, world },
    ),
  )
  assert.equal(told, ['look'])
  assert.equal(world, ['a'])
  assert.ok(events.every(({ planned }) => planned))
  assert.equal(
    events.flatMap(({ payload }) => payload.effect ?? []),
    [
      { name: 'make', args: { name: 'a', key: '(secret)' } },
      { name: 'refuse', args: {} },
    ],
  )
})

test.run()
