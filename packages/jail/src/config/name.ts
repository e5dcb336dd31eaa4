import { randomUUID } from 'node:crypto'
import { InvalidJailName } from './errors.ts'

/** Unambiguous at every character, so that the time to match grows with the length and no faster. */
const NAME = /^[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*$/
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Longer names do not fit into libioc's and iocage's limits. */
const MAX_NAME = 31

/** Throws InvalidJailName. What ZFS refuses in a dataset's name (`!`, `(`, `<` …) is refused here, before anything is done. */
export function checkJailName(name: string): string {
  if (!isJailName(name)) {
    throw new InvalidJailName({ name: String(name).slice(0, 300) })
  }
  return name
}

export function isUuid(name: string): boolean {
  return UUID.test(name)
}

export function isJailName(name: string): boolean {
  return typeof name === 'string' && (UUID.test(name) || (name.length <= MAX_NAME && NAME.test(name)))
}

/** A name for a jail that was given none. */
export function randomJailName(): string {
  return randomUUID()
}

/** A UUID is shown by its first eight characters, any other name whole. */
export function humanReadableName(name: string): string {
  return UUID.test(name) ? name.slice(0, 8) : name
}
