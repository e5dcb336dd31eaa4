import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import {
  type Attributes,
  context,
  type Link,
  type Span,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { IocEvent } from './event.ts'

/** What `traceOperations` takes. */
export interface TraceOptions {
  /** Makes the spans; default: the tracer `@gaoler/core` of the global provider. */
  readonly tracer?: Tracer
  /** Which operations are followed, asked once for each by its first event; default: all. */
  readonly filter?: (event: IocEvent) => boolean
  /** More attributes of a span, asked for at its end. Payloads are left out by default: they may hold secrets and output. */
  readonly attributes?: (event: IocEvent) => Attributes
}

/** A run as its spans: those that are open, and the contexts of all, so that an undo can link to what it undoes. */
interface Run {
  readonly open: Map<string, { readonly span: Span; failure?: string }>
  readonly contexts: Map<string, SpanContext>
}

/**
 * Makes an OpenTelemetry span of each event of each operation in this process, nested as the events are; an operation's own
 * span is a child of the one that is active where it is iterated. Returns the way to stop that.
 *
 * A failed event sets its span's status and `error.type`; the exception is recorded where it came from and not again in
 * each parent. An undo is a span with `ioc.rollback`, inside the span that failed, and with a link to the undone.
 */
export function traceOperations(options: TraceOptions = {}): Disposable & { stop(): void } {
  const { tracer = trace.getTracer('@gaoler/core'), filter = () => true, attributes = () => ({}) } = options
  const runs = new Map<string, Run>()

  const begin = (run: Run, event: IocEvent): void => {
    const parent = event.parent === null ? undefined : run.open.get(event.parent)?.span
    const undone = event.undoes === null ? undefined : run.contexts.get(event.undoes)
    const links: Link[] = undone ? [{ context: undone }] : []
    const span = tracer.startSpan(
      event.type,
      {
        startTime: event.startedAt,
        links,
        attributes: {
          'ioc.id': event.id,
          ...(event.identifier === null ? {} : { 'ioc.identifier': event.identifier }),
          ...(event.rollback ? { 'ioc.rollback': true, 'ioc.undoes': event.undoes as string } : {}),
        },
      },
      parent ? trace.setSpan(context.active(), parent) : context.active(),
    )
    run.open.set(event.id, { span })
    run.contexts.set(event.id, span.spanContext())
  }

  const end = (run: Run, event: IocEvent): void => {
    const entry = run.open.get(event.id)
    if (!entry) return
    const { span, failure } = entry
    const at = event.startedAt + (event.duration ?? 0)
    run.open.delete(event.id)
    span.setAttributes({
      'ioc.state': event.state,
      ...(event.message === null ? {} : { 'ioc.message': event.message }),
      ...attributes(event),
    })
    if (event.error) {
      const { code, name, message, stack, reverted } = event.error
      span.setStatus({ code: SpanStatusCode.ERROR, message })
      span.setAttribute('error.type', code)
      if (reverted !== undefined) span.setAttribute('ioc.reverted', reverted)
      const mark = `${code} ${message} ${stack}`
      if (failure !== mark) span.recordException({ name, code, message, stack }, at)
      const parent = event.parent === null ? undefined : run.open.get(event.parent)
      if (parent) parent.failure = mark
    }
    span.end(at)
  }

  const listen = (message: unknown): void => {
    const event = message as IocEvent
    const id = event.id.slice(0, event.id.indexOf('.'))
    if (event.depth === 0 && event.state === 'pending' && filter(event)) {
      runs.set(id, { open: new Map(), contexts: new Map() })
    }
    const run = runs.get(id)
    if (!run) return
    if (event.state === 'pending') begin(run, event)
    else if (event.isFinal()) end(run, event)
    if (event.depth === 0 && event.isFinal()) runs.delete(id)
  }

  subscribe('ioc:event', listen)
  const stop = (): void => {
    unsubscribe('ioc:event', listen)
    // What still runs would never end its spans: they are ended here, without a state.
    for (const { open } of runs.values()) for (const { span } of [...open.values()].reverse()) span.end()
    runs.clear()
  }
  return { stop, [Symbol.dispose]: stop }
}
