import { drain, OperationCancelled } from '@gaoler/core'
import { JailGenerator, Jails, ResourceLocked } from '@gaoler/jail'
import type { JailWorld } from '../conformance/jail-bench.ts'
import { assert, suite, thrown } from '../harness.ts'
import { embeddedWorld } from './embedded-world.ts'

// Many operations at once that need one jail, and do not change it.
const test = suite('jail/concurrent')
let world: JailWorld
let base: JailGenerator

test.before(async () => {
  world = await embeddedWorld()
  base = new JailGenerator('base', { host: world.host })
  await drain(base.create(world.release, { properties: { template: 'yes' } }))
})
test.after(() => world.close())

const names = (): string[] => Array.from(new Jails('w*', { host: world.host }), ({ name }) => name).sort()
const wanted = Array.from({ length: 8 }, (_, index) => `w${index}`)

/** All of them from the template, four at a time. */
const fromTemplate = (signal?: AbortSignal, onCreated: () => void = () => {}): Promise<void> =>
  drain(
    world.host.operation(
      'JailEvent',
      async function* (s) {
        const jails = wanted.map((name) => new JailGenerator(name, { host: world.host }))
        yield* s.all(
          jails.map((jail) => jail.create(base)),
          { concurrency: 4 },
        )
      },
      {
        signal,
        onEvent: ({ type, state, rollback }) => {
          if (type === 'JailCreate' && state === 'done' && !rollback) onCreated()
        },
      },
    ),
  )

test('cancelling in the middle of many takes back those that were finished too', async () => {
  const controller = new AbortController()
  let created = 0
  const many = fromTemplate(controller.signal, () => {
    if (++created === 3) controller.abort()
  })
  const error = await thrown<OperationCancelled>(() => many)
  assert.instance(error, OperationCancelled)
  assert.ok(error.reverted)
  assert.ok(created >= 3)
  assert.equal(names(), [])
  const left = world.host.zfs.listSync({ root: base.datasetName, types: ['snapshot'] })
  assert.equal(left, [], 'no snapshot of the template is left')
})

test('many jails are made from one template at once', async () => {
  await fromTemplate()
  assert.equal(names(), wanted)
  assert.instance(await thrown(() => drain(base.destroy())), Error)
  for (const name of wanted) await drain(new JailGenerator(name, { host: world.host }).destroy())
})

test('a jail that is being copied is changed by nobody', async () => {
  const copy = new JailGenerator('wcopy', { host: world.host })
  const copying = copy.cloneFromJail(base)
  for await (const event of copying) {
    if (!event.is('ZFSSnapshotClone') || event.state !== 'done') continue
    const refused = await thrown(() => drain(base.rename('other')))
    assert.instance(refused, ResourceLocked)
    assert.match(
      refused.message,
      `${base.datasetName} is locked by this process itself (clone of jail base): await that`,
    )
    assert.instance(await thrown(() => drain(base.destroy())), ResourceLocked)
    break
  }
  assert.equal(names(), [])
  assert.ok(base.exists)
})

test.run()
