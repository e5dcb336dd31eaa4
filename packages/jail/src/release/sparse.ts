import { Refusal } from './names.ts'
import type { NewFile } from './new-file.ts'

/** A file whose holes the archive leaves out, as PAX archives of bsdtar and GNU tar have them. */
export interface SparseFile {
  readonly name: string
  /** Size in bytes with the holes. */
  readonly size: number
}

/** Size of the list of regions that is still believed. */
const maximumMap = 8 << 20

/**
 * What the PAX attributes say of a sparse file; undefined for any other file.
 * Format: "GNU sparse 1.0", section "Storing Sparse Files" of the GNU tar manual. Throws Refusal for older versions.
 */
export function sparseFile(pax: Readonly<Record<string, string>> = {}): SparseFile | undefined {
  if (!Object.keys(pax).some((key) => key.startsWith('GNU.sparse.'))) return undefined
  const version = `${pax['GNU.sparse.major']}.${pax['GNU.sparse.minor']}`
  if (version !== '1.0') throw new Refusal('it is a sparse file in another format than GNU sparse 1.0')
  const name = pax['GNU.sparse.name']
  const size = Number(pax['GNU.sparse.realsize'])
  if (name === undefined || !Number.isSafeInteger(size) || size < 0)
    throw new Refusal('it is a sparse file without size')
  return { name, size }
}

/** Spreads the content of a sparse file: its list of regions comes first, in whole blocks of 512 bytes. */
export class SparseWriter {
  readonly #file: NewFile
  readonly #size: number
  #head: Uint8Array = Buffer.alloc(0)
  #regions: { at: number; left: number }[] | undefined

  constructor(file: NewFile, size: number) {
    this.#file = file
    this.#size = size
  }

  write(chunk: Uint8Array): void {
    if (this.#regions) {
      this.#spread(chunk)
      return
    }
    this.#head = Buffer.concat([this.#head, chunk])
    if (this.#head.length > maximumMap) throw new Refusal('it is a sparse file with too many regions')
    const content = this.#readMap()
    if (content) this.#spread(content)
  }

  complete(): void {
    if (!this.#regions || this.#regions.length > 0) throw new Refusal('it is a sparse file that lacks content')
    this.#file.truncate(this.#size)
    this.#file.complete()
  }

  /** Reads the list once it is complete, and returns what follows it. */
  #readMap(): Uint8Array | undefined {
    const numbers: number[] = []
    let start = 0
    // The first number says how many pairs of offset and size follow.
    while (numbers.length === 0 || numbers.length < 1 + 2 * (numbers[0] as number)) {
      const end = this.#head.indexOf(0x0a, start)
      if (end === -1) return undefined
      const text = Buffer.from(this.#head.subarray(start, end)).toString('latin1')
      if (!/^\d{1,15}$/.test(text)) throw new Refusal('it is a sparse file with a damaged list of regions')
      numbers.push(Number(text))
      start = end + 1
    }
    const content = Math.ceil(start / 512) * 512
    if (this.#head.length < content) return undefined
    this.#regions = this.#check(numbers.slice(1))
    return this.#head.subarray(content)
  }

  #check(numbers: readonly number[]): { at: number; left: number }[] {
    const regions: { at: number; left: number }[] = []
    let end = 0
    for (let index = 0; index < numbers.length; index += 2) {
      const [at, left] = numbers.slice(index, index + 2) as [number, number]
      if (at < end || at + left > this.#size) throw new Refusal('it is a sparse file with regions that overlap')
      end = at + left
      // An empty one at the end only marks the size.
      if (left > 0) regions.push({ at, left })
    }
    return regions
  }

  #spread(chunk: Uint8Array): void {
    let rest = chunk
    while (rest.length > 0) {
      const region = this.#regions?.[0]
      if (!region) throw new Refusal('it is a sparse file with more content than regions')
      const part = rest.subarray(0, region.left)
      this.#file.writeAt(part, region.at)
      region.at += part.length
      region.left -= part.length
      if (region.left === 0) this.#regions?.shift()
      rest = rest.subarray(part.length)
    }
  }
}
