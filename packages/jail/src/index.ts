export * from './config/config.ts'
export * from './config/errors.ts'
export {
  type JailProperties,
  type PropertyKind,
  type PropertyName,
  type PropertyValue,
  properties,
  type TypeOf,
} from './config/properties.ts'
export * from './errors.ts'
export type { RootDatasets } from './host/datasets.ts'
export * from './host/errors.ts'
export type { FileEffects, WriteFile } from './host/files.ts'
export { Host, type HostEffects, type HostOptions, type HostScope } from './host/host.ts'
export { LockFailed, ResourceLocked } from './host/lock.ts'
export type { Sync } from './host/sync.ts'
export type { CloneOptions } from './jail/clone-to-dataset.ts'
export type * from './jail/create.ts'
export type { DestroyOptions } from './jail/destroy.ts'
export * from './jail/errors.ts'
export type { ExecOptions } from './jail/exec.ts'
export { Jail } from './jail/jail.ts'
export type { JailBase, JailInit } from './jail/jail-base.ts'
export { JailGenerator } from './jail/jail-generator.ts'
export { listJails } from './jail/list.ts'
export type { Started, StartOptions } from './jail/start.ts'
export type { StopOptions } from './jail/stop.ts'
export { EmbeddedStateDamaged, JailPathNotFound } from './platform/embedded/errors.ts'
export type * from './platform/platform.ts'
export type { Downloaded } from './release/download.ts'
export type { ReleaseEffects } from './release/effects.ts'
export * from './release/errors.ts'
export type { Extracted } from './release/extract.ts'
export type { FetchOptions } from './release/fetch.ts'
export { Release } from './release/release.ts'
export type { ReleaseBase } from './release/release-base.ts'
export { ReleaseGenerator } from './release/release-generator.ts'
export type { ZfsEffects } from './storage/effects.ts'
