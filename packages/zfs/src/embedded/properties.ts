import { PropertyInvalid } from '../errors.ts'
import { parentOf } from '../names.ts'
import { isUserProperty, propertyNames, propertyRow } from '../properties/names.ts'
import { readValue } from '../properties/read.ts'
import type { Property } from '../zfs.ts'
import { mountpointOf } from './mounts.ts'
import { canonical, isOwn, isReadOnly, settableRow } from './property-table.ts'
import { type Space, sizeOf } from './space.ts'
import { type BookmarkRecord, type DatasetRecord, type Found, identityOf, type State } from './state.ts'
import type { Steps } from './steps.ts'
import type { Store } from './store.ts'

/** A dataset, or one of its snapshots or bookmarks, whose properties are read. */
export type Subject = {
  readonly dataset: DatasetRecord
  readonly snapshot?: Found['snapshot']
  readonly bookmark?: BookmarkRecord
}

/** A value as text, with where it came from. */
type Printed = Property<string>

const computed = (value: string | number): Printed => ({ value: String(value), source: 'none' })
const MISSING: Printed = computed('-')

/** Checks names of properties as `zfs get` does. Throws PropertyInvalid for one that ZFS does not know. */
export function checkProperties(properties: readonly string[], name: string | undefined, asked: string): void {
  for (const property of properties) {
    if (property === 'all' || propertyRow(canonical(property)) || isUserProperty(property)) continue
    throw new PropertyInvalid({ name, property, asked, reason: 'there is no such property' })
  }
}

/** Reads the named properties; `all` is for every one that applies. Sizes are computed only when one of them is asked for. */
export function* readProperties(
  store: Store,
  state: State,
  subject: Subject,
  properties: readonly string[],
  space: Space,
): Steps<Record<string, Property>> {
  const result: [string, Property][] = []
  const every = properties.includes('all') ? everyName(state, subject) : []
  for (const property of new Set([...every, ...properties.filter((each) => each !== 'all')])) {
    const name = canonical(property)
    const size = subject.bookmark ? undefined : yield* sizeOf(store, state, subject, name, space)
    const { value, ...source } = size === undefined ? plainProperty(store, state, subject, name) : computed(size)
    const missing = value === '-' && source.source === 'none'
    if (missing && !properties.includes(property)) continue
    const unset = missing && !propertyRow(name)
    const type = subject.snapshot ? 'snapshot' : subject.dataset.type
    result.push([property, { value: unset ? null : readValue(name, value, type), ...source }])
  }
  // fromEntries defines, so that no name can reach a prototype.
  return Object.fromEntries(result)
}

/** What `zfs get all` shows: the native properties, and the user's own of the dataset and of those above it. */
function everyName(state: State, { dataset, snapshot }: Subject): string[] {
  const names = Object.keys(snapshot?.values ?? {})
  for (let at: string | undefined = dataset.name; at !== undefined; at = parentOf(at)) {
    names.push(...Object.keys(state.dataset(at)?.values ?? {}))
  }
  return [...propertyNames(), ...names.filter(isUserProperty)]
}

function plainProperty(store: Store, state: State, subject: Subject, name: string): Printed {
  const { dataset, snapshot, bookmark } = subject
  if (bookmark) return ofBookmark(dataset, bookmark, name)
  if (isUserProperty(name)) return settable(state, subject, name) ?? MISSING
  if (isReadOnly(name)) return readOnly(state, subject, name) ?? MISSING
  if (snapshot)
    return snapshotInherits.has(name) && dataset.type === 'volume'
      ? (settable(state, subject, name) ?? MISSING)
      : MISSING
  if (!settableRow(name)?.on.includes(dataset.type[0] as string)) return MISSING
  if (name === 'mountpoint') return mountpoint(store, state, dataset.name)
  return settable(state, subject, name) ?? MISSING
}

const snapshotInherits: ReadonlySet<string> = new Set(['volsize'])

function mountpoint(store: Store, state: State, name: string): Printed {
  const { value, from } = mountpointOf(store, state, name)
  if (from === undefined) return { value, source: 'default' }
  return from === name ? { value, source: 'local' } : { value, source: 'inherited', from }
}

/** The value of a property that can be set: local, inherited or default. */
function settable(state: State, { dataset, snapshot }: Subject, name: string): Printed | undefined {
  if (snapshot && Object.hasOwn(snapshot.values, name))
    return { value: snapshot.values[name] as string, source: 'local' }
  const row = settableRow(name)
  for (let at: string | undefined = dataset.name; at !== undefined; at = row && isOwn(row) ? undefined : parentOf(at)) {
    const values = state.dataset(at)?.values ?? {}
    if (!Object.hasOwn(values, name)) continue
    const value = values[name] as string
    return at === dataset.name && !snapshot ? { value, source: 'local' } : { value, source: 'inherited', from: at }
  }
  return row?.initial === undefined ? undefined : { value: row.initial, source: 'default' }
}

function ofBookmark(dataset: DatasetRecord, bookmark: BookmarkRecord, name: string): Printed {
  if (name === 'name') return computed(`${dataset.name}#${bookmark.name}`)
  if (name === 'type') return computed('bookmark')
  return name === 'guid' || name === 'createtxg' || name === 'creation' ? computed(bookmark[name]) : MISSING
}

function readOnly(state: State, { dataset, snapshot }: Subject, name: string): Printed | undefined {
  const subject = snapshot ?? dataset
  switch (name) {
    case 'name':
      return computed(snapshot ? `${dataset.name}@${snapshot.name}` : dataset.name)
    case 'type':
      return computed(snapshot ? 'snapshot' : dataset.type)
    case 'guid':
      return computed(snapshot ? identityOf(snapshot) : dataset.guid)
    case 'creation':
    case 'createtxg':
      return computed(subject[name])
    case 'compressratio':
    case 'refcompressratio':
      return computed('1.00')
    case 'encryption':
      return { value: 'off', source: 'default' }
    case 'clones':
      return (
        snapshot &&
        computed(
          state
            .clonesOf(snapshot.guid)
            .map((clone) => clone.name)
            .join(','),
        )
      )
    case 'userrefs':
      return snapshot && computed(snapshot.holds.length)
    case 'defer_destroy':
      return snapshot && computed(snapshot.deferred ? 'on' : 'off')
    case 'mounted':
      return snapshot || dataset.type === 'volume' ? undefined : computed(dataset.mounted === undefined ? 'no' : 'yes')
    case 'origin':
      return snapshot ? undefined : origin(state, dataset)
    default:
      return undefined
  }
}

function origin(state: State, { origin }: DatasetRecord): Printed | undefined {
  const found = origin === undefined ? undefined : state.snapshotOf(origin)
  return found && computed(`${found.dataset.name}@${found.snapshot.name}`)
}
