import { type ControlEvents, controlEvents } from './catalogue/control.ts'
import { type HostEvents, hostEvents } from './catalogue/host.ts'
import { type JailEvents, jailEvents } from './catalogue/jail.ts'
import type { Kind, ParentValue } from './catalogue/kind.ts'
import { type PkgEvents, pkgEvents } from './catalogue/pkg.ts'
import { type ReleaseEvents, releaseEvents } from './catalogue/release.ts'
import { type ResourceEvents, resourceEvents } from './catalogue/resource.ts'
import { type ZfsEvents, zfsEvents } from './catalogue/zfs.ts'
import type { PlannedEffect } from './effects.ts'
import type { LogEntry } from './log.ts'

export type { CommandPayload } from './catalogue/command.ts'
export type { IsUnion, Kind, ParentValue } from './catalogue/kind.ts'

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
export interface IocEvents
  extends JailEvents,
    ReleaseEvents,
    ResourceEvents,
    ZfsEvents,
    PkgEvents,
    HostEvents,
    ControlEvents {
  /** Base of all events. */
  IocEvent: Kind<null, { log?: LogEntry; effect?: PlannedEffect }>
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
  ? Readonly<Intersection<{ [K in WithAncestors<T>]: IocEvents[K]['payload'] }[WithAncestors<T>]>>
  : never

type Parents = string | null | readonly string[]

const parents = new Map<string, Parents>(
  Object.entries({
    IocEvent: null,
    ...jailEvents,
    ...releaseEvents,
    ...resourceEvents,
    ...zfsEvents,
    ...pkgEvents,
    ...hostEvents,
    ...controlEvents,
  }),
)

/** Names the parents of kinds that were added to `IocEvents` by declaration merging; a list where there are two. */
export function defineEvents<
  const T extends { readonly [K in keyof T]: K extends EventType ? ParentValue<IocEvents[K]['parent']> : never },
>(kinds: T): void {
  for (const [type, parent] of Object.entries(kinds)) parents.set(type, parent as Parents)
}

/** Whether `type` is `ancestor` or derives from it. */
export function derives(type: string, ancestor: string): boolean {
  if (type === ancestor) return true
  const parent = parents.get(type) ?? null
  if (parent === null || typeof parent === 'string') return parent !== null && derives(parent, ancestor)
  return parent.some((each) => derives(each, ancestor))
}
