import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { IocError, type IocEvent, registerErrors, UsageError } from '@gaoler/core'
import { syncBridge } from '@gaoler/core/sync'
import { assert, suite, thrown } from '../harness.ts'
import { ToyError } from './fixtures/toy-error.ts'
import { faultsOf, line, lines } from './toys.ts'

const test = suite('core/sync')
const bridge = syncBridge<typeof import('./fixtures/sync-module.ts')>('./fixtures/sync-module.ts', import.meta.url)
registerErrors({ ToyError })

const whole = [
  'JailStart:pending',
  'JailDependantsStart:pending',
  'JailDependantsStart:skipped',
  'JailAttach:pending',
  'MountDevFS:pending',
  'MountDevFS:done',
  'JailAttach:done',
  'JailHookStart:pending',
  'JailHookStart:done',
  'JailStart:done',
]

test('collect returns the events, drain the result, of an operation and of what delegates to one', () => {
  const result: number = bridge.drain('start', [])
  assert.is(result, 42)
  assert.is(bridge.drain('opened', []), 42)
  assert.equal(lines(bridge.collect('opened', [])), whole)
})

test('events arrive while the caller blocks: revived, frozen and in order', () => {
  const live: IocEvent[] = []
  const events = bridge.collect('start', [], { onEvent: (event) => live.push(event) })
  assert.equal(live, events)
  assert.equal(faultsOf(events), [])
  assert.equal(lines(events), whole)
  assert.ok(events[4]?.is('DevFSEvent') && Object.isFrozen(events[4].payload))
  const at: number[] = []
  bridge.drain('tick', [5, 20], { onEvent: (event) => event.isFinal() && at.push(performance.now()) })
  for (let i = 1; i < 5; i++) {
    const gap = (at[i] as number) - (at[i - 1] as number)
    assert.ok(gap > 10, `${gap} ms between two ticks`)
  }
})

test("the events of the worker are published on the caller's diagnostics channel too", () => {
  const published: string[] = []
  const listener = (event: unknown) => published.push(line(event as IocEvent))
  subscribe('ioc:event', listener)
  bridge.drain('start', [])
  unsubscribe('ioc:event', listener)
  assert.equal(published, whole)
})

test('an error keeps its class, code, details, cause, suppressed and reverted', async () => {
  for (const undoFails of [false, true]) {
    const error = await thrown<ToyError>(() => bridge.drain('fail', [undoFails]))
    assert.instance(error, ToyError)
    assert.instance(error, IocError)
    assert.is(error.name, 'ToyError')
    assert.is(error.code, 'TOY')
    assert.equal(error.details, { jail: 'web', count: 3n })
    assert.is(error.message, 'web has failed 3 times')
    assert.instance(error.cause, TypeError)
    assert.is(error.reverted, !undoFails)
    assert.equal(
      error.suppressed.map((each) => each.message),
      undoFails ? ['remove failing failed'] : [],
    )
  }
  bridge.drain('forget', [])
})

test('an error of another class keeps as much of it as is known', async () => {
  const foreign = await thrown(() => bridge.drain('reject', ['foreign']))
  assert.instance(foreign, RangeError)
  const unregistered = await thrown<IocError>(() => bridge.drain('reject', ['unregistered']))
  assert.instance(unregistered, IocError)
  assert.is(unregistered.code, 'UNKNOWN_TOY')
  assert.is(unregistered.name, 'UnknownToyError')
  assert.is((await thrown(() => bridge.drain('reject', ['text']))).message, 'only text')
})

test("a stack trace has the worker's frames and then the caller's", async () => {
  const error = await thrown(function theCaller() {
    bridge.drain('fail', [false])
  })
  const { stack = '' } = error
  assert.ok(stack.startsWith('ToyError: web has failed 3 times') || stack.startsWith('Error: web'), stack)
  const [inWorker, between, inCaller] = ['failingHook', 'waits for it', 'theCaller'].map((part) => stack.indexOf(part))
  assert.ok(0 < (inWorker as number) && (inWorker as number) < (between as number), stack)
  assert.ok((between as number) < (inCaller as number), stack)
  assert.not.match(stack, 'sync/call.ts', 'without the frames of the bridge')
  const iterated = await thrown(function thePuller() {
    for (const _ of bridge.iterate('fail', [false]));
  })
  assert.match(iterated.stack ?? '', 'thePuller')
})

test('Map, Set, bigint, Date and bytes arrive as they are', () => {
  const value = { map: new Map([['a', 1n]]), set: new Set([1]), date: new Date(0), bytes: new Uint8Array([1, 2]) }
  assert.equal(bridge.drain('echo', [value]), value)
})

test('an option that cannot cross is refused by a TypeError that names it', async () => {
  const refusal = async (value: unknown): Promise<string> => {
    const error = await thrown(() => bridge.drain('echo', [value]))
    assert.instance(error, TypeError)
    return error.message
  }
  assert.match(await refusal({ hooks: { prestart: () => {} } }), 'echo: option hooks.prestart is a function')
  assert.match(await refusal({ list: [1, Symbol('x')] }), 'option list.1 is a symbol')
  assert.match(await refusal({ host: new (class Host {})() }), 'option host is an instance of Host')
  assert.match(await refusal({ map: new Map([['a', () => {}]]) }), 'option map.a is a function')
  assert.match(await refusal(() => {}), 'argument 1 is a function')
  assert.match(await refusal({ signal: new AbortController().signal }), 'option signal is an instance of AbortSignal')
  const ring: Record<string, unknown> = {}
  ring.ring = ring
  const back = bridge.drain('echo', [ring]) as typeof ring
  assert.is(back.ring, back)
  assert.instance(await thrown(() => bridge.iterate('echo', [() => {}])), TypeError, 'before the first pull')
})

test('a result or an event that cannot cross is a UsageError that names it, and the operation is undone', async () => {
  const result = await thrown(() => bridge.drain('instance', []))
  assert.instance(result, UsageError)
  assert.match(result.message, 'its made.by is an instance of URL')
  const event = await thrown(() => bridge.drain('unsendable', []))
  assert.instance(event, UsageError)
  assert.match(event.message, 'the event JailHook cannot leave the worker thread: its payload.stdout is a function')
  assert.equal(bridge.drain('things', []).includes('unsendable'), false)
})

test('a function that the module does not have, and a module that does not load, are errors and no wait', async () => {
  assert.match((await thrown(() => bridge.drain('toString' as 'things', []))).message, 'exports no function toString')
  const missing = syncBridge<Record<'x', () => void>>('./fixtures/missing.ts', import.meta.url)
  assert.match((await thrown(() => missing.drain('x', []))).message, 'missing.ts')
})

test('a worker is no more than 256 events ahead of a slow listener', () => {
  let ahead = 0
  let read = 0
  const onEvent = (): void => {
    if (++read % 500 === 0) ahead = Math.max(ahead, bridge.drain('came', []) - read)
  }
  assert.is(bridge.drain('many', [3000], { onEvent }), 3000)
  assert.is(read, 3000)
  assert.ok(ahead > 0 && ahead <= 256 + 1, `${ahead} ahead`)
})

test('a call inside onEvent works: the outer events wait for it and keep their order', () => {
  const seen: string[] = []
  const events = bridge.collect('start', [], {
    onEvent: (event) => {
      seen.push(line(event))
      if (line(event) === 'JailAttach:pending') assert.is(bridge.drain('start', []), 42)
    },
  })
  assert.equal(seen, whole)
  assert.equal(lines(events), whole)
})

test('iterate goes on only when it is pulled, and returns the result', () => {
  bridge.drain('forget', [])
  const iterator = bridge.iterate('start', [])
  assert.equal(bridge.drain('things', []), [], 'nothing before the first pull')
  const seen: string[] = []
  for (;;) {
    const next = iterator.next()
    if (next.done) {
      assert.is(next.value, 42)
      break
    }
    seen.push(line(next.value))
    if (line(next.value) === 'JailAttach:pending') assert.equal(bridge.drain('things', []), [])
    if (line(next.value) === 'MountDevFS:pending') assert.equal(bridge.drain('things', []), ['outer'])
  }
  assert.equal(seen, whole)
  bridge.drain('forget', [])
})

test('two iterations may go side by side', () => {
  const [one, two] = [bridge.iterate('start', []), bridge.iterate('start', [])]
  for (const expected of whole) {
    assert.is(line(one.next().value as IocEvent), expected)
    assert.is(line(two.next().value as IocEvent), expected)
  }
  assert.is(one.next().value, 42)
  assert.is(two.next().value, 42)
  bridge.drain('forget', [])
})

test('the worker does not keep the process alive, and can be disposed of and used again', () => {
  bridge.warm()
  bridge[Symbol.dispose]()
  bridge[Symbol.dispose]()
  assert.is(bridge.drain('start', []), 42)
  bridge.drain('forget', [])
})

test.run()
