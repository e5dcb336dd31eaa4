import { readFileSync } from 'node:fs'
import { UsageError } from '@gaoler/core'
import { checkName, isFilesystemName, type PropertyValue, type Zfs } from '@gaoler/zfs'
import { isErrno } from '../errno.ts'
import { InvalidRcConf, InvalidSourceName, SourceNotFound } from './errors.ts'
import { parseRcConf } from './rc-conf.ts'

/** The ZFS property that makes a pool the one that holds jails (libioc's). */
export const ACTIVE = 'org.freebsd.ioc:active'

/** The name of the source that an active pool is. */
const POOL_SOURCE = 'ioc'

const RC_KEY = /^ioc_dataset_(.+)$/

/** What said where jails live. */
export type SourceOrigin = 'explicit' | 'rc.conf' | 'pool'

export interface FoundSources {
  readonly origin: SourceOrigin | null
  /** The names of root datasets by the names of the sources; the first is the main one. */
  readonly sources: ReadonlyMap<string, string>
}

export interface SourceOptions {
  readonly sources?: Readonly<Record<string, string>>
  /** Path of a file in the syntax of rc.conf(5). */
  readonly rcConf: string
}

/** Looks for sources: those that were given, else those of rc.conf, else the active pool. */
export function findSources(zfs: Zfs, { sources, rcConf }: SourceOptions): FoundSources {
  if (sources) {
    const given = new Map(Object.entries(sources).map(checkSource))
    const twice = sameDataset(given)
    if (twice) throw new UsageError(`the sources ${twice.join(' and ')} are the same dataset: give each its own`)
    return { origin: 'explicit', sources: given }
  }
  const configured = readRcSources(rcConf)
  if (configured.size > 0) return { origin: 'rc.conf', sources: configured }
  const pool = findActivePool(zfs)
  return pool === null
    ? { origin: null, sources: new Map() }
    : { origin: 'pool', sources: new Map([[POOL_SOURCE, `${pool}/iocage`]]) }
}

/** The pool whose property says that it holds jails; null when there is none. */
function findActivePool(zfs: Zfs): string | null {
  const pools = zfs.listSync({ depth: 0, types: ['filesystem'], properties: [ACTIVE] })
  return pools.find(({ properties }) => isActive(properties[ACTIVE].value))?.name ?? null
}

export function isActive(value: PropertyValue | undefined): boolean {
  return typeof value === 'string' && /^(?:yes|true|on|1)$/i.test(value)
}

function checkSource([name, dataset]: readonly [string, string]): [string, string] {
  checkName(dataset, 'filesystem')
  return [checkSourceName(name), dataset]
}

/** Two sources that have one dataset, if there are any: each of its jails would be there twice. */
function sameDataset(sources: ReadonlyMap<string, string>): [string, string] | null {
  const names = new Map<string, string>()
  for (const [name, dataset] of sources) {
    const other = names.get(dataset)
    if (other !== undefined) return [other, name]
    names.set(dataset, name)
  }
  return null
}

/** Returns `name`; throws InvalidSourceName: letters and digits, single `-` or `_` between them. */
export function checkSourceName(name: string): string {
  if (!isSourceName(name)) throw new InvalidSourceName({ name: name.slice(0, 300) })
  return name
}

export function isSourceName(name: string): boolean {
  return name.length <= 31 && /^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/.test(name)
}

/** Returns `name`; throws SourceNotFound when it is none of `known`. */
export function requireSource(name: string, known: { has(name: string): boolean }): string {
  if (!known.has(name)) throw new SourceNotFound({ name })
  return name
}

function readRcSources(file: string): Map<string, string> {
  const sources = new Map<string, string>()
  for (const [key, dataset] of parseRcConf(readOrEmpty(file), file)) {
    const name = RC_KEY.exec(key)?.[1]
    if (name === undefined) continue
    if (dataset === null || !isFilesystemName(dataset)) {
      throw new InvalidRcConf({ file, line: null, reason: `${key} is not the name of a dataset, written out` })
    }
    sources.set(checkSourceName(name), dataset)
  }
  const twice = sameDataset(sources)
  if (twice) {
    const reason = `${twice.map((name) => `ioc_dataset_${name}`).join(' and ')} are the same dataset`
    throw new InvalidRcConf({ file, line: null, reason })
  }
  return sources
}

/** Whether rc.conf asks for what basejails of the type zfs need, as rc.subr(8) reads a switch. */
export function hasLegacySupport(file: string): boolean {
  return isActive(parseRcConf(readOrEmpty(file), file).get('ioc_legacy_support') ?? undefined)
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return ''
    throw new InvalidRcConf({ file, line: null, reason: (error as Error).message }, { cause: error })
  }
}
