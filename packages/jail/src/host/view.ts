import { lstatSync } from 'node:fs'
import { readTextFile } from '../config/json.ts'
import { readTextBeneath } from './beneath.ts'

/** The files of a host as verbs may ask for them: in a plan, as they would be. */
export interface HostFiles {
  /**
   * Null when there is none. `below`: the root of a jail; no link between it and the file is followed.
   * Throws JailConfigUnreadable; with `below`, InsecureJailPath.
   */
  readText(path: string, below?: string): string | null
  /** Whether there is anything of that name, also a link that leads nowhere. */
  exists(path: string): boolean
}

export const realFiles: HostFiles = {
  readText: (path, below) => (below === undefined ? readTextFile(path) : readTextBeneath(below, path)),
  exists: (path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined,
}
