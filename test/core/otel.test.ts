import { drain, type IocEvent, type Operation, operation } from '@gaoler/core'
import { type TraceOptions, traceOperations } from '@gaoler/core/otel'
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { assert, suite, thrown } from '../harness.ts'
import { toyWorld, turn } from './toys.ts'

const test = suite('core/otel')

const exporter = new InMemorySpanExporter()
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
const tracer = provider.getTracer('test')

test.before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
test.after(() => context.disable())

/** The spans of what `body` does, in the order of their ends. */
async function spans(body: () => unknown, options: TraceOptions = {}): Promise<ReadableSpan[]> {
  exporter.reset()
  const tracing = traceOperations({ tracer, ...options })
  try {
    await body()
  } finally {
    tracing.stop()
  }
  return exporter.getFinishedSpans()
}

/** `JailStart > JailAttach` for each span. */
function paths(finished: readonly ReadableSpan[]): string[] {
  const path = (span: ReadableSpan): string => {
    const parent = finished.find((each) => each.spanContext().spanId === span.parentSpanContext?.spanId)
    return parent ? `${path(parent)} > ${span.name}` : span.name
  }
  return finished.map(path)
}

const find = (finished: readonly ReadableSpan[], name: string, rollback?: true): ReadableSpan => {
  const span = finished.find((each) => each.name === name && each.attributes['ioc.rollback'] === rollback)
  if (!span) throw new Error(`no span ${name}`)
  return span
}

const startWeb = (): Operation<void> =>
  operation(
    'JailStart',
    async function* (s) {
      yield* s.step('JailAttach', () => {})
      yield* s.step('JailDependantsStart', () => {}, { unless: 'none' })
      yield* s.all([
        operation('JailClone', () => turn(), { identifier: 'a' }),
        operation('JailClone', () => {}, { identifier: 'b' }),
      ])
    },
    { identifier: 'web' },
  )

test('spans are nested as the events are', async () => {
  const finished = await spans(() => drain(startWeb()))
  assert.equal(paths(finished).sort(), [
    'JailStart',
    'JailStart > JailAttach',
    'JailStart > JailClone',
    'JailStart > JailClone',
    'JailStart > JailDependantsStart',
  ])
  assert.is(find(finished, 'JailStart').attributes['ioc.identifier'], 'web')
  assert.is(find(finished, 'JailDependantsStart').attributes['ioc.state'], 'skipped')
  assert.is(find(finished, 'JailDependantsStart').attributes['ioc.message'], 'none')
  assert.is(find(finished, 'JailStart').status.code, SpanStatusCode.UNSET)
})

test('a span begins and ends with its event', async () => {
  let last: IocEvent | undefined
  const body = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  const [span] = await spans(() => drain(operation('JailStart', body, { onEvent: (event) => (last = event) })))
  assert.is((span?.startTime[0] ?? 0) * 1000 + Math.round((span?.startTime[1] ?? 0) / 1e6), last?.startedAt)
  const milliseconds = (span?.duration[0] ?? 0) * 1000 + (span?.duration[1] ?? 0) / 1e6
  assert.ok(Math.abs(milliseconds - (last?.duration ?? 0)) < 1)
})

test('an operation is a child of the span that is active where it is iterated', async () => {
  const finished = await spans(() =>
    tracer.startActiveSpan('request', async (span) => {
      await drain(startWeb())
      span.end()
    }),
  )
  assert.ok(paths(finished).includes('request > JailStart > JailAttach'))
})

test('a failure sets the status of every span on its way, and the exception is recorded once', async () => {
  const finished = await spans(() =>
    thrown(() =>
      drain(
        operation('JailStart', async function* (s) {
          yield* s.step('JailAttach', () => {
            throw new RangeError('too many jails')
          })
        }),
      ),
    ),
  )
  for (const name of ['JailAttach', 'JailStart'] as const) {
    const span = find(finished, name)
    assert.equal(span.status, { code: SpanStatusCode.ERROR, message: 'too many jails' })
    assert.is(span.attributes['error.type'], 'UNEXPECTED')
  }
  const exceptions = finished.flatMap((span) => span.events.map((event) => `${span.name} ${event.name}`))
  assert.equal(exceptions, ['JailAttach exception'])
  assert.is(find(finished, 'JailStart').attributes['ioc.reverted'], true)
})

test('an undo is a span inside the one that failed, linked to the span that it undoes', async () => {
  const world = toyWorld()
  const finished = await spans(() =>
    thrown(() =>
      drain(
        world.run(async function* (s) {
          yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
          throw new Error('no')
        }),
      ),
    ),
  )
  const done = find(finished, 'JailAttach')
  const undo = find(finished, 'JailAttach', true)
  assert.is(undo.parentSpanContext?.spanId, find(finished, 'JailStart').spanContext().spanId)
  assert.is(undo.attributes['ioc.undoes'], done.attributes['ioc.id'])
  assert.is(undo.links[0]?.context.spanId, done.spanContext().spanId)
  assert.is(undo.status.code, SpanStatusCode.UNSET)
})

test('a consumer that leaves has its spans ended, those of the undo too', async () => {
  const world = toyWorld()
  const finished = await spans(async () => {
    const running = world.run(async function* (s) {
      yield* s.step('JailAttach', (t) => t.host.put({ thing: 'a' }))
      yield* s.step('JailNetworkSetup', () => {})
    })
    for await (const event of running) if (event.type === 'JailNetworkSetup') break
  })
  assert.is(finished.length, 4)
  assert.is(find(finished, 'JailStart').attributes['error.type'], 'OPERATION_CANCELLED')
})

test('what to follow and what to say of it can be chosen', async () => {
  const finished = await spans(
    async () => {
      await drain(startWeb())
      await drain(operation('JailStop', () => {}))
    },
    { filter: (event) => event.is('JailStop'), attributes: (event) => ({ 'jail.seq': event.seq }) },
  )
  assert.equal(
    finished.map((span) => [span.name, span.attributes['jail.seq']]),
    [['JailStop', 2]],
  )
})

test('without a tracer the global provider makes the spans', async () => {
  exporter.reset()
  trace.setGlobalTracerProvider(provider)
  try {
    using _ = traceOperations()
    await drain(operation('JailStop', () => {}))
  } finally {
    trace.disable()
  }
  const [span] = exporter.getFinishedSpans()
  assert.is(span?.instrumentationScope.name, '@gaoler/core')
})

test('stopping ends the spans of what still runs, and then nothing is followed', async () => {
  exporter.reset()
  const tracing = traceOperations({ tracer })
  const running = startWeb()
  await running.next()
  await running.next()
  tracing.stop()
  assert.equal(
    exporter.getFinishedSpans().map((span) => span.name),
    ['JailAttach', 'JailStart'],
  )
  await drain(running)
  assert.is(exporter.getFinishedSpans().length, 2)
})

test.run()
