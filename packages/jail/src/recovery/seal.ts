import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

type Values = Readonly<Record<string, string>>

const CIPHER = 'aes-256-gcm'
const [KEY, NONCE, TAG] = [32, 12, 16]

/**
 * Values that a journal keeps and that may be secret, readable only with the key in `keyFile`. That file is where a reboot
 * empties the directory: what lies on a disk, in its snapshots and backups, tells nothing.
 */
export function seal(keyFile: string, values: Values): string {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv(CIPHER, readKey(keyFile) ?? makeKey(keyFile), nonce)
  const text = Buffer.concat([cipher.update(JSON.stringify(values)), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
}

/** Null when the key is gone, or another one. */
export function openSealed(keyFile: string, sealed: string): Values | null {
  const key = readKey(keyFile)
  if (key === null) return null
  const bytes = Buffer.from(sealed, 'base64')
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
    return JSON.parse(`${decipher.update(bytes.subarray(NONCE + TAG))}${decipher.final()}`)
  } catch {
    return null
  }
}

function readKey(path: string): Buffer | null {
  try {
    const key = readFileSync(path)
    return key.length === KEY ? key : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Whole from its first moment, whoever makes it at the same time. */
function makeKey(path: string): Buffer {
  mkdirSync(dirname(path), { recursive: true })
  const unfinished = `${path}.${randomBytes(8).toString('hex')}`
  writeFileSync(unfinished, randomBytes(KEY), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(unfinished, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(unfinished)
  }
  return readFileSync(path)
}
