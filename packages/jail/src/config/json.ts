import { isUtf8 } from 'node:buffer'
import { existsSync, readFileSync } from 'node:fs'
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

/** Whether `text` is all that the file holds: bytes that are not UTF-8 are lost when they are read as it. */
export function isWhole(text: string, file: string): boolean {
  return !text.includes('\ufffd') || !existsSync(file) || isUtf8(readFileSync(file))
}
