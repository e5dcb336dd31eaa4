import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { type IocEvent, operation, RecordingDamaged, record, replay, toLine } from '@gaoler/core'
import { assert, suite, thrown } from '../harness.ts'
import { faultsOf, lines, toyWorld, turn } from './toys.ts'

const test = suite('core/record')

const directory = mkdtempSync(join(tmpdir(), 'gaoler-record-'))
test.after(() => rmSync(directory, { recursive: true }))

async function all(events: AsyncIterable<IocEvent>): Promise<IocEvent[]> {
  const got: IocEvent[] = []
  for await (const event of events) got.push(event)
  return got
}

/** An operation with all that an event can carry. */
function lively() {
  const { run } = toyWorld()
  return run(async function* (s) {
    yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }), { payload: { jid: 3 }, identifier: 'web — ✓' })
    yield* s.step('JailHookStart', (t) => t.host.say({ words: ['one\n', 'two\u2028'] }))
    yield* s.step('JailNetworkSetup', () => {}, { unless: 'no network' })
    yield* s.step('JailClone', async (t) => {
      t.progress(1, 2, 'files')
      await turn()
    })
    throw new RangeError('far')
  })
}

/** The events of `lively`, and what was written of it. */
async function recorded(): Promise<{ events: IocEvent[]; text: string }> {
  let text = ''
  const events: IocEvent[] = []
  await thrown(async () => {
    for await (const event of record(lively(), { write: (line) => (text += line) })) events.push(event)
  })
  return { events, text }
}

/** Compares also what `assert.equal` does not: prototypes, frozen parts, and text. */
function same(actual: readonly IocEvent[], expected: readonly IocEvent[]): void {
  assert.equal(
    actual.map((event) => `${event}`),
    expected.map((event) => `${event}`),
  )
  assert.equal(actual.map(toLine), expected.map(toLine))
  for (const event of actual) {
    assert.ok(event.is('IocEvent') && Object.isFrozen(event) && Object.isFrozen(event.payload))
    assert.ok(event.progress === null || Object.isFrozen(event.progress))
  }
}

test('a recording reads back into the same events, through a file', async () => {
  const path = join(directory, 'start.ndjson')
  const file = createWriteStream(path)
  const events: IocEvent[] = []
  const error = await thrown(async () => {
    for await (const event of record(lively(), file)) events.push(event)
  })
  assert.is(error.message, 'far')
  file.end()
  await finished(file)
  assert.ok(events.some((event) => event.rollback))
  same(await all(replay(await open(path))), events)
  same(await all(replay(createInterface({ input: createReadStream(path) }))), events)
  same(await all(replay(createReadStream(path, { encoding: 'utf8', highWaterMark: 7 }))), events)
})

test('lines may come with and without their ends, in any pieces, with blank lines between', async () => {
  const { events, text } = await recorded()
  const split = text.trimEnd().split('\n')
  same(await all(replay([text])), events)
  same(await all(replay([...text])), events)
  same(await all(replay(split)), events)
  same(await all(replay(split.map((line) => `${line}\r\n\n`))), events)
  same(await all(replay([])), [])
})

test('a broken line is an error with its number, after the events before it', async () => {
  const { events, text } = await recorded()
  const good = text.trimEnd().split('\n')
  const broken: [string, RegExp][] = [
    [(good[2] as string).slice(0, 20), /JSON|Unterminated|Expected/],
    ['null', /not an object/],
    ['[]', /not an object/],
    ['{"id":"a.1"}', /no seq/],
    [(good[1] as string).replace('"state":"pending"', '"state":"begun"'), /its state is "begun"/],
    [(good[1] as string).replace('"depth":1', '"depth":-1'), /its depth is -1/],
  ]
  for (const [line, reason] of broken) {
    const seen: IocEvent[] = []
    const error = await thrown<RecordingDamaged>(async () => {
      for await (const event of replay([`${good[0]}\n${good[1]}\n`, `${line}\n`, `${good[3]}\n`])) seen.push(event)
    })
    assert.instance(error, RecordingDamaged)
    assert.is(error.details.line, 3)
    assert.match(error.message, reason)
    same(seen, events.slice(0, 2))
  }
})

test('the undo after leaving is recorded too, once', async () => {
  const world = toyWorld()
  let text = ''
  const running = world.run(async function* (s) {
    yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
    yield* s.step('JailNetworkSetup', () => {})
  })
  for await (const event of record(running, { write: (line) => (text += line) })) {
    if (event.type === 'JailNetworkSetup') break
  }
  const events = await all(replay([text]))
  assert.equal(faultsOf(events), [])
  assert.equal(lines(events).slice(-4), [
    'JailNetworkSetup:failed',
    'undo JailAttach:pending',
    'undo JailAttach:done',
    'JailStart:failed',
  ])
})

test('a sink that is full slows the operation, and one that throws ends it', async () => {
  const waiting: (() => void)[] = []
  const slow = record(lively(), {
    write: () => false,
    once: (name, go) => name === 'drain' && waiting.push(go),
  })
  let arrived = false
  const first = slow.next().then(() => (arrived = true))
  await turn()
  assert.is(arrived, false)
  waiting.shift()?.()
  await first
  await slow.return(undefined as never)

  const world = toyWorld()
  let written = 0
  const error = await thrown(() =>
    all(
      record(
        world.run(async function* (s) {
          yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
        }),
        {
          write: () => {
            if (++written === 3) throw new Error('the disk is full')
          },
        },
      ),
    ),
  )
  assert.is(error.message, 'the disk is full')
  assert.is(world.things.size, 0)
})

test('a bigint in a payload does not stop the recording', () => {
  const [event] = [{ payload: { size: 1n } }] as unknown as [IocEvent]
  assert.is(toLine(event), '{"payload":{"size":"1"}}\n')
})

test('with a speed the events come when they came', async () => {
  let text = ''
  const body = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, 60)
    })
  await all(record(operation('JailStart', body), { write: (line) => (text += line) }))
  const took = async (speed?: number): Promise<number> => {
    const started = performance.now()
    await all(replay([text], { speed }))
    return performance.now() - started
  }
  assert.ok((await took(1)) >= 55)
  const twice = await took(2)
  assert.ok(twice >= 25)
  assert.ok((await took()) < 25)
  await thrown(() => replay([text], { speed: 0 }))
})

test('a replay that waits is left at once, and cancelled by its signal', async () => {
  const { events, text } = await recorded()
  const last = JSON.stringify({ ...events.at(-1), duration: 3_600_000 })
  const slow = replay([text, `${last}\n`], { speed: 1 })
  for (let at = 0; at < events.length; at++) await slow.next()
  const pending = slow.next()
  await slow.return()
  assert.is((await pending).done, true)

  const abort = new AbortController()
  const signalled = replay([text, `${last}\n`], { speed: 1, signal: abort.signal })
  setTimeout(() => abort.abort(new Error('enough')), 30)
  const error = await thrown(() => all(signalled))
  assert.is(error.message, 'replay was cancelled: enough')
})

test.run()
