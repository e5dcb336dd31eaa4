import { createHash } from 'node:crypto'
import { readdirSync, readlinkSync, rmSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { InsecureJailPath, JailNotRunning, MountFailed, UnmountFailed } from '../../errors.ts'
import type { Mount } from '../platform.ts'
import { EmbeddedStateDamaged } from './errors.ts'
import { change, createFile, ifThere, lookAt, lookBehind, readText } from './files.ts'
import type { JailRecord, JailTable } from './jail-table.ts'
import { isEmpty, type MountPart, make, ownedOf, takeAway } from './mount-parts.ts'
import type { JailView, Passage } from './paths.ts'
import { insideOf, inspectTarget, type Target } from './target.ts'

/** Devices that every user may use; of these, what the host has. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty']
const DESCRIPTORS = ['stdin', 'stdout', 'stderr']

interface MountRecord {
  readonly type: Mount['type']
  /** The path inside the jail. */
  readonly inside: string
  /** In the order in which they are made. */
  readonly parts: readonly MountPart[]
  /** Milliseconds since 1970 and a counter: later mounts are taken away first. */
  readonly at: readonly [number, number]
}

let counter = 0

/**
 * Mounts with what needs no privileges: links and fresh directories. What nullfs hides is set aside until it is
 * unmounted; nothing is read-only by it. Throws JailNotRunning, InsecureJailPath, MountFailed; then nothing was made.
 */
export function mount(table: JailTable, { name, ...wanted }: Mount & { name: string }): void {
  const jail = table.require(name)
  const target = inspectTarget(jail, wanted.target)
  const parts = [
    ...target.missing.map((path) => ({ kind: 'directory', path }) as const),
    ...partsOf(jail, wanted, target),
  ]
  const record: MountRecord = { type: wanted.type, inside: target.inside, parts, at: [Date.now(), ++counter] }
  const path = recordPath(table, jail, target.inside)
  const created = ifThere(() => createFile(path, JSON.stringify(record)))
  if (created === null) throw new JailNotRunning({ jail: name })
  if (!created) throw new MountFailed({ mountpoint: wanted.target, reason: 'something is mounted there already' })
  try {
    for (const part of parts) make(part)
  } catch (cause) {
    takeAllAway(jail, path, record)
    throw new MountFailed({ mountpoint: wanted.target, reason: (cause as Error).message }, { cause })
  }
  // Whoever removes the jail marks it first and then looks for its mounts: one of the two sees the other.
  if (table.isRunning(jail)) return
  takeAllAway(jail, path, record)
  throw new JailNotRunning({ jail: name })
}

/** Takes away exactly what was made; nothing happens when nothing is mounted there. Throws UnmountFailed. */
export function unmount(table: JailTable, { name, target }: { name: string; target: string }): void {
  const jail = table.find(name)
  if (!jail) return
  const inside = insideOf(jail, target)
  const path = recordPath(table, jail, inside)
  const record = readRecord(path)
  if (!record) return
  const below = readRecords(table, jail).find((other) => other.record.inside.startsWith(`${inside}/`))
  if (below) throw new UnmountFailed({ mountpoint: target, reason: `${below.record.inside} is mounted below it` })
  try {
    takeAllAway(jail, path, record)
  } catch (cause) {
    throw new UnmountFailed({ mountpoint: target, reason: (cause as Error).message }, { cause })
  }
}

/** Takes away all mounts of a jail, the last first. */
export function unmountAll(table: JailTable, jail: JailRecord): void {
  for (const { path, record } of readRecords(table, jail).reverse()) takeAllAway(jail, path, record)
}

/** The jail's root as its commands see it. */
export function jailView(table: JailTable, jail: JailRecord): JailView {
  const passages = new Map<string, Passage>()
  for (const { record } of readRecords(table, jail)) {
    for (const part of record.parts) {
      if (part.kind === 'directory' || part.kind === 'scratch') continue
      // Only as long as it is there: a jail may have put something else in its place.
      if (ifThere(() => lookAt(part.path)?.isSymbolicLink() && readlinkSync(part.path)) !== part.to) continue
      passages.set(part.path.slice(jail.root.length), { to: part.to, directory: record.type === 'nullfs' })
    }
  }
  return { root: jail.root, passages }
}

function partsOf(jail: JailRecord, mount: Mount, target: Target): MountPart[] {
  switch (mount.type) {
    case 'devfs':
      return devices(target)
    case 'fdescfs':
      return [...descriptors(target), ...links(dirname(target.path), DESCRIPTORS)]
    case 'nullfs':
      return [nullfs(jail, mount, target)]
    case 'tmpfs':
      return scratch(mount, target)
    case 'procfs': {
      const reason =
        "the embedded platform has no procfs of a jail, and the host's would show all processes: set mount_procfs=0"
      throw new MountFailed({ mountpoint: mount.target, reason })
    }
  }
}

function devices(target: Target): MountPart[] {
  refuseLink(target)
  if (target.is === 'file') throw new InsecureJailPath({ path: target.path, reason: 'it is not a directory' })
  const made: MountPart[] = target.is === null ? [{ kind: 'directory', path: target.path }] : []
  return [...made, ...links(target.path, DEVICES)]
}

/** Links to the host's devices of these names, where the host has them and nothing of that name is there. */
function links(directory: string, names: readonly string[]): MountPart[] {
  return names
    .filter((name) => lookAt(`/dev/${name}`) !== null && lookAt(join(directory, name)) === null)
    .map((name) => ({ kind: 'link', path: join(directory, name), to: `/dev/${name}` }))
}

function descriptors({ path, is }: Target): MountPart[] {
  const to = '/dev/fd'
  if (is === null) return [{ kind: 'link', path, to }]
  if (is === 'directory') return isEmpty(path) ? [{ kind: 'replacement', path, to, ...ownedOf(path) }] : []
  // Releases of Linux have this very link.
  if (is === 'link' && ['/proc/self/fd', to].includes(readlinkSync(path))) return []
  throw new InsecureJailPath({ path, reason: is === 'link' ? 'it is a symbolic link' : 'it is not a directory' })
}

function nullfs(jail: JailRecord, mount: Mount, target: Target): MountPart {
  const { source = '' } = mount
  const fail = (reason: string): MountFailed => new MountFailed({ mountpoint: mount.target, reason })
  const found = isAbsolute(source) ? lookBehind(source) : null
  if (!found) throw fail(`its source ${JSON.stringify(source)} is not the absolute path of something that exists`)
  refuseLink(target)
  const { path } = target
  if (target.is === null) return { kind: 'link', path, to: source }
  if (!found.isDirectory() || target.is !== 'directory') {
    throw fail('a file can only be shown where nothing is yet: remove what is at the target')
  }
  if (isEmpty(path)) return { kind: 'replacement', path, to: source, ...ownedOf(path) }
  return { kind: 'cover', path, to: source, aside: asideOf(jail, target) }
}

/** Beside the root, so that the jail does not see it and moving is renaming. */
function asideOf({ root, token }: JailRecord, { inside }: Target): string {
  const id = createHash('sha256').update(`${token} ${inside}`).digest('hex').slice(0, 16)
  return join(dirname(root), `.covered-${id}`)
}

function scratch(mount: Mount, target: Target): MountPart[] {
  const { path } = target
  refuseLink(target)
  if (target.is !== null) requireEmpty(mount, target)
  const made: MountPart[] = target.is === null ? [{ kind: 'directory', path }] : []
  return [...made, { kind: 'scratch', path }]
}

function refuseLink({ path, is }: Target): void {
  if (is === 'link') throw new InsecureJailPath({ path, reason: 'it is a symbolic link' })
}

function requireEmpty(mount: Mount, { path, is }: Target): void {
  if (is === 'directory' && isEmpty(path)) return
  const reason = `it is not an empty directory, and the embedded platform cannot hide what is there: empty it`
  throw new MountFailed({ mountpoint: mount.target, reason })
}

function takeAllAway(jail: JailRecord, path: string, { parts }: MountRecord): void {
  for (const part of [...parts].reverse()) takeAway(jail, part)
  change('unlink', path, () => rmSync(path, { force: true }))
}

function recordPath(table: JailTable, jail: JailRecord, inside: string): string {
  return join(table.place(jail, 'mounts'), `${createHash('sha256').update(inside).digest('hex')}.json`)
}

function readRecord(path: string): MountRecord | null {
  const text = readText(path)
  try {
    return text === null ? null : JSON.parse(text)
  } catch (cause) {
    throw new EmbeddedStateDamaged({ path, reason: 'it is not JSON' }, { cause })
  }
}

/** All mounts of a jail, in the order in which they were made. */
function readRecords(table: JailTable, jail: JailRecord): { path: string; record: MountRecord }[] {
  const directory = table.place(jail, 'mounts')
  const names = (ifThere(() => readdirSync(directory)) ?? []).filter((name) => name.endsWith('.json'))
  return names
    .flatMap((name) => {
      const path = join(directory, name)
      const record = readRecord(path)
      return record ? { path, record } : []
    })
    .sort(({ record: a }, { record: b }) => a.at[0] - b.at[0] || a.at[1] - b.at[1])
}
