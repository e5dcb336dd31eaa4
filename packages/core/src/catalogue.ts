import type { LogEntry } from './log.ts'

/** One kind of event: the kind it derives from, and the data it adds. */
export interface Kind<Parent extends string | null, Payload extends object = Record<never, never>> {
  readonly parent: Parent
  readonly payload: Payload
}

/** What a command left behind, on the events of hooks and commands. */
export interface CommandPayload {
  /** The part of the output that has just arrived; only while the state is `progress`. */
  readonly chunk?: { readonly stream: 'stdout' | 'stderr'; readonly text: string }
  readonly stdout?: string | null
  readonly stderr?: string | null
  /** Exit status; null when a signal ended the command. */
  readonly code?: number | null
  readonly signal?: string | null
}

/**
 * Every kind of event, by name. Extend it by declaration merging, and name the parent at run time:
 *
 * ```ts
 * declare module '@gaoler/core' {
 *   interface IocEvents { Greeting: Kind<'JailEvent', { words: string }> }
 * }
 * defineEvents({ Greeting: 'JailEvent' })
 * ```
 */
export interface IocEvents {
  IocEvent: Kind<null, { log?: LogEntry }>

  JailEvent: Kind<'IocEvent'>
  JailCreate: Kind<'JailEvent', { release?: string }>
  JailSkeleton: Kind<'JailEvent', { dataset?: string }>
  JailConfigWrite: Kind<'JailEvent', { path?: string }>
  JailDestroy: Kind<'JailEvent'>
  JailClone: Kind<'JailEvent', { target?: string }>
  JailStart: Kind<'JailEvent', { jid?: number }>
  JailDependantsStart: Kind<'JailEvent', { started?: readonly string[] }>
  JailDependantStart: Kind<'JailEvent'>
  JailResolverConfig: Kind<'JailEvent'>
  JailResourceLimitAction: Kind<'JailEvent'>
  JailAttach: Kind<'JailEvent', { jid?: number }>
  JailStop: Kind<'JailEvent'>
  TeardownSystemMounts: Kind<'JailStop'>
  JailNetworkTeardown: Kind<'JailStop'>
  JailRemove: Kind<'JailEvent'>
  VnetEvent: Kind<'JailEvent'>
  JailNetworkSetup: Kind<'VnetEvent'>
  DevFSEvent: Kind<'JailEvent', { target?: string }>
  MountDevFS: Kind<'DevFSEvent'>
  MountFdescfs: Kind<'DevFSEvent'>
  FstabEvent: Kind<'JailEvent'>
  MountFstab: Kind<'FstabEvent'>
  UnmountFstab: Kind<'FstabEvent'>
  JailHook: Kind<'JailEvent', CommandPayload>
  JailHookPrestart: Kind<'JailHook'>
  JailHookCreated: Kind<'JailHook'>
  JailHookStart: Kind<'JailHook'>
  JailHookPoststart: Kind<'JailHook'>
  JailHookPrestop: Kind<'JailHook'>
  JailHookStop: Kind<'JailHook'>
  JailHookPoststop: Kind<'JailHook'>
  JailCommand: Kind<'JailHook', { argv?: readonly string[] }>

  ReleaseEvent: Kind<'IocEvent'>
  FetchRelease: Kind<'ReleaseEvent', { mirror?: string }>
  ReleasePrepareStorage: Kind<'FetchRelease'>
  ReleaseDownload: Kind<'FetchRelease'>
  ReleaseAssetDownload: Kind<'FetchRelease', { asset?: string; url?: string }>
  ReleaseExtraction: Kind<'FetchRelease'>
  ReleaseConfiguration: Kind<'FetchRelease'>
  ReleaseSnapshot: Kind<'FetchRelease', { snapshot?: string }>

  ZFSEvent: Kind<'IocEvent'>
  ZFSDatasetDestroy: Kind<'ZFSEvent', { datasets?: readonly string[] }>
  ZFSSnapshotCreate: Kind<'ZFSEvent', { snapshots?: readonly string[] }>
  ZFSSnapshotClone: Kind<'ZFSEvent', { target?: string }>
  ZFSSnapshotDestroy: Kind<'ZFSEvent', { snapshots?: readonly string[] }>
}

export type EventType = Extract<keyof IocEvents, string>

/** `T` and every kind that it derives from. */
export type WithAncestors<T> = T extends EventType ? T | WithAncestors<IocEvents[T]['parent']> : never

/** `T` and every kind that derives from it. */
export type WithDescendants<T extends EventType> = {
  [K in EventType]: T extends WithAncestors<K> ? K : never
}[EventType]

type Intersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void ? I : never

/** The data of a kind, with what it inherits; for a union of kinds, the union of their data. */
export type Payload<T extends EventType> = T extends EventType
  ? Intersection<{ [K in WithAncestors<T>]: IocEvents[K]['payload'] }[WithAncestors<T>]>
  : never

type Parents = { [K in keyof IocEvents]: IocEvents[K]['parent'] }

const catalogue = {
  IocEvent: null,

  JailEvent: 'IocEvent',
  JailCreate: 'JailEvent',
  JailSkeleton: 'JailEvent',
  JailConfigWrite: 'JailEvent',
  JailDestroy: 'JailEvent',
  JailClone: 'JailEvent',
  JailStart: 'JailEvent',
  JailDependantsStart: 'JailEvent',
  JailDependantStart: 'JailEvent',
  JailResolverConfig: 'JailEvent',
  JailResourceLimitAction: 'JailEvent',
  JailAttach: 'JailEvent',
  JailStop: 'JailEvent',
  TeardownSystemMounts: 'JailStop',
  JailNetworkTeardown: 'JailStop',
  JailRemove: 'JailEvent',
  VnetEvent: 'JailEvent',
  JailNetworkSetup: 'VnetEvent',
  DevFSEvent: 'JailEvent',
  MountDevFS: 'DevFSEvent',
  MountFdescfs: 'DevFSEvent',
  FstabEvent: 'JailEvent',
  MountFstab: 'FstabEvent',
  UnmountFstab: 'FstabEvent',
  JailHook: 'JailEvent',
  JailHookPrestart: 'JailHook',
  JailHookCreated: 'JailHook',
  JailHookStart: 'JailHook',
  JailHookPoststart: 'JailHook',
  JailHookPrestop: 'JailHook',
  JailHookStop: 'JailHook',
  JailHookPoststop: 'JailHook',
  JailCommand: 'JailHook',

  ReleaseEvent: 'IocEvent',
  FetchRelease: 'ReleaseEvent',
  ReleasePrepareStorage: 'FetchRelease',
  ReleaseDownload: 'FetchRelease',
  ReleaseAssetDownload: 'FetchRelease',
  ReleaseExtraction: 'FetchRelease',
  ReleaseConfiguration: 'FetchRelease',
  ReleaseSnapshot: 'FetchRelease',

  ZFSEvent: 'IocEvent',
  ZFSDatasetDestroy: 'ZFSEvent',
  ZFSSnapshotCreate: 'ZFSEvent',
  ZFSSnapshotClone: 'ZFSEvent',
  ZFSSnapshotDestroy: 'ZFSEvent',
} as const satisfies Parents

const parents = new Map<string, string | null>(Object.entries(catalogue))

/** Names the parents of kinds that were added to `IocEvents` by declaration merging. */
export function defineEvents<
  const T extends { readonly [K in keyof T]: K extends EventType ? IocEvents[K]['parent'] : never },
>(kinds: T): void {
  for (const [type, parent] of Object.entries(kinds)) parents.set(type, parent as string)
}

/** Whether `type` is `ancestor` or derives from it. */
export function derives(type: string, ancestor: string): boolean {
  for (let at: string | null | undefined = type; at; at = parents.get(at)) if (at === ancestor) return true
  return false
}
