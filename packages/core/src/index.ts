/**
 * # @gaoler/core
 *
 * Operations as async generators of nested, reversible events. No I/O of its own: you bring the effects.
 *
 * ```ts
 * import { defineEffects, drain, operation } from '@gaoler/core'
 * import { mkdir, rmdir } from 'node:fs/promises'
 *
 * // Each way to touch the world, with its inverse beside it.
 * const effects = defineEffects({
 *   makeDirectory: {
 *     run: ({ path }: { path: string }) => mkdir(path),
 *     undo: ({ path }: { path: string }) => ['removeDirectory', { path }],
 *   },
 *   removeDirectory: { run: ({ path }: { path: string }) => rmdir(path), undo: null },
 * })
 *
 * const build = () =>
 *   operation('JailCreate', async function* (s) {
 *     yield* s.step('JailSkeleton', (t) => t.host.makeDirectory({ path: '/tmp/a' }))
 *     yield* s.step('JailConfigWrite', async (t) => {
 *       t.progress(1, 2, 'files')
 *       await t.host.makeDirectory({ path: '/tmp/a/b' })
 *     })
 *     return 42
 *   }, { effects })
 *
 * for await (const event of build()) console.log(`${event}`)    // pending, progress, done: nested by event.depth
 * console.log(await drain(build()))                             // only the result; a failure undoes, then throws
 * ```
 *
 * - **Nothing happens before the first `next()`**, and work goes on only while you pull.
 * - **Leaving is one path**: `break`, `return()`, `throw()`, an AbortSignal, `await using`. What runs is aborted and waited for, and
 *   what was done is undone, last in first out, each reverted step an event of its own (`rollback: true`).
 * - **Errors** are `IocError`s with a stable `code`; `error.reverted` says whether all was undone, `error.suppressed` what else failed.
 * - **Events** are frozen plain data: they survive `JSON` and `postMessage`; `revive(data)` gives them their methods back.
 * - **Watching**: `options.logger` takes a pino logger, `console` or `createLogger(process.stderr)`; `record(operation, file)` writes
 *   the events as lines and `replay(file, { speed })` reads them back; `diagnostics_channel` has `ioc:event` and the tracing channel
 *   `ioc:operation`.
 * - Kinds of events are an interface that you extend by declaration merging; `event.is('VnetEvent')` narrows over their tree.
 *   [All events](../../docs/events.md), [all errors](../../docs/errors.md).
 *
 * | import | what |
 * |---|---|
 * | `@gaoler/core` | `operation`, `drain`, `collect`, `defineEffects`, `IocEvent`, `IocError` |
 * | | `share` (one run, many watchers), `merge`, `retry`, `timeLimit`, `record` and `replay` (NDJSON) |
 * | `@gaoler/core/rx` | `toObservable`: cold; unsubscribing cancels and undoes |
 * | `@gaoler/core/emitter` | `pipeTo` and `fromEmitter`: eventemitter3, and a promise so that no failure is lost |
 * | `@gaoler/core/sync` | `syncBridge`: the same operations for callers that block |
 * | `@gaoler/core/otel` | `traceOperations`: OpenTelemetry spans, nested as the events are |
 *
 * Every operation takes `signal`, `onEvent`, `logger` (pino, console, or `createLogger`) and `eventScope`, which nests it under
 * the caller's own event and undoes it with that. Without any of them, each event is published on the diagnostics channel
 * `ioc:event`, and each operation on the tracing channel `ioc:operation`.
 *
 * All kinds of events are in [docs/events.md](../../docs/events.md), all errors with cause and remedy in
 * [docs/errors.md](../../docs/errors.md).
 *
 * What a body may do is in [types.ts](src/types.ts), which can be read alone; why it is built so in
 * [decisions/0002](../../docs/decisions/0002-operations.md).
 *
 * @packageDocumentation
 */
export type {
  CommandPayload,
  EventType,
  IocEvents,
  IsUnion,
  Kind,
  ParentValue,
  Payload,
  WithAncestors,
  WithDescendants,
} from './catalogue.ts'
export { defineEvents } from './catalogue.ts'
export * from './drain.ts'
export type { Bound, Effect, EffectContext, EffectTable, Inverse, PlannedEffect } from './effects.ts'
export { defineEffects } from './effects.ts'
export * from './error.ts'
export * from './event.ts'
export type * from './journal.ts'
export * from './log.ts'
export * from './merge.ts'
export { type OperationInit, operation } from './operation.ts'
export * from './record.ts'
export * from './replay.ts'
export * from './retry.ts'
export { OperationHandle, share } from './share.ts'
export type * from './source.ts'
export type { OperationTrace } from './telemetry.ts'
export * from './time-limit.ts'
export type * from './types.ts'
