import { lstatSync } from 'node:fs'
import { readTextFile } from '../config/json.ts'
import { kindBeneath, missingBeneath, readTextBeneath } from './beneath.ts'

/** The files of a host as verbs may ask for them: in a plan, as they would be. */
export interface HostFiles {
  /**
   * Null when there is none. `below`: the root of a jail; no link between it and the file is followed.
   * Throws JailConfigUnreadable; with `below`, InsecureJailPath.
   */
  readText(path: string, below?: string): string | null
  /** Whether there is anything of that name, also a link that leads nowhere. */
  exists(path: string): boolean
  /** The directories that are missing on the way to `path`, which is in the root `below` of a jail, itself included, outermost first. Throws InsecureJailPath. */
  missing(path: string, below: string): string[]
  /** What is at a path in the root `below` of a jail. Throws InsecureJailPath where a link is at it or on the way. */
  kind(path: string, below: string): 'directory' | 'file' | null
}

export const realFiles: HostFiles = {
  readText: (path, below) => (below === undefined ? readTextFile(path) : readTextBeneath(below, path)),
  exists: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
  missing: (path, below) => missingBeneath(below, path),
  kind: (path, below) => kindBeneath(below, path),
}
