import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EmbeddedStateDamaged } from './errors.ts'
import { createFile, readText } from './files.ts'

/** The host's UUID: of /etc/machine-id where there is one, else made once for `directory`. */
export function hostUuid(directory: string, machineId: string = '/etc/machine-id'): string {
  const digits = readText(machineId)?.trim().toLowerCase() ?? ''
  if (/^[0-9a-f]{32}$/.test(digits)) return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const path = join(directory, 'host-uuid')
  if (readText(path) === null) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    createFile(path, `${randomUUID()}\n`)
  }
  const uuid = readText(path)?.trim() ?? ''
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) {
    throw new EmbeddedStateDamaged({ path, reason: 'it is not a UUID' })
  }
  return uuid
}
