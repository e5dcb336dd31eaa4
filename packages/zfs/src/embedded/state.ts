import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { poolOf } from '../names.ts'
import { EmbeddedStateInvalid, isFileError } from './errors.ts'

/** Local values of properties, by name. */
export type Values = Readonly<Record<string, string>>

/** A bookmark: what is left to send from when the snapshot is gone. */
export interface BookmarkRecord {
  /** What is behind the `#`. */
  readonly name: string
  /** Of the snapshot, as `identityOf` has it. */
  readonly guid: string
  readonly createtxg: number
  readonly creation: number
}

export interface SnapshotRecord {
  /** What is behind the `@`. */
  readonly name: string
  /** Unsigned 64-bit number in decimal: also the name of the directory that holds the files. */
  readonly guid: string
  /** The guid of the sent snapshot that this is, where another snapshot in this directory has that as its own. */
  readonly received?: string
  readonly createtxg: number
  /** Seconds since 1970. */
  readonly creation: number
  /** Bytes that its files took when it was made. */
  readonly referenced: number
  readonly values: Values
  /** Tag and time in seconds since 1970. A list, because a tag may be `__proto__`. */
  readonly holds: readonly (readonly [tag: string, since: number])[]
  /** Marked to be destroyed as soon as no clone and no hold needs it. */
  readonly deferred: boolean
}

export interface DatasetRecord {
  readonly name: string
  readonly type: 'filesystem' | 'volume'
  readonly guid: string
  readonly createtxg: number
  readonly creation: number
  /** The guid of the snapshot that this is a clone of. */
  readonly origin?: string
  readonly values: Values
  /** Of a pool's root filesystem: properties of the pool itself that were set. */
  readonly pool?: Values
  /** In the order of their creation. */
  readonly snapshots: readonly SnapshotRecord[]
  readonly bookmarks?: readonly BookmarkRecord[]
  /** Where it is mounted. */
  readonly mounted?: string
  /** The transaction that mounted or unmounted it last: whoever copies sees from it that the files were moved. */
  readonly placed: number
}

/** What identifies a snapshot wherever it is received: the property `guid`. */
export function identityOf({ guid, received }: SnapshotRecord): string {
  return received ?? guid
}

/** A snapshot with the dataset that it belongs to. */
export interface Found {
  readonly dataset: DatasetRecord
  readonly snapshot: SnapshotRecord
}

const byName = (a: DatasetRecord, b: DatasetRecord): number => (a.name < b.name ? -1 : 1)

/** Everything the embedded ZFS knows. Records are never changed: a change is a new record in a new state. */
export class State {
  /** Made once for a directory. */
  readonly id: string
  /** Number of the last transaction. */
  readonly txg: number
  protected readonly records: Map<string, DatasetRecord>

  constructor(id: string, txg: number, records: Iterable<readonly [string, DatasetRecord]>) {
    this.id = id
    this.txg = txg
    this.records = new Map(records)
  }

  /** All datasets in the order of their names, as `zfs list` has them. */
  all(): DatasetRecord[] {
    return [...this.records.values()].sort(byName)
  }

  entries(): Iterable<readonly [string, DatasetRecord]> {
    return this.records
  }

  dataset(name: string): DatasetRecord | undefined {
    return this.records.get(name)
  }

  hasPool(name: string): boolean {
    return this.records.has(poolOf(name))
  }

  /** A snapshot by its full name. */
  snapshot(name: string): Found | undefined {
    const [filesystem = '', short] = name.split('@', 2)
    const dataset = this.records.get(filesystem)
    const snapshot = dataset?.snapshots.find((candidate) => candidate.name === short)
    return dataset && snapshot && { dataset, snapshot }
  }

  snapshotOf(guid: string): Found | undefined {
    for (const dataset of this.records.values()) {
      const snapshot = dataset.snapshots.find((candidate) => candidate.guid === guid)
      if (snapshot) return { dataset, snapshot }
    }
    return undefined
  }

  clonesOf(snapshotGuid: string): DatasetRecord[] {
    return [...this.records.values()].filter((record) => record.origin === snapshotGuid).sort(byName)
  }

  /** Everything below a dataset, without it. */
  descendants(name: string): DatasetRecord[] {
    return [...this.records.values()].filter((record) => record.name.startsWith(`${name}/`)).sort(byName)
  }
}

/** A state while a transaction changes it. */
export class Draft extends State {
  #changed = false

  constructor(from: State) {
    super(from.id, from.txg + 1, from.entries())
  }

  get changed(): boolean {
    return this.#changed
  }

  put(record: DatasetRecord): void {
    this.records.set(record.name, record)
    this.#changed = true
  }

  remove(name: string): void {
    this.records.delete(name)
    this.#changed = true
  }

  /** Replaces one snapshot of a dataset, or removes it. */
  putSnapshot({ dataset, snapshot }: Found, changed: SnapshotRecord | undefined): void {
    const current = this.records.get(dataset.name) as DatasetRecord
    const snapshots = current.snapshots.flatMap((candidate) =>
      candidate.guid !== snapshot.guid ? candidate : (changed ?? []),
    )
    this.put({ ...current, snapshots })
  }
}

const FORMAT = 'gaoler embedded zfs 1'

// A record never changes, so the text of one that was written or read before is known.
const texts = new WeakMap<DatasetRecord, string>()

function textOf(record: DatasetRecord): string {
  let text = texts.get(record)
  if (text === undefined) {
    text = JSON.stringify(record)
    texts.set(record, text)
  }
  return text
}

const headOf = ({ id, txg }: State): string => JSON.stringify([FORMAT, id, txg])

/** The state as a file: a line that says what it is, then a line of JSON for each dataset. */
export function encode(state: State): string {
  const lines = [headOf(state)]
  for (const [, record] of state.entries()) lines.push(textOf(record))
  return `${lines.join('\n')}\n`
}

/** Reads the state file; `cached` is returned when it is still the same. Throws EmbeddedStateInvalid. */
export function readState(path: string, cached: State): State {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return new State('', 0, [])
    throw error
  }
  try {
    // No two states have the same first line.
    const head = Buffer.from(`${headOf(cached)}\n`)
    const start = Buffer.alloc(head.length)
    readSync(file, start, 0, head.length, 0)
    return head.equals(start) ? cached : decode(readFileSync(file, 'utf8'), cached)
  } catch (cause) {
    if (isFileError(cause)) throw cause
    throw new EmbeddedStateInvalid({ path, reason: (cause as Error).message }, { cause })
  } finally {
    closeSync(file)
  }
}

function decode(text: string, cached: State): State {
  const known = new Map<string, DatasetRecord>()
  for (const [, record] of cached.entries()) known.set(textOf(record), record)
  const [head = '', ...lines] = text.split('\n')
  const [format, id, txg] = JSON.parse(head) as [string, string, number]
  if (format !== FORMAT) throw new Error(`its format is not "${FORMAT}"`)
  // Every write ends with a newline: without it the file was cut.
  if (lines.pop() !== '') throw new Error('its last line is not complete')
  const records = lines.map((line) => {
    const record = known.get(line) ?? (JSON.parse(line) as DatasetRecord)
    texts.set(record, line)
    return [record.name, record] as const
  })
  return new State(id, txg, records)
}
