import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { decode } from '../nvlist/index.ts'
import type { NvList } from '../nvlist/types.ts'

// Four copies of 256 KiB, two at each end of a device (the size is rounded down to whole labels). In each, after 16 KiB,
// 112 KiB of a packed list, and behind that its checksum: "ZFS On-Disk Specification", chapter 1; sys/vdev_impl.h.
const LABEL = 262_144
const LIST_AT = 16_384
const LIST_LENGTH = 114_688

/** What a reader wants next; the drivers answer with the parts that could be read. */
type Reading<R> = Generator<string, R, readonly Buffer[]>

/** The newest label of a device, or undefined where there is none. Reads nothing else of it. */
export function* labelOf(path: string): Reading<NvList | undefined> {
  let newest: NvList | undefined
  for (const bytes of yield path) {
    const label = parse(bytes)
    if (label && (newest === undefined || txgOf(label) > txgOf(newest))) newest = label
  }
  return newest
}

function parse(bytes: Buffer): NvList | undefined {
  try {
    return decode(bytes)
  } catch {
    // Anything may be on a device.
    return undefined
  }
}

const txgOf = (label: NvList): bigint => {
  const txg = label.get('txg')
  return typeof txg === 'bigint' ? txg : 0n
}

/** Where the lists are: of a device whose size is not known, those at its beginning. */
function positions(size: number | undefined): number[] {
  if (size === undefined) return [LIST_AT, LABEL + LIST_AT]
  const whole = Math.floor(size / LABEL) * LABEL
  return whole < 4 * LABEL ? [] : [0, LABEL, whole - 2 * LABEL, whole - LABEL].map((at) => at + LIST_AT)
}

/** Runs a reader without blocking. */
export async function readLabels<R>(reader: Reading<R>): Promise<R> {
  let step = reader.next()
  while (!step.done) step = reader.next(await parts(step.value))
  return step.value
}

/** The same, blocking. */
export function readLabelsSync<R>(reader: Reading<R>): R {
  let step = reader.next()
  while (!step.done) step = reader.next(partsSync(step.value))
  return step.value
}

async function parts(path: string): Promise<Buffer[]> {
  const found: Buffer[] = []
  try {
    await using file = await open(path, 'r')
    const stats = await file.stat()
    for (const position of positions(stats.isFile() ? stats.size : undefined)) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(LIST_LENGTH), 0, LIST_LENGTH, position)
      if (bytesRead === LIST_LENGTH) found.push(buffer)
    }
  } catch {
    // A device that cannot be read has nothing to import.
  }
  return found
}

function partsSync(path: string): Buffer[] {
  const found: Buffer[] = []
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    const stats = fstatSync(fd)
    for (const position of positions(stats.isFile() ? stats.size : undefined)) {
      const buffer = Buffer.alloc(LIST_LENGTH)
      if (readSync(fd, buffer, 0, LIST_LENGTH, position) === LIST_LENGTH) found.push(buffer)
    }
  } catch {
    // As above.
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
  return found
}
