import { FstabDestinationExists, InvalidFstabLine, VirtualFstabLineHasNoRealIndex } from './errors.ts'
import { type FstabEntry, type FstabLine, formatEntry, parseLine, writtenAs } from './line.ts'

export interface AddOptions {
  /** What has the same destination stays, and nothing is added. */
  readonly skipExisting?: boolean
  /** What has the same destination is replaced. */
  readonly replace?: boolean
}

/** The lines of an fstab. It is a value: what changes it gives a new one. */
export class Fstab implements Iterable<FstabLine> {
  /** Where it is kept, for messages. */
  readonly file: string
  /** Everything that is in the file, comments included, in order. */
  readonly entries: readonly FstabEntry[]

  constructor(file: string, entries: readonly FstabEntry[] = []) {
    this.file = file
    this.entries = entries
  }

  /** Reads the text of an fstab; nothing is refused and nothing lost. Of lines with one destination the first is good. */
  static parse(text: string, file: string): Fstab {
    let placed = false
    const entries = text
      .replace(/\n$/, '')
      .split('\n')
      .flatMap((line): FstabEntry[] => {
        const entry = parseLine(line)
        if (entry.kind !== 'automatic') return [entry]
        if (placed) return []
        placed = true
        return [entry]
      })
    return new Fstab(file, text === '' ? [] : unique(entries))
  }

  /** The lines that mount something. */
  get lines(): FstabLine[] {
    return this.entries.filter((entry) => entry.kind === 'mount')
  }

  get length(): number {
    return this.lines.length
  }

  [Symbol.iterator](): ArrayIterator<FstabLine> {
    return this.lines[Symbol.iterator]()
  }

  /** The index of the line with that destination; -1 when there is none. */
  indexOf(destination: string): number {
    return this.lines.findIndex((line) => line.destination === destination)
  }

  /** Throws FstabDestinationExists. */
  add(line: FstabLine, { skipExisting = false, replace = false }: AddOptions = {}): Fstab {
    const there = this.lines.find(({ destination }) => destination === line.destination)
    if (!there) return new Fstab(this.file, [...this.entries, line])
    if (replace)
      return new Fstab(
        this.file,
        this.entries.map((entry) => (entry === there ? line : entry)),
      )
    if (skipExisting) return this
    throw new FstabDestinationExists({ file: this.file, mountpoint: line.destination })
  }

  /** Without the line at `index` of `lines`. Throws VirtualFstabLineHasNoRealIndex. */
  remove(index: number): Fstab {
    const line = this.lines[index]
    if (!line) throw new VirtualFstabLineHasNoRealIndex({ file: this.file, line: String(index) })
    return new Fstab(
      this.file,
      this.entries.filter((entry) => entry !== line),
    )
  }

  /** With another beginning in every source and destination that begins with the whole names of `from`; itself if none does. */
  replacePath(from: string, to: string): Fstab {
    const moved = (path: string): string => {
      return path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path
    }
    return this.#map((line) => {
      const [source, destination] = [moved(line.source), moved(line.destination)]
      return source === line.source && destination === line.destination ? line : { ...line, source, destination }
    })
  }

  /** With every destination below `root`, as jails need it: what is not below it is taken as a path in the jail. */
  below(root: string): Fstab {
    const placed = this.#map((line) => {
      const inside = line.destination === root || line.destination.startsWith(`${root}/`)
      return inside ? line : writtenAs({ ...line, destination: root + line.destination }, line)
    })
    // What was written as two places may be one.
    return placed === this ? this : new Fstab(this.file, unique(placed.entries))
  }

  /** Throws InvalidFstabLine when a line could not be read: to leave it out would be to mount less than was asked for. */
  requireReadable(): this {
    const wrong = this.entries.find((entry) => entry.kind === 'malformed')
    if (wrong) throw new InvalidFstabLine({ file: this.file, line: wrong.text.trim(), reason: wrong.reason })
    return this
  }

  /** The text of the file. */
  toString(): string {
    return this.entries
      .map(formatEntry)
      .filter((line) => line !== null)
      .map((line) => `${line}\n`)
      .join('')
  }

  #map(change: (line: FstabLine) => FstabLine): Fstab {
    const entries = this.entries.map((entry) => (entry.kind === 'mount' ? change(entry) : entry))
    return entries.every((entry, index) => entry === this.entries[index]) ? this : new Fstab(this.file, entries)
  }
}

/** Of lines with one destination the first is good. */
function unique(entries: readonly FstabEntry[]): FstabEntry[] {
  const seen = new Set<string>()
  return entries.map((entry) => {
    if (entry.kind !== 'mount') return entry
    const reason = `a line above it mounts at ${entry.destination} already`
    if (seen.has(entry.destination)) return { kind: 'malformed', text: formatEntry(entry) ?? '', reason }
    seen.add(entry.destination)
    return entry
  })
}
