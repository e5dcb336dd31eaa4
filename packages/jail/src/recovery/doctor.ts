import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { IocError, type IocEvent, type Operation, type OperationOptions } from '@gaoler/core'
import type { Dataset } from '@gaoler/zfs'
import { isJailName } from '../config/name.ts'
import type { HostBase } from '../host/host-base.ts'
import { isLocked } from '../host/lock.ts'
import type { Sync } from '../host/sync.ts'
import { destroy } from '../jail/destroy.ts'
import { parseIdentifier } from '../jail/identifier.ts'
import { JailBase } from '../jail/jail-base.ts'
import { stop } from '../jail/stop.ts'
import { lookAt } from './dead.ts'
import { JournalDamaged } from './errors.ts'
import { UNFINISHED } from './journal.ts'
import { isDead, listJournals } from './read.ts'
import { recover } from './recover.ts'

/** What can be inconsistent on a host. */
export type FindingKind =
  /** A process died in the middle of an operation. */
  | 'dead-journal'
  /** A journal that cannot be read, and so not recovered. */
  | 'damaged-journal'
  /** A dataset where jails are, without a configuration. */
  | 'jail-without-config'
  /** A jail that runs and whose dataset is gone. */
  | 'jail-without-dataset'
  /** A jail whose root dataset is gone. */
  | 'jail-without-root'
  /** A configuration that cannot be read. */
  | 'unreadable-config'
  /** A snapshot that was made for a clone, and no clone needs it. */
  | 'orphaned-snapshot'
  /** A dataset that was set aside to be replaced. */
  | 'replaced-dataset'
  /** What the platform has kept of a jail that does not run. */
  | 'jail-leftover'
  /** The file of a lock that nobody holds. */
  | 'stale-lock'

/** What mends a finding, and blocks. */
export type Mending = (options?: Sync<OperationOptions>) => IocEvent[]

/** The operation that mends a finding. */
export type Remedy = (options?: OperationOptions) => Operation<unknown>

/** Something inconsistent, and what mends it. */
export interface Finding<M = Remedy> {
  readonly kind: FindingKind
  /** The dataset, file or jail. */
  readonly subject: string
  readonly message: string
  /** The operation that mends it; null where only a person can decide. Nothing happens before it is run. */
  readonly remedy: M | null
}

/**
 * Lists what is inconsistent on a host. It changes nothing. Jails that somebody works on, or has died in, are only looked
 * at when that is over.
 */
export function doctor(host: HostBase): Finding[] {
  return [...journals(host), ...jails(host), ...lost(host), ...leftovers(host), ...locks(host)]
}

function remedyOn(host: HostBase, mend: (on: HostBase, options: OperationOptions) => Operation<unknown>): Remedy {
  return (options = {}) => mend(options.plan ? host.planned() : host, options)
}

function* journals(host: HostBase): Generator<Finding> {
  for (const path of listJournals(host.journalDirectory)) {
    try {
      if (!isDead(path)) continue
      const journal = lookAt(path, (effect) => Object.hasOwn(host.effects, effect))
      if (!journal) continue
      const { type, identifier, pid, started } = journal
      yield {
        kind: 'dead-journal',
        subject: path,
        message: `process ${pid} died in ${type} of ${identifier ?? 'the host'}, begun ${new Date(started).toISOString()}`,
        remedy: remedyOn(host, recover),
      }
    } catch (error) {
      if (!(error instanceof JournalDamaged)) throw error
      yield { kind: 'damaged-journal', subject: path, message: error.message, remedy: null }
    }
  }
  for (const path of listJournals(host.journalDirectory, UNFINISHED)) {
    if (!isDead(path)) continue
    const message = 'a process died before it had begun anything'
    yield { kind: 'dead-journal', subject: path, message, remedy: remedyOn(host, recover) }
  }
}

/** Datasets that operations have locked which have changed something, living or dead. */
function unfinished(host: HostBase): Set<string> {
  const locked = listJournals(host.journalDirectory).flatMap((path) => {
    try {
      return lookAt(path)?.locks ?? []
    } catch (error) {
      if (error instanceof JournalDamaged) return []
      throw error
    }
  })
  return new Set(locked)
}

function* jails(host: HostBase): Generator<Finding> {
  const busy = unfinished(host)
  for (const [source, roots] of host.datasets) {
    if (!host.zfs.existsSync(roots.jails)) continue
    const found = host.zfs.listSync({
      root: roots.jails,
      types: ['filesystem', 'snapshot'],
      properties: ['clones', 'mounted'],
    })
    const names = new Set(found.map(({ name }) => name))
    for (const dataset of found) {
      const { name, type } = dataset
      if ([...busy].some((each) => name === each || name.startsWith(`${each}/`) || name.startsWith(`${each}@`)))
        continue
      if (type === 'snapshot') yield* snapshot(host, dataset)
      else if (isBeside(name, roots.jails)) yield* jail(host, { source, dataset, names })
    }
  }
}

function* jail(
  host: HostBase,
  { source, dataset, names }: { source: string; dataset: Dataset; names: ReadonlySet<string> },
): Generator<Finding> {
  const name = dataset.name.slice(dataset.name.lastIndexOf('/') + 1)
  if (/-replaced\d{17}$/.test(name)) {
    const message = 'it was set aside to be replaced, and the replacement was not finished'
    return yield { kind: 'replaced-dataset', subject: dataset.name, message, remedy: null }
  }
  if (!isJailName(name)) return
  const found = new JailBase({ name }, { host, rootDatasetsName: source })
  const remedy = remedyOn(host, (on, options) => destroy(found.on(on), { ...options, forceStop: true }))
  const subject = found.fullName
  try {
    if (dataset.properties.mounted?.value === false) return
    if (found.config.format === null) {
      const message = `${dataset.name} has no ${found.configFile}, and no configuration in another format`
      return yield { kind: 'jail-without-config', subject, message, remedy }
    }
  } catch (error) {
    if (!(error instanceof IocError)) throw error
    return yield { kind: 'unreadable-config', subject, message: error.message, remedy: null }
  }
  if (names.has(`${dataset.name}/root`)) return
  yield { kind: 'jail-without-root', subject, message: `${dataset.name} has no dataset root below it`, remedy }
}

/** Snapshots that were made for a clone go with it; one that nothing was cloned from was left over. */
function* snapshot(host: HostBase, { name, properties }: Dataset): Generator<Finding> {
  if (!/@clone\d{23}$/.test(name)) return
  const clones = properties.clones?.value
  if (Array.isArray(clones) && clones.length > 0) return
  const remedy = remedyOn(host, (on, options) =>
    on.operation('ZFSSnapshotDestroy', (s) => s.host.destroySnapshots({ names: [name], defer: true }), {
      ...options,
      identifier: name,
    }),
  )
  yield { kind: 'orphaned-snapshot', subject: name, message: 'it was made for a clone, and there is none', remedy }
}

function* leftovers(host: HostBase): Generator<Finding> {
  for (const name of host.platform.listLeftovers()) {
    const jail = jailOf(host, name)
    if (jail?.exists && jail.ended) {
      const message = 'it has ended by itself: what it was given was not taken back, and its exec_poststop has not run'
      const remedy = remedyOn(host, (on, options) => stop(jail.on(on), { ...options, force: true }))
      yield { kind: 'jail-leftover', subject: jail.fullName, message, remedy }
      continue
    }
    const message = `jail ${name} does not run, and something is left of it: its process or its removal ended half-way`
    const remedy = remedyOn(host, (on, options) =>
      on.operation('JailRemove', (s) => s.host.removeJail({ name }), { ...options, identifier: name }),
    )
    yield { kind: 'jail-leftover', subject: name, message, remedy }
  }
}

function* lost(host: HostBase): Generator<Finding> {
  for (const { name } of host.platform.listJails()) {
    const jail = jailOf(host, name)
    if (!jail || jail.exists) continue
    const message = `it runs, and there is no dataset ${jail.datasetName} any more`
    const remedy = remedyOn(host, (on, options) => stop(jail.on(on), options))
    yield { kind: 'jail-without-dataset', subject: jail.fullName, message, remedy }
  }
}

/** The jail that has this identifier (`NamedJail.identifier`), there or not; null for a source that the host does not have. */
function jailOf(host: HostBase, identifier: string): JailBase | null {
  const { source, name } = parseIdentifier(identifier) ?? {}
  if (!name || !isJailName(name) || !source || !host.datasets.get(source)) return null
  return new JailBase({ name }, { host, rootDatasetsName: source })
}

function* locks(host: HostBase): Generator<Finding> {
  const directory = join(host.runDirectory, 'locks')
  if (!existsSync(directory)) return
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.lock'))) {
    const path = join(directory, file)
    if (isLocked(path, 'shared') || !existsSync(path)) continue
    const dataset = decode(file.slice(0, -'.lock'.length))
    // Who takes it and gives it back removes it.
    const remedy =
      dataset === null
        ? null
        : remedyOn(host, (on, options) =>
            on.operation('HostEvent', (s) => void s.use(on.lock(dataset, 'removal of a stale lock')), options),
          )
    yield { kind: 'stale-lock', subject: path, message: 'its holder has died; it hinders nobody', remedy }
  }
}

function decode(name: string): string | null {
  try {
    return decodeURIComponent(name)
  } catch {
    return null
  }
}

function isBeside(name: string, jails: string): boolean {
  return name.startsWith(`${jails}/`) && !name.slice(jails.length + 1).includes('/')
}
