import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { HostGenerator } from '@gaoler/jail'

/**
 * Runs `body` on a host whose directory is a copy of this one, at the same path; afterwards the real one is there again.
 * The copy is what a process that dies at this moment leaves of an embedded host: all its files, and none of its locks.
 */
export async function inImage<T>(directory: string, body: (host: HostGenerator) => Promise<T>): Promise<T> {
  const live = `${directory}-${process.hrtime.bigint()}`
  const image = `${live}.image`
  copyTree(directory, image)
  // Who works in the real one is waiting for us, and has its files open.
  renameSync(directory, live)
  renameSync(image, directory)
  try {
    // Opened anew: what a host remembers is of another state with the same number.
    return await body(HostGenerator.open({ platform: 'embedded', directory }))
  } finally {
    rmSync(directory, { recursive: true, force: true })
    renameSync(live, directory)
  }
}

function copyTree(from: string, to: string): void {
  mkdirSync(to)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyTree(source, target)
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    else copyFileSync(source, target)
  }
  chmodSync(to, lstatSync(from).mode & 0o7777)
}
