export type {
  CommandPayload,
  EventType,
  IocEvents,
  Kind,
  Payload,
  WithAncestors,
  WithDescendants,
} from './catalogue.ts'
export { defineEvents } from './catalogue.ts'
export * from './drain.ts'
export type { Bound, Effect, EffectContext, EffectTable, Inverse } from './effects.ts'
export { defineEffects } from './effects.ts'
export * from './error.ts'
export * from './event.ts'
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
