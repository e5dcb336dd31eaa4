/**
 * # @gaoler/jail
 *
 * Jails and releases on FreeBSD's model, on Linux with OpenZFS, and on any laptop.
 *
 * ```ts
 * import { drain } from '@gaoler/core'
 * import { HostGenerator, JailGenerator, JailsGenerator, ReleaseGenerator } from '@gaoler/jail'
 *
 * const host = HostGenerator.open()               // the real platform where there is one, else embedded
 * console.log(host.platform.name, host.chosenBecause)
 *
 * const release = new ReleaseGenerator('14.3-RELEASE', { host })
 * for await (const event of release.fetch()) console.log(`${event}`)
 *
 * const jail = new JailGenerator('web', { host })
 * await drain(jail.create(release, { properties: { host_hostname: 'www' } }))
 * const { jid } = await drain(jail.start({ signal: AbortSignal.timeout(60_000) }))
 * const { stdout, code } = await drain(jail.exec(['/bin/sh', '-c', 'hostname']))
 * ```
 *
 * And further:
 *
 * ```ts
 * await drain(host.defaults.set({ exec_timeout: 90 }))                 // for every jail that does not say otherwise
 * await drain(jail.set({ boot: 'yes', depends: 'base' }))              // `base` is started before it
 * await drain(jail.fstab.addLine({ source: 'tmpfs', destination: '/cache', type: 'tmpfs', options: 'rw' }))
 * await drain(jail.snapshots.create('before'))
 *
 * const base = new JailGenerator('base', { host })
 * await drain(base.create(release, { properties: { basejail: 'yes' } }))
 * for await (const { planned, type } of jail.destroy({ plan: true, forceStop: true })) console.log(planned, type)
 * for await (const row of new JailsGenerator('boot=yes', { host }).rows(['full_name', 'jid', 'release'])) console.log(row)
 * await drain(host.recover())                                          // what crashed processes have left half-done
 * ```
 *
 * - `JailGenerator` has the operations as generators of events, `Jail` the same as calls that block. Queries (`jid`, `running`,
 *   `config`, `exists` …) are synchronous on both.
 * - Steps, events, hooks and their order are libioc's; [every property](../../docs/properties.md) that is accepted is honoured.
 * - A jail that others depend on is not destroyed: the error names each clone and hold, and nothing was touched.
 * - Names may say a source, `new JailGenerator('fast/web')`. Sources are named by rc.conf or by `HostGenerator.open({ sources })`,
 *   else there is one: the active pool (`host.activate('tank')`).
 * - One operation at a time changes a jail, in all processes. Who comes second gets `ResourceLocked`. Any number may copy it at once.
 * - `plan: true` shows what an operation would do; what a killed process left half-done, the next one undoes or completes:
 *   [plan and recover](../../docs/plan-and-recover.md).
 *
 * | what goes wrong | error |
 * |---|---|
 * | no such jail, release, property | `JailDoesNotExist`, `ReleaseNotFetched`, `UnknownConfigProperty` |
 * | a bad name or value | `InvalidJailName`, `InvalidReleaseName`, `InvalidJailConfigValue` |
 * | it runs, or does not | `JailAlreadyRunning`, `JailNotRunning` |
 * | a hook fails | `JailHookFailed`: which, how, and its last line |
 * | a download, digest or archive is wrong | `DownloadFailed`, `InvalidReleaseAssetSignature`, `IllegalArchiveContent` |
 * | it is needed, or busy | `JailHasDependents`, `ResourceLocked` |
 *
 * Pages: [jails](../../docs/jails.md), [configuration](../../docs/configuration.md), [storage](../../docs/storage.md), [snapshots](../../docs/jail-snapshots.md),
 * [fstab](../../docs/fstab.md), [dependencies](../../docs/dependencies.md), [plans and recovery](../../docs/plan-and-recover.md);
 * [from libioc](../../docs/rosetta-libioc.md), [beside libioc](../../docs/parity.md).
 *
 * Platforms: [embedded](../../docs/platform-embedded.md), [linux](../../docs/platform-linux.md). A mirror is a folder or server in
 * FreeBSD's layout: `RELEASE/MANIFEST` and `RELEASE/base.txz`.
 *
 * @packageDocumentation
 */
export * from './backup/errors.ts'
export * from './config/config.ts'
export { DefaultResource } from './config/default-resource.ts'
export type { DefaultResourceBase } from './config/default-resource-base.ts'
export { DefaultResourceGenerator } from './config/default-resource-generator.ts'
export * from './config/errors.ts'
export { type NotHonoured, requireHonoured } from './config/honoured.ts'
export {
  type JailProperties,
  type PropertyInput,
  type PropertyName,
  type PropertyValue,
  properties,
  type UserValue,
} from './config/properties/index.ts'
export type { LimitName } from './config/properties/limits.ts'
export type { HonouredBy, JailSwitch, PropertyRow, PropertyRows } from './config/properties/row.ts'
export type { RawConfig, RawValue } from './config/raw.ts'
export type { ConfigStore } from './config/store.ts'
export type { InterfaceAddress } from './config/values/addresses.ts'
export type { Gateway } from './config/values/gateway.ts'
export type { JailInterface } from './config/values/interfaces.ts'
export { amountOf, type Limit } from './config/values/limit.ts'
export type { MacPair } from './config/values/mac.ts'
export type { Resolver } from './config/values/resolver.ts'
export type { ValueType } from './config/values/value-type.ts'
export * from './devfs/errors.ts'
export { Distribution } from './distribution/distribution.ts'
export type { DistributionBase, DistributionInit } from './distribution/distribution-base.ts'
export { DistributionGenerator } from './distribution/distribution-generator.ts'
export * from './errors.ts'
export * from './filter/errors.ts'
export { Pattern } from './filter/pattern.ts'
export { ResourceSelector } from './filter/resource-selector.ts'
export { type Filterable, Term, textOf } from './filter/term.ts'
export { Terms } from './filter/terms.ts'
export * from './fstab/errors.ts'
export { type AddOptions, Fstab } from './fstab/fstab.ts'
export type { JailFstab } from './fstab/jail-fstab.ts'
export type { AddLineOptions, JailFstabGenerator } from './fstab/jail-fstab-generator.ts'
export { type FstabEntry, type FstabLine, type FstabLineInit, fstabLine } from './fstab/line.ts'
export type { ActivateOptions, DeactivateOptions } from './host/activate.ts'
export type { Datasets } from './host/datasets.ts'
export * from './host/errors.ts'
export type { FileEffects, PutBack, RestoreFile, SymbolicLink, WriteFile } from './host/files.ts'
export { Host } from './host/host.ts'
export type { HostBase, HostEffects, HostScope } from './host/host-base.ts'
export { HostGenerator } from './host/host-generator.ts'
export { LockFailed, ResourceLocked } from './host/lock.ts'
export type { HostOptions, HostParts } from './host/parts.ts'
export type { RootDatasets } from './host/root-datasets.ts'
export type { SourceOrigin } from './host/sources.ts'
export type { Descriptor, JailDescriptor, ReleaseDescriptor, Sync } from './host/sync.ts'
export type { HostFiles } from './host/view.ts'
export type { JailAttributes, JailValue } from './jail/attributes.ts'
export type { CloneOptions } from './jail/clone-to-dataset.ts'
export type { CreateOptions, CreateSource } from './jail/create.ts'
export type { DestroyOptions } from './jail/destroy.ts'
export * from './jail/errors.ts'
export type { ExecOptions } from './jail/exec.ts'
export type { ForkExecOptions } from './jail/fork-exec.ts'
export { Jail } from './jail/jail.ts'
export type { JailBase } from './jail/jail-base.ts'
export { JailGenerator } from './jail/jail-generator.ts'
export type { GuardOptions } from './jail/jail-guards.ts'
export { JailResource, type ResourceInit } from './jail/jail-resource.ts'
export { Jails } from './jail/jails.ts'
export type { JailRow, JailsInit } from './jail/jails-base.ts'
export { JailsGenerator } from './jail/jails-generator.ts'
export type { JailData, JailInit } from './jail/named-jail.ts'
export type { RestartOptions } from './jail/restart.ts'
export type { SaveOptions } from './jail/save.ts'
export * from './jail/selection-errors.ts'
export type { Started, StartOptions } from './jail/start.ts'
export type { StopOptions } from './jail/stop.ts'
export * from './limits/errors.ts'
export * from './network/errors.ts'
export * from './pkg/errors.ts'
export type { HostEffect } from './plan/effect.ts'
export { EmbeddedStateDamaged, JailPathNotFound } from './platform/embedded/errors.ts'
export type * from './platform/platform.ts'
export * from './provision/errors.ts'
export type { Finding, FindingKind, Mending, Remedy } from './recovery/doctor.ts'
export * from './recovery/errors.ts'
export type { RecoverOptions } from './recovery/recover.ts'
export type { CopyDirectory, CopyEffects } from './release/copy-effects.ts'
export type { Downloaded } from './release/download.ts'
export type { ReleaseEffects } from './release/effects.ts'
export * from './release/errors.ts'
export type { Extracted } from './release/extract.ts'
export type { FetchOptions } from './release/fetch.ts'
export { Release } from './release/release.ts'
export { ReleaseBase, type ReleaseInit } from './release/release-base.ts'
export { ReleaseGenerator } from './release/release-generator.ts'
export { Releases } from './release/releases.ts'
export type { ReleasesInit } from './release/releases-base.ts'
export { ReleasesGenerator } from './release/releases-generator.ts'
export * from './snapshot/errors.ts'
export type { RollbackOptions } from './snapshot/rollback.ts'
export type { Snapshots } from './snapshot/snapshots.ts'
export type { JailSnapshot } from './snapshot/snapshots-base.ts'
export type { SnapshotsGenerator } from './snapshot/snapshots-generator.ts'
export type { CloneSnapshot, DestroyDataset, DestroySnapshots, SetProperty, ZfsEffects } from './storage/effects.ts'
export * from './storage/errors.ts'
export type { AttachDataset, ShareEffects } from './storage/share-effects.ts'
export type { JailStorage } from './storage/storage.ts'
export type { PromoteDataset, RenameDataset, TreeEffects } from './storage/tree-effects.ts'
export * from './update/errors.ts'
