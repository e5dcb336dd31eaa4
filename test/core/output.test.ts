import type { CommandPayload, IocEvent } from '@gaoler/core'
import { assert, suite } from '../harness.ts'
import { faultsOf, hang, lines, sleep, toyWorld } from './toys.ts'

const test = suite('core/output')

const textOf = (events: readonly IocEvent[]): string =>
  events.map((event) => (event.payload as CommandPayload).chunk?.text ?? '').join('')

test('progress does not wait for the consumer, which then gets only the newest', async () => {
  const world = toyWorld()
  const operation = world.run((s) => {
    for (let at = 1; at <= 1000; at++) s.progress(at, 1000, 'bytes')
  })
  await operation.next()
  const { value } = await operation.next()
  assert.equal((value as IocEvent).progress, { current: 1000, total: 1000, unit: 'bytes' })
  assert.is(((await operation.next()).value as IocEvent).state, 'done')
  await operation.return()
})

test('data that is set between two reports of progress does not keep the older one', async () => {
  const { pulled } = await toyWorld().live((s) => {
    for (let at = 1; at <= 1000; at++) {
      s.set({ at })
      s.progress(at)
    }
  })
  assert.equal(lines(pulled), ['JailStart:pending', 'JailStart:progress', 'JailStart:done'])
  assert.equal(pulled[1]?.payload, { at: 1000 })
})

test('progress before and after output keeps its place among it', async () => {
  const { pulled } = await toyWorld().live(async (s) => {
    s.progress(1)
    s.progress(2)
    void s.output('a')
    s.progress(3)
    s.progress(4)
    void s.output('b')
  })
  const seen = pulled
    .slice(1, -1)
    .map((event) => (event.payload as CommandPayload).chunk?.text ?? event.progress?.current)
  assert.equal(seen, [2, 'a', 4, 'b'])
})

test('what a leaf reports at once is seen while it still runs', async () => {
  const world = toyWorld()
  const operation = world.run(async (s) => {
    s.progress(1)
    await s.output('x'.repeat(100_000))
    await hang(s.signal)
  })
  await operation.next()
  assert.is(((await operation.next()).value as IocEvent).progress?.current, 1)
  assert.is(textOf([(await operation.next()).value as IocEvent]).length, 100_000)
  await operation.return()
})

test('a consumer that is slow slows a producer that awaits its output, and nothing is lost', async () => {
  const world = toyWorld()
  const word = 'x'.repeat(1024)
  let written = 0
  const operation = world.run(async (s) => {
    for (; written < 200; written++) await s.output(word)
  })
  await operation.next()
  const first = await operation.next()
  await sleep(5)
  assert.is(written, 64, '64 KiB wait, no more')
  let text = textOf([first.value as IocEvent])
  let pulls = 1
  for await (const event of operation) {
    text += textOf([event])
    assert.ok(written - ++pulls <= 65, 'the producer is never further ahead')
  }
  assert.is(text.length, 200 * 1024)
})

test('a producer goes on when less than 64 KiB wait, and not when some of it was taken', async () => {
  const world = toyWorld()
  let went = false
  const operation = world.run(async (s) => {
    const written = [1, 2, 3, 4].map(() => s.output('x'.repeat(40_000)))
    await written.at(-1)
    went = true
  })
  const steps: boolean[] = []
  for await (const _ of operation) {
    await sleep(1)
    steps.push(went)
  }
  assert.equal(steps, [false, false, false, true, true, true])
})

test('output that nobody awaits is not lost either', async () => {
  const { pulled } = await toyWorld().live(async (s) => {
    for (let at = 0; at < 300; at++) void s.output(`${at} ${'x'.repeat(1000)}\n`, at % 2 ? 'stderr' : 'stdout')
  })
  assert.is(textOf(pulled).split('\n').length, 301)
  assert.equal(faultsOf(pulled), [])
})

test('a payload that has a chunk of its own is neither output nor room for it', async () => {
  const world = toyWorld()
  let written = 0
  const operation = world.run(async (s) => {
    s.set({ chunk: { stream: 'stdout', text: 'y'.repeat(1 << 20) } })
    s.progress(1)
    await sleep(1)
    for (; written < 200; written++) await s.output('x'.repeat(1024))
  })
  await operation.next()
  await operation.next()
  await operation.next()
  await sleep(5)
  assert.is(written, 64)
  await operation.return()
})

test('output of an effect is delivered too, and output of an operation that was left still reaches onEvent', async () => {
  const world = toyWorld()
  const { pulled } = await world.live((s) => s.host.say({ words: ['a', 'b', '', 'c'] }))
  assert.is(textOf(pulled), 'abc')
  const seen: IocEvent[] = []
  const left = world.run(
    async (s) => {
      await sleep(2)
      await s.output('late')
    },
    { onEvent: (event) => seen.push(event) },
  )
  await left.next()
  const pending = left.next()
  pending.catch(() => {})
  await left.return()
  assert.is(textOf(seen), 'late')
})

test.run()
