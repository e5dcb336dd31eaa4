import { readFileSync } from 'node:fs'
import { JailConfigUnreadable } from './errors.ts'

/** Reads a file; null when there is none. */
export function readTextFile(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new JailConfigUnreadable({ file, reason: message }, { cause: error })
  }
}
